// rename-table: running code asks for the old name.
//
// A view, index, sequence or anything else under ALTER TABLE ... RENAME is rename-object's.
#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kRenameTable;

namespace {

// ALTER TABLE ... RENAME takes any relation.
bool IsTable(const StatementContext& context, const sql::Rename& r) {
  if (r.type != sql::ObjectType::kTable && r.type != sql::ObjectType::kForeignTable) return false;
  if (const CatalogTable* t = context.catalog.FindTable(r.name)) return t->type == sql::ObjectType::kTable || t->type == sql::ObjectType::kForeignTable;
  const CatalogIndex* index = nullptr;
  return context.catalog.FindIndex(r.name, &index) == nullptr && !context.catalog.HasSequence(r.name);
}

void Check(const StatementContext& context) {
  const auto& rename = context.statement.As<sql::Rename>();
  if (!IsTable(context, rename) || !OthersKnow(context, NameKind::kRelation, rename.name)) return;
  const sql::Name new_name = {rename.name.schema, rename.new_name, {}};
  // The other half of a swap, or what takes the place of a table dropped here (drop-table has spoken).
  if (FreedBefore(context, NameKind::kRelation, new_name)) return;
  const CompatibilityView view = FindCompatibilityView(context, rename.name, new_name);
  if (view.updatable) return;
  const LaterStatement again = view.statement == nullptr ? GivenLater(context, NameKind::kRelation, rename.name) : LaterStatement();
  if (again.statement != nullptr && again.same_transaction) return;  // a swap: the name lives on

  const std::string old_words = Quoted(rename.name), new_words = absl::StrCat("`", rename.new_name, "`");
  FindingBuilder f = context.Report(kRenameTable, rename.name.span, absl::StrCat("renaming table ", old_words, " to ", new_words, " breaks code that is still running"));
  const CatalogTable* table = context.catalog.FindTable(rename.name);
  if (view.statement != nullptr) {
    f.AtSeverity(Severity::kNote);
    f.Why(absl::StrCat("the view ", old_words, " on ", AtLine(context, *view.statement), " keeps reads going, but it is not a plain SELECT from ", new_words, ": old code that writes fails, or sees other rows"));
    f.Help(absl::StrCat("make the view `SELECT * FROM ", rename.new_name, "`, through which writes pass, until no old code runs any more"));
  } else if (again.statement != nullptr) {
    f.Why(absl::StrCat("the name comes back on ", AtLine(context, *again.statement), ", but each statement commits on its own: until then every query of ", old_words, " fails, and so it stays if the script stops in between"));
    f.Help("put both statements into one transaction");
  } else {
    if (table != nullptr && !table->partition_of.empty()) f.AtSeverity(Severity::kNote);  // read through its parent
    f.Why(absl::StrCat("from the moment of commit every query of the old code that names ", old_words, " fails with \"relation does not exist\", and so does new code that started before it"));
    f.Help(absl::StrCat("keep the old name alive for the deploy: in the same transaction CREATE VIEW ", sql::ToString(rename.name), " AS SELECT * FROM ", sql::ToString(new_name),
                        ", and drop the view in a later migration; or leave the name and change it only in the code"));
  }
  if (const Effect* effect = context.EffectOn(context.catalog.Resolve(rename.name))) f.Lock(*effect);
}

}  // namespace

constinit const Rule kRenameTable = {
    .info = {
        .name = "rename-table",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kWarning,
        .summary = "a table is renamed while code that knows the old name runs",
        .page = {
            .what = "`ALTER TABLE ... RENAME TO` takes the old name away at the moment of commit.",
            .why = "A deploy is never instant: old and new code run side by side, before or after the migration. Whichever does not know the name that holds gets an error for every query of "
                   "the table until it is replaced; and rolling the code back no longer works.",
            .instead = "Expand, switch, contract: rename the table and, in the same transaction, make a view of the old name (`CREATE VIEW users AS SELECT * FROM people`; such a view takes "
                       "writes too). Deploy the code that uses the new name, then drop the view. Or change the name only in the code.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where the same transaction makes a plain view of the old name, or gives the name to another table (a swap). Whether running code uses the table at all is not known; "
                      "a partition, which is read through its parent, is a note.",
            .references = "PostgreSQL documentation, ALTER TABLE, RENAME\n"
                          "PostgreSQL documentation, CREATE VIEW, \"Updatable Views\"",
            .elsewhere = "squawk renaming-table; strong_migrations rename_table; atlas BC101; MigrationPilot MP028",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users RENAME TO people;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "BEGIN;\n"
                    "ALTER TABLE users RENAME TO people;\n"
                    "CREATE VIEW users AS SELECT * FROM people;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kRename},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
