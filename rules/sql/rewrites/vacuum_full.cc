// vacuum-full: VACUUM FULL, and any VACUUM where the server refuses it.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kVacuumFull;

namespace {

void Check(const StatementContext& context) {
  const auto& vacuum = context.statement.As<sql::Vacuum>();
  if (!vacuum.vacuum) return;  // ANALYZE
  const std::string of = vacuum.tables.empty() ? "" : absl::StrCat(" of ", Quoted(vacuum.tables[0]));
  // Refused before it locks anything: that is all there is to say.
  if (context.facts.in_transaction()) {
    context.Report(kVacuumFull, context.statement.span, absl::StrCat("VACUUM", vacuum.full ? " FULL" : "", of, " cannot run inside a transaction: the migration fails here"))
        .Why(absl::StrCat(WhyInTransaction(context.script, context.facts), ", and VACUUM manages transactions of its own"))
        .Help(vacuum.full ? "drop the statement from the migration and use pg_repack where the space is needed" : absl::StrCat(OutsideTransactionAdvice(context.script), ", or leave it to autovacuum"));
    return;
  }
  if (!vacuum.full) return;
  constexpr std::string_view kHelp = "use pg_repack or pg_squeeze, which let reads and writes go on, or run it by hand in a maintenance window; plain VACUUM makes the space usable again without blocking";
  if (vacuum.tables.empty()) {
    context.Report(kVacuumFull, context.statement.span, "VACUUM FULL rewrites every table of the database, one after the other")
        .Why("it holds an `ACCESS EXCLUSIVE` lock on each table until it is written anew: all reads and writes of it wait")
        .Help(std::string(kHelp));
    return;
  }
  for (const sql::Name& name : vacuum.tables) {
    const Effect* effect = context.EffectOn(context.catalog.Resolve(name));
    if (effect == nullptr || !effect->live) continue;
    context.Report(kVacuumFull, name.span, absl::StrCat("VACUUM FULL rewrites ", Quoted(name)))
        .Why(HoldsLock(context, "VACUUM FULL", name, *effect, "every row and index is written anew"))
        .Help(std::string(kHelp))
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kVacuumFull = {
    .info = {
        .name = "vacuum-full",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "VACUUM FULL rewrites the table under ACCESS EXCLUSIVE; VACUUM inside a transaction fails",
        .page = {
            .what = "`VACUUM FULL` writes the table and its indexes into new files. Any `VACUUM` is refused inside a transaction, a DO block or a function.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large. "
                   "It needs as much free disk space as the table and its indexes take.",
            .instead = "Leave maintenance out of migrations. pg_repack and pg_squeeze give the space back while reads and writes go on; plain `VACUUM` makes it usable again without blocking.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, VACUUM\n"
                          "PostgreSQL documentation, Routine Vacuuming, Recovering Disk Space",
            .elsewhere = "squawk prefer-repack; MigrationPilot MP006; pgsafe vacuum-full-cluster",
            .bad = "VACUUM FULL orders;\n",
            .good = "VACUUM (ANALYZE) orders;\n",
        },
    },
    .kinds = {sql::StatementKind::kVacuum},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
