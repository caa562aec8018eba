// column-type-rewrite: ALTER COLUMN TYPE that rewrites the table, rebuilds its indexes or scans it.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kColumnTypeRewrite;

namespace {

bool IsTimestamp(std::string_view type) { return type == "timestamp" || type == "timestamptz"; }

// timestamp and timestamptz hold the same bytes in a session in UTC (timestamptz_support, 12+); only indexes are rebuilt.
bool SameInUtc(const StatementContext& context, std::string_view from, const sql::AlterCommand& c) {
  return IsTimestamp(from) && KeepsTimestamps(context.script, context.statement, c);
}

bool Indexed(const CatalogTable& table, std::string_view column) {
  for (const CatalogIndex& i : table.indexes) {
    for (const std::vector<std::string>* list : {&i.columns, &i.other_columns}) {
      for (const std::string& name : *list) {
        if (name == column) return true;
      }
    }
  }
  return !table.complete;
}

// To these a change is often free: from a shorter or equally plain text type, from a numeric of the same scale.
bool OftenFree(const sql::TypeName& to) { return !to.array && (to.name == "text" || to.name == "varchar" || (to.name == "numeric" && to.modifiers.empty())); }

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  OnePass pass;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kColumnType || c.type == nullptr) continue;
    const Effect* effect = LiveWork(context, c, Work::kScan);
    if (effect == nullptr) continue;
    const CatalogTable* table = context.catalog.FindTable(alter.name);
    const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
    const std::string_view from = column == nullptr ? std::string_view() : std::string_view(column->type);
    const std::string change = absl::StrCat("changing `", c.name, "`", from.empty() || from == TypeText(*c.type) ? "" : absl::StrCat(" from ", from), " to ", TypeText(*c.type));
    Work work = effect->work;
    if (SameInUtc(context, from, c)) {
      if (!Indexed(*table, c.name)) continue;
      work = Work::kBuild;
    }
    const bool may_be_free = from.empty() && c.expression == nullptr && OftenFree(*c.type);
    const Span at = c.type->span.empty() ? c.span : c.type->span;
    const bool certain = work == Work::kRewrite && !may_be_free;
    if (certain && pass.Joins(context, c.name, at)) continue;
    std::string message, until;
    if (work == Work::kBuild) {
      message = absl::StrCat(change, " rebuilds the indexes of ", Quoted(alter.name), " that hold it");
      until = "they are built";
    } else if (work == Work::kScan) {
      message = absl::StrCat(change, " scans ", Quoted(alter.name), " to check every row again");
      until = "the scan ends";
    } else {
      // The effect says a rewrite where nothing is known, so that no rule takes it for free.
      const bool unknown = from.empty() && c.expression == nullptr;
      message = absl::StrCat(change, unknown ? " may rewrite " : " rewrites ", Quoted(alter.name), unknown ? absl::StrCat(": the type of `", c.name, "` is not known here") : "");
      until = "every row and index is written anew";
    }
    FindingBuilder f = context.Report(kColumnTypeRewrite, at, std::move(message));
    f.Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, until)).Lock(*effect);
    if (may_be_free) f.AtSeverity(Severity::kWarning);
    f.Help(absl::StrCat(may_be_free ? absl::StrCat("look up the column's type: nothing is rewritten if it is a ", c.type->name == "numeric" ? "numeric" : c.type->modifiers.empty() ? "varchar or text" : "varchar with a smaller limit",
                                                   "; then accept this finding with a comment. Else add a column of the new type")
                                    : "add a column of the new type",
                        work == Work::kScan ? "; or drop the CHECK constraint first and add it again NOT VALID"
                                            : ", keep both in step with a trigger, fill the old rows in batches, let the application change over and drop the old column in a later migration"));
    if (certain) pass.Start(f);
    else pass = OnePass();  // the builder before is not to be used any more
  }
}

}  // namespace

constinit const Rule kColumnTypeRewrite = {
    .info = {
        .name = "column-type-rewrite",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ALTER COLUMN TYPE that rewrites the table or rebuilds its indexes under ACCESS EXCLUSIVE",
        .page = {
            .what = "Most changes of a column's type make the server write every row and every index of the table anew; some only rebuild the column's indexes "
                    "or check every row again.",
            .why = "The `ACCESS EXCLUSIVE` lock is held until that is done: all reads and writes of the table wait, for minutes where it is large. "
                   "A rewrite also needs as much free disk space as the table and its indexes take.",
            .instead = "Add a column of the new type, keep both in step with a trigger, fill the old rows in batches, let the application change over, and drop the old "
                       "column in a later migration. Some changes are free and not flagged: a longer or no limit of varchar, varchar to text, a larger precision of "
                       "numeric with the same scale.",
            .fix_safety = "",
            .versions = "The changes that are free are the same from 12 to 18.",
            .limits = "The old type comes from the history. Where no file shows it, the change is taken for a rewrite; only as a warning where the new type is text, "
                      "varchar or numeric without a precision, which many changes reach for free. timestamp to timestamptz (or back) is known to be free of a rewrite "
                      "only where the script itself sets the time zone to UTC. Several columns of one statement are one finding: it goes over the rows once.",
            .references = "PostgreSQL documentation, ALTER TABLE, Notes\n"
                          "PostgreSQL source, ATColumnChangeRequiresRewrite in src/backend/commands/tablecmds.c",
            .elsewhere = "squawk changing-column-type; strong_migrations change_column change_column_constraint change_column_with_not_null; atlas PG301; eugene E5",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events ALTER COLUMN id TYPE bigint;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE events ADD COLUMN IF NOT EXISTS id_new bigint;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kColumnType},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
