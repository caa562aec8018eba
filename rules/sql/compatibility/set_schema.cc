// set-schema: an object moves to another schema; its qualified name is gone.
#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kSetSchema;

namespace {

void Check(const StatementContext& context) {
  const auto& move = context.statement.As<sql::SetSchema>();
  const NameKind kind = KindOf(move.type);
  if (kind == NameKind::kOther && move.type != sql::ObjectType::kCollation) return;
  if (!OthersKnow(context, kind, move.name)) return;
  if (!move.name.schema.empty() && move.name.schema == move.new_schema) return;
  const sql::Name new_name = {move.new_schema, move.name.name, {}};
  const sql::Name old_name = {move.name.schema.empty() ? std::string_view("public") : move.name.schema, move.name.name, {}};
  if (FreedBefore(context, kind, new_name)) return;
  const CompatibilityView view = FindCompatibilityView(context, old_name, new_name);
  if (view.updatable) return;
  const LaterStatement again = view.statement == nullptr ? GivenLater(context, kind, old_name) : LaterStatement();
  if (again.same_transaction) return;

  const std::string name = Quoted(move.name);
  FindingBuilder f = context.Report(kSetSchema, NameSpan(context, move.name),
                                    absl::StrCat("moving ", Words(move.type), " ", name, " to schema `", move.new_schema, "` breaks code that is still running"));
  if (view.statement != nullptr) {
    f.AtSeverity(Severity::kNote);
    f.Why(absl::StrCat("the view on ", AtLine(context, *view.statement), " keeps reads going, but it is not a plain SELECT: old code that writes fails, or sees other rows"));
    f.Help(absl::StrCat("make the view SELECT * FROM ", sql::ToString(new_name), ", through which writes pass, until no old code runs any more"));
  } else if (again.statement != nullptr) {
    f.Why(absl::StrCat("the name comes back on ", AtLine(context, *again.statement), ", but each statement commits on its own: until then code that uses ", name, " fails"));
    f.Help("put both statements into one transaction");
  } else {
    f.Why(absl::StrCat("from the moment of commit ", name, " is found neither by its qualified name nor along a search_path without `", move.new_schema, "`, and privileges on the new schema are checked too"));
    f.Help(kind == NameKind::kRelation && move.type != sql::ObjectType::kSequence
               ? absl::StrCat("in the same transaction leave a view behind: CREATE VIEW ", sql::ToString(old_name), " AS SELECT * FROM ", sql::ToString(new_name), "; drop it when no code uses the old name")
               : absl::StrCat("add `", move.new_schema, "` to the search_path of every role that uses ", name, " (ALTER ROLE ... SET search_path) and grant USAGE on it before this migration; qualified names must be changed in the code"));
  }
  if (const Effect* effect = context.EffectOn(context.catalog.Resolve(move.name))) f.Lock(*effect);
}

}  // namespace

constinit const Rule kSetSchema = {
    .info = {
        .name = "set-schema",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kWarning,
        .summary = "an object moves to another schema while code that knows the old place runs",
        .page = {
            .what = "`ALTER ... SET SCHEMA` changes the qualified name of a table, view, sequence, type, function or extension. Indexes, constraints and owned sequences of a table move along.",
            .why = "Code that is still running looks in the old schema, by name or along its search_path, and finds nothing. Roles without USAGE on the new schema get \"permission denied\".",
            .instead = "Leave a view of the old name behind in the same transaction (`CREATE VIEW public.orders AS SELECT * FROM archive.orders`) and drop it later. For types and functions first add "
                       "the new schema to the search_path of every role that uses them, and grant USAGE on it.",
            .fix_safety = "",
            .versions = "",
            .limits = "What search_path the application runs with is not known. Silent where the same transaction leaves a plain view or another object under the old name.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET SCHEMA\n"
                          "PostgreSQL documentation, The Schema Search Path",
            .elsewhere = "squawk ban-set-schema; MigrationPilot MP098",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders SET SCHEMA archive;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "BEGIN;\n"
                    "ALTER TABLE orders SET SCHEMA archive;\n"
                    "CREATE VIEW orders AS SELECT * FROM archive.orders;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kSetSchema},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
