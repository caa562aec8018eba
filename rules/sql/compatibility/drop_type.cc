// drop-type: DROP TYPE, DOMAIN, SEQUENCE, EXTENSION.
//
// With CASCADE drop-cascade speaks: what falls along is the greater harm, and one statement gets one finding.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kDropType;

namespace {

// The script has dropped a table or a column before: types and sequences that only it used go along, and drop-table or
// drop-column has said that running code fails. Likewise the default that used a sequence.
bool CleansUp(const StatementContext& context, bool sequence) {
  for (const StatementFacts& f : FactsBefore(context)) {
    const sql::Statement& s = *f.statement;
    if (s.kind == sql::StatementKind::kDrop && s.As<sql::Drop>().type == sql::ObjectType::kTable) return true;
    if (s.kind != sql::StatementKind::kAlterTable) continue;
    const auto& commands = s.As<sql::AlterTable>().commands;
    if (std::any_of(commands.begin(), commands.end(), [&](const sql::AlterCommand& c) {
          return c.kind == sql::AlterKind::kDropColumn || (sequence && c.kind == sql::AlterKind::kDropDefault);
        })) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  switch (drop.type) {
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain:
    case sql::ObjectType::kSequence:
    case sql::ObjectType::kExtension: break;
    default: return;
  }
  if (drop.cascade) return;
  const NameKind kind = KindOf(drop.type);
  for (const sql::Name& name : drop.names) {
    // Without CASCADE the server refuses to drop what a column uses, so "drop, make again" meets only what nothing uses.
    if (!OthersKnow(context, kind, name) || GivenLater(context, kind, name).statement != nullptr) continue;
    const std::string words = Quoted(name);
    FindingBuilder f = context.Report(kDropType, name.span.empty() ? NameSpan(context, name) : name.span,
                                      absl::StrCat("dropping ", Words(drop.type), " ", words, " breaks code that is still running"));
    if (drop.type == sql::ObjectType::kExtension) {
      f.Why(absl::StrCat("the functions, operators and types that ", words, " brings are gone at the moment of commit: every query that uses one fails, also inside PL/pgSQL bodies, which the server does not check"));
      f.Help("look for uses first (pg_depend for stored objects, the code and pg_stat_statements for queries), deploy code without them, and drop it in a later migration");
    } else if (drop.type == sql::ObjectType::kSequence) {
      f.Why(absl::StrCat("calls of nextval and currval with ", words, " in running code fail from the moment of commit, and the sequence's position is lost"));
      f.Help("deploy code that no longer uses the sequence first; write down its last value; then drop it in a later migration");
    } else {
      f.Why(absl::StrCat("casts to ", words, " in running code and PL/pgSQL bodies fail from the moment of commit, and so do drivers that look the type up by name"));
      f.Help("deploy code that no longer names the type first, then drop it in a later migration");
    }
    if (CleansUp(context, drop.type == sql::ObjectType::kSequence)) f.AtSeverity(Severity::kNote);
  }
}

}  // namespace

constinit const Rule kDropType = {
    .info = {
        .name = "drop-type",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kWarning,
        .summary = "a type, domain, sequence or extension is dropped while code that uses it runs",
        .page = {
            .what = "`DROP TYPE`, `DROP DOMAIN`, `DROP SEQUENCE` and `DROP EXTENSION` succeed as soon as no stored object depends on them. What applications send and what stands in the bodies of functions "
                    "is not looked at.",
            .why = "Old code casts to the type (`$1::order_status`), calls `nextval` or a function of the extension, and fails from the moment of commit until its last process is replaced.",
            .instead = "Deploy code without the object first, make sure that nothing asks for it, and drop it in a later migration of its own.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent for objects made, or renamed to this name, in the same migration, and where the script makes the object again. A note where the script also drops tables or columns (for a sequence: a default), which usually "
                      "were its only users. With CASCADE, drop-cascade speaks.",
            .references = "PostgreSQL documentation, DROP TYPE, DROP DOMAIN, DROP SEQUENCE, DROP EXTENSION\n"
                          "PostgreSQL documentation, Dependency Tracking",
            .elsewhere = "MigrationPilot MP024",
            .bad = "DROP TYPE IF EXISTS order_status;\n",
            .good = "BEGIN;\n"
                    "CREATE TYPE order_state AS ENUM ('open', 'done');\n"
                    "DROP TYPE order_state;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
