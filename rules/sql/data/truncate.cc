// truncate: TRUNCATE of a table that others use.
//
// truncate-cascade speaks of the tables that refer to it.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kTruncate;

namespace {

void Check(const StatementContext& context) {
  for (const sql::Name& name : context.statement.As<sql::Truncate>().tables) {
    if (!IsLive(context, name)) continue;
    FindingBuilder f = context.Report(kTruncate, name.span, absl::StrCat("TRUNCATE deletes every row of ", Quoted(name)));
    f.Why(absl::StrCat("the rows are gone for good: no trigger for deleted rows fires, no condition spares any, and the `ACCESS EXCLUSIVE` lock on ", Quoted(name),
                       " makes all reads and writes of it wait", context.facts.in_block() ? " until the transaction ends" : ""));
    f.Help("take it out of the migration; if all rows must go, empty the table by hand after a backup, or delete in batches what is really obsolete");
    if (const Effect* effect = context.EffectOn(context.catalog.Resolve(name))) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kTruncate = {
    .info = {
        .name = "truncate",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "TRUNCATE of a live table: every row is gone",
        .page = {
            .what = "`TRUNCATE` removes all rows of the table, under an `ACCESS EXCLUSIVE` lock.",
            .why = "Once committed, only a backup has the rows. `ON DELETE` triggers do not fire, so audit tables and caches do not hear of it, and sessions with an older snapshot "
                   "see an empty table at once.",
            .instead = "Leave rows alone in migrations. What is obsolete goes with a DELETE that names it, in batches; a table that is not needed goes with DROP TABLE in its own "
                       "migration, after a backup.",
            .fix_safety = "",
            .versions = "",
            .limits = "A table made in the same migration, and a temporary one, may be emptied. Down scripts are judged too: a rollback that empties a table loses as much.",
            .references = "PostgreSQL documentation, TRUNCATE\n"
                          "PostgreSQL documentation, Caveats of MVCC",
            .elsewhere = "pgsafe truncate",
            .bad = "SET lock_timeout = '2s';\n"
                   "TRUNCATE sessions;\n",
            .good = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < '2024-01-01' ORDER BY id LIMIT 5000);\n",
        },
    },
    .kinds = {sql::StatementKind::kTruncate},
    .check_statement = Check,
};

}  // namespace pawl
