#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const ScriptContext& script);
}  // namespace

extern const Rule kDownLosesData;
const Rule kDownLosesData = {
    .info = {
        .name = "down-loses-data",
        .group = RuleGroup::kHistory,
        .severity = Severity::kNote,
        .summary = "a rollback loses what was written since the migration",
        .page = {
            .what = "The up moves data: it fills a new table, fills a column that it adds to an existing one, or adds a column in the place of "
                    "one that it drops. The down drops that table or column, and what has been written there since goes with it.",
            .why = "The schema comes back, the values do not. From the deploy on, programs write the new place only, so a rollback leaves the "
                   "old place with what it had before the migration, and nothing says that the rest is gone.",
            .instead = "Know it before rolling back. Where the values matter, let the down keep them first, for instance "
                       "`CREATE TABLE users_phone_kept AS SELECT id, phone FROM users`, or roll forward instead.",
            .fix_safety = "",
            .versions = "",
            .limits = "Reported once for each down. A table or column that the up makes and leaves empty is not reported: that a rollback takes "
                      "it away again is plain. Moves inside DO blocks and functions are not seen. A down that copies "
                      "rows away (`CREATE TABLE ... AS`, `INSERT ... SELECT`, `SELECT ... INTO`) is taken to "
                      "have kept them. In the examples, `-- file: NAME` begins a file.",
            .references = "PostgreSQL documentation, ALTER TABLE, DROP COLUMN",
            .elsewhere = "",
            .bad = "-- file: 000001_phone.up.sql\n"
                   "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;\n"
                   "UPDATE users SET phone = contact ->> 'phone' WHERE id BETWEEN 1 AND 1000;\n"
                   "-- file: 000001_phone.down.sql\n"
                   "ALTER TABLE users DROP COLUMN IF EXISTS phone;\n",
            .good = "-- file: 000001_phone.up.sql\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;\n"
                    "-- file: 000001_phone.down.sql\n"
                    "CREATE TABLE IF NOT EXISTS users_phone_kept AS SELECT id, phone FROM users WHERE phone IS NOT NULL;\n"
                    "ALTER TABLE users DROP COLUMN IF EXISTS phone;\n",
        }},
    .check_script = &Check};

namespace {

// What an up does, as far as this rule asks. Names without their schema: the down may write them otherwise.
struct UpFacts {
  struct Added {
    std::string_view table, column;
    Span span;
  };
  std::vector<std::string_view> made;  // tables
  std::vector<Added> columns;
  std::vector<Added> filled;           // table only: rows written, or a column dropped beside an added one
};

Span AddedSpan(const sql::AlterCommand& command) {
  return command.column != nullptr && !command.column->name_span.empty() ? Span{command.span.begin, command.column->name_span.end} : command.span;
}

UpFacts ReadUp(const ScriptContext& up) {
  UpFacts facts;
  for (const StatementFacts& f : up.facts) {
    const sql::Statement& s = *f.statement;
    if (s.inside != sql::Inside::kNone) continue;
    if (s.kind == sql::StatementKind::kCreateTable) {
      facts.made.push_back(s.As<sql::CreateTable>().name.name);
    } else if (s.kind == sql::StatementKind::kAlterTable) {
      const sql::AlterTable& alter = s.As<sql::AlterTable>();
      for (const sql::AlterCommand& command : alter.commands) {
        if (command.kind == sql::AlterKind::kDropColumn) facts.filled.push_back({alter.name.name, "", command.span});
        if (command.kind == sql::AlterKind::kAddColumn && command.column != nullptr) {
          facts.columns.push_back({alter.name.name, command.column->name, AddedSpan(command)});
        }
      }
    } else if (s.kind == sql::StatementKind::kCopy) {
      const sql::Copy& copy = s.As<sql::Copy>();
      if (copy.from) facts.filled.push_back({copy.table.name, "", s.span});
    } else if (s.kind == sql::StatementKind::kQuery) {
      const sql::Query& q = s.As<sql::Query>();
      if (q.kind == sql::QueryKind::kInsert || q.kind == sql::QueryKind::kUpdate || q.kind == sql::QueryKind::kMerge) {
        facts.filled.push_back({q.target.name, "", s.span});
      }
    }
  }
  return facts;
}

bool KeepsRows(const sql::Statement& s) {
  if (s.kind == sql::StatementKind::kCreateTable) return s.As<sql::CreateTable>().as_query != nullptr;
  if (s.kind == sql::StatementKind::kCopy) return !s.As<sql::Copy>().from;
  if (s.kind != sql::StatementKind::kQuery) return false;
  const sql::Query& q = s.As<sql::Query>();
  return q.select_into || (q.kind == sql::QueryKind::kInsert && q.source != nullptr && q.source->kind == sql::QueryKind::kSelect);
}

bool Contains(const std::vector<std::string_view>& names, std::string_view name) {
  for (std::string_view n : names) {
    if (n == name) return true;
  }
  return false;
}

const UpFacts::Added* Find(const std::vector<UpFacts::Added>& added, std::string_view table, std::string_view column) {
  for (const UpFacts::Added& a : added) {
    if (a.table == table && a.column == column) return &a;
  }
  return nullptr;
}

void ReportLoss(const ScriptContext& script, Span span, std::string message, const UpFacts::Added& cause, std::string_view note) {
  script.Report(kDownLosesData, span, std::move(message))
      .Why("the rollback brings back the schema and not the values; a second run of the up starts without them")
      .Help("let the down copy them away first, or roll forward instead")
      .Note(std::string(note), script.up->file, cause.span);
}

bool Judge(const ScriptContext& script, const UpFacts& up, const sql::Statement& s) {
  if (s.kind == sql::StatementKind::kAlterTable) {
    const sql::AlterTable& alter = s.As<sql::AlterTable>();
    for (const sql::AlterCommand& command : alter.commands) {
      if (command.kind != sql::AlterKind::kDropColumn || Contains(up.made, alter.name.name)) continue;
      const UpFacts::Added* added = Find(up.columns, alter.name.name, command.name);
      if (added == nullptr || Find(up.filled, alter.name.name, "") == nullptr) continue;
      ReportLoss(script, command.span.empty() ? s.span : command.span,
                 absl::StrCat("rolling back loses what was written to `", alter.name.name, ".", command.name, "` since the migration"), *added,
                 "the up adds the column here");
      return true;
    }
  }
  if (s.kind == sql::StatementKind::kDrop) {
    const sql::Drop& drop = s.As<sql::Drop>();
    if (drop.type != sql::ObjectType::kTable) return false;
    for (const sql::Name& name : drop.names) {
      const UpFacts::Added* filled = Find(up.filled, name.name, "");
      if (filled == nullptr || !Contains(up.made, name.name)) continue;
      ReportLoss(script, s.span, absl::StrCat("rolling back loses the rows of `", name.name, "`, and what was written to it since the migration"), *filled,
                 "the up fills the table here");
      return true;
    }
  }
  return false;
}

// Takes away what Judge asks about.
bool Drops(const sql::Statement& s) {
  if (s.kind == sql::StatementKind::kDrop) return s.As<sql::Drop>().type == sql::ObjectType::kTable;
  if (s.kind != sql::StatementKind::kAlterTable) return false;
  for (const sql::AlterCommand& command : s.As<sql::AlterTable>().commands) {
    if (command.kind == sql::AlterKind::kDropColumn) return true;
  }
  return false;
}

void Check(const ScriptContext& script) {
  if (!script.is_down() || script.migration == nullptr || script.up == nullptr || script.migration->repeatable) return;
  bool drops = false;
  for (const sql::Statement* s : script.script->statements) {
    if (KeepsRows(*s)) return;
    drops = drops || Drops(*s);
  }
  if (!drops) return;
  const UpFacts up = ReadUp(*script.up);
  if (up.filled.empty()) return;
  for (const sql::Statement* s : script.script->statements) {
    if (Judge(script, up, *s)) return;
  }
}

}  // namespace
}  // namespace pawl
