// disable-trigger: while triggers are off, foreign keys and audit do not work.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kDisableTrigger;

namespace {

bool WholeTable(const sql::AlterCommand& c) { return c.user_triggers || c.name == "all"; }

bool DisabledBefore(const StatementContext& context, const std::string& table) {
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement == &context.statement || f.statement->kind != sql::StatementKind::kAlterTable) continue;
    const auto& alter = f.statement->As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kDisableTrigger && context.catalog.Resolve(alter.name) == table) return true;
    }
  }
  return false;
}

bool EnabledLater(const StatementContext& context, const std::string& table) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->kind != sql::StatementKind::kAlterTable || s->span.begin < context.statement.span.begin) continue;
    const auto& alter = s->As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kEnableTrigger && context.catalog.Resolve(alter.name) == table) return true;
    }
  }
  return false;
}

// The first row that is written to a live table while SET session_replication_role = replica holds.
const sql::Statement* WrittenUnder(const StatementContext& context) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->span.begin <= context.statement.span.begin) continue;
    if (s->kind == sql::StatementKind::kVariableSet && (s->As<sql::VariableSet>().name == "session_replication_role" || s->As<sql::VariableSet>().name.empty())) return nullptr;
    if (s->kind == sql::StatementKind::kCopy && s->As<sql::Copy>().from && context.Live(s->As<sql::Copy>().table)) return s;
    if (s->kind != sql::StatementKind::kQuery) continue;
    const auto& q = s->As<sql::Query>();
    if (q.kind != sql::QueryKind::kSelect && q.kind != sql::QueryKind::kValues && !q.target.empty() && context.Live(q.target)) return s;
  }
  return nullptr;
}

void CheckReplica(const StatementContext& context) {
  const auto& set = context.statement.As<sql::VariableSet>();
  if (set.name != "session_replication_role" || set.reset || set.value != "replica") return;
  const sql::Statement* write = WrittenUnder(context);
  if (write == nullptr) return;
  context.Report(kDisableTrigger, context.statement.span, "what this session writes from here on skips foreign keys and all other triggers")
      .Why("with session_replication_role = replica nothing that it writes is checked, audited or propagated, and setting it back checks nothing")
      .Help("leave the triggers on and write in batches; if they must be off, look for broken references (an anti-join for each foreign key) before the COMMIT")
      .Note("written here", context.script.file, write->span);
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kVariableSet) return CheckReplica(context);
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    const bool disable = c.kind == sql::AlterKind::kDisableTrigger;
    if (!disable && (c.kind != sql::AlterKind::kEnableTrigger || !WholeTable(c))) continue;
    if (!context.Live(alter.name)) return;
    const std::string key = context.catalog.Resolve(alter.name);
    // A pair is one finding, on the DISABLE. An ENABLE in a down script undoes the DISABLE of the up, which was reported there.
    if (!disable && (context.script.is_down() || DisabledBefore(context, key))) continue;
    const std::string table = Quoted(alter.name);
    const bool keys = c.name == "all" && !c.user_triggers;
    const std::string what = keys ? "foreign keys and all other triggers" : c.user_triggers ? "all triggers but those of foreign keys" :
        absl::StrCat("trigger `", c.name, "`");
    FindingBuilder f = context.Report(kDisableTrigger, c.span,
                                      disable ? absl::StrCat("writes to ", table, " skip ", what, " from here on") :
                                          absl::StrCat("rows written to ", table, " while its triggers were off stay unchecked"));
    if (!disable) {
      f.Why("enabling triggers checks nothing that was written before: broken references and missing audit entries stay until somebody trips "
            "over them");
      f.Help("look for rows without their counterpart (an anti-join for each foreign key) before relying on them again");
    } else if (context.facts.in_transaction()) {
      f.Why(absl::StrCat("what this transaction writes is never checked, also not when the triggers are enabled again; the `SHARE ROW "
                         "EXCLUSIVE` lock on ", table,
                         " lets the writes of others wait until the transaction ends"));
      f.Help("leave the triggers on and write in batches; if they must be off, look for broken references before the COMMIT");
    } else {
      f.Why(absl::StrCat("they are off for every session as soon as this statement commits: references break and audit entries are lost, and "
                         "enabling them again checks nothing",
                         EnabledLater(context, key) ? "" : "; nothing in this script enables them again"));
      f.Help("leave the triggers on and write in batches; if they must be off, do it in one transaction together with what needs it and with "
             "the ENABLE TRIGGER");
    }
    if (const Effect* e = context.EffectOf(c)) f.Lock(*e);
  }
}

}  // namespace

constinit const Rule kDisableTrigger = {
    .info = {
        .name = "disable-trigger",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "DISABLE TRIGGER: foreign keys, audit and derived data are skipped while it is off",
        .page = {
            .what = "`ALTER TABLE ... DISABLE TRIGGER` switches a trigger off for all sessions; with `ALL` also those that enforce foreign "
                    "keys. It takes a `SHARE ROW EXCLUSIVE` lock.",
            .why = "Rows written meanwhile are not checked, audited or propagated, by anybody's session, and `ENABLE TRIGGER` does not make up "
                   "for it. If the migration fails in between, "
                   "they stay off.",
            .instead = "Leave triggers on and write in batches. If they must be off, disable, write and enable in one short transaction, and "
                       "look for broken references before its `COMMIT`.",
            .fix_safety = "",
            .versions = "",
            .limits = "A `DISABLE` and the `ENABLE` that follows are one finding. `SET session_replication_role = replica`, which has the same effect, is "
                      "reported where rows of a live table are written under it.",
            .references = "PostgreSQL documentation, ALTER TABLE, DISABLE/ENABLE TRIGGER",
            .elsewhere = "squawk ban-disable-trigger; MigrationPilot MP064",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders DISABLE TRIGGER ALL;\n",
            .good = "UPDATE orders SET region = 'eu' WHERE id BETWEEN 1 AND 5000;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable, sql::StatementKind::kVariableSet},
    .alters = {sql::AlterKind::kDisableTrigger, sql::AlterKind::kEnableTrigger},
    .check_statement = Check,
};

}  // namespace pawl
