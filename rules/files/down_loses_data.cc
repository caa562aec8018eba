#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/code_stream.h"
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

std::string Identifier(std::string_view token) {
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') return std::string(token.substr(1, token.size() - 2));
  return absl::AsciiStrToLower(token);
}

// The bytes of `text` hold a word that something is filled with: without one, an up need not be read. Words in comments and names
// count too.
bool MayFill(std::string_view text) {
  constexpr std::string_view kWords[] = {"insert", "update", "copy", "drop"};
  for (size_t i = 0; i + 4 < text.size(); ++i) {
    const char c = text[i] | 0x20;
    if (c != 'i' && c != 'u' && c != 'c' && c != 'd') continue;
    for (std::string_view word : kWords) {
      if (c != word[0] || (text[i + 1] | 0x20) != word[1] || !absl::StartsWithIgnoreCase(text.substr(i), word)) continue;
      const std::string_view rest = text.substr(i + word.size());
      if (rest.empty() || !(absl::ascii_isalnum(static_cast<unsigned char>(rest[0])) || rest[0] == '_')) return true;
    }
  }
  return false;
}

// What an up script does, as far as this rule asks: by tokens, since only the down is parsed here.
struct UpFacts {
  struct Added {
    std::string table, column;
    Span span;
  };
  std::vector<std::string> made;    // tables
  std::vector<Added> columns;
  std::vector<Added> filled;        // table only: rows written, or a column dropped beside an added one
};

class UpReader {
 public:
  UpReader(std::string_view text, Span section) : reader_(text, section, Engine::kPostgresql) {}

  UpFacts Read() {
    for (t_ = reader_.Next(); t_.kind != CodeKind::kEnd; t_ = reader_.Next()) {
      if (Take("create")) {
        while (Take("unlogged")) {}
        if (Take("table")) facts_.made.push_back(Name());
      } else if (Take("alter")) {
        if (Take("table")) AlterTable();
      } else if (Take("insert")) {
        if (Take("into")) Filled();
      } else if (Take("update") || Take("copy")) {
        Filled();
      }
      while (t_.kind != CodeKind::kSemicolon && t_.kind != CodeKind::kEnd) t_ = reader_.Next();
      if (t_.kind == CodeKind::kEnd) break;
    }
    return std::move(facts_);
  }

 private:
  bool Take(std::string_view word) {
    if (!reader_.Is(t_, word)) return false;
    t_ = reader_.Next();
    return true;
  }
  void TakeGuards() {
    if (Take("if")) {
      Take("not");
      Take("exists");
    }
    Take("only");
  }
  // The last part of a name that may be qualified.
  std::string Name() {
    TakeGuards();
    std::string name = Identifier(reader_.Text(t_));
    for (t_ = reader_.Next(); reader_.Text(t_) == "."; t_ = reader_.Next()) {
      t_ = reader_.Next();
      name = Identifier(reader_.Text(t_));
    }
    return name;
  }
  void Filled() {
    const Span at = t_.span;
    facts_.filled.push_back({Name(), "", at});
  }
  void AlterTable() {
    const std::string table = Name();
    while (t_.kind != CodeKind::kSemicolon && t_.kind != CodeKind::kEnd) {
      const Span at = t_.span;
      if (reader_.Is(t_, "drop")) {
        t_ = reader_.Next();
        if (Take("column")) facts_.filled.push_back({table, "", at});
        continue;
      }
      if (!Take("add")) {
        t_ = reader_.Next();
        continue;
      }
      const bool column = Take("column");
      TakeGuards();
      if (!column) {
        bool constraint = false;
        for (std::string_view word : {"constraint", "check", "unique", "primary", "foreign", "exclude", "generated", "value"}) {
          constraint = constraint || reader_.Is(t_, word);
        }
        if (constraint) continue;
      }
      facts_.columns.push_back({table, Identifier(reader_.Text(t_)), {at.begin, t_.span.end}});
    }
  }

  CodeReader reader_;
  CodeToken t_;
  UpFacts facts_;
};

bool KeepsRows(const sql::Statement& s) {
  if (s.kind == sql::StatementKind::kCreateTable) return s.As<sql::CreateTable>().as_query != nullptr;
  if (s.kind == sql::StatementKind::kCopy) return !s.As<sql::Copy>().from;
  if (s.kind != sql::StatementKind::kQuery) return false;
  const sql::Query& q = s.As<sql::Query>();
  return q.select_into || (q.kind == sql::QueryKind::kInsert && q.source != nullptr && q.source->kind == sql::QueryKind::kSelect);
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  for (const std::string& n : names) {
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
      .Note(std::string(note), script.migration->up->file, cause.span);
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
  if (!script.is_down() || script.migration == nullptr || !script.migration->up || script.migration->repeatable) return;
  bool drops = false;
  for (const sql::Statement* s : script.script->statements) {
    if (KeepsRows(*s)) return;
    drops = drops || Drops(*s);
  }
  if (!drops) return;
  const ScriptRef& ref = *script.migration->up;
  if (!MayFill(ref.file->Slice(ref.section))) return;
  const UpFacts up = UpReader(ref.file->text(), ref.section).Read();
  for (const sql::Statement* s : script.script->statements) {
    if (Judge(script, up, *s)) return;
  }
}

}  // namespace
}  // namespace pawl
