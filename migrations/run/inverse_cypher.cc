#include "migrations/run/inverse_cypher.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cypher/script.h"
#include "migrations/run/statement_text.h"
#include "rules/cypher/schema.h"

namespace pawl {
namespace {

using cypher::Statement;
using cypher::StatementKind;

std::string_view TextOf(const Statement& s, const ScriptRef& ref) { return ref.file->text().substr(s.span.begin, s.span.end - s.span.begin); }

// "constraint person_id" -> the text that made it last
using Made = absl::flat_hash_map<std::string, std::string>;

std::string KeyOf(bool constraint, std::string_view name) { return absl::StrCat(constraint ? "constraint " : "index ", name); }

void Remember(const Statement& s, const ScriptRef& ref, Made* made) {
  if (s.kind == StatementKind::kCreateConstraint) {
    const auto& c = s.As<cypher::CreateConstraint>();
    if (!c.name.empty()) (*made)[KeyOf(true, c.name.text)] = std::string(TextOf(s, ref));
  } else if (s.kind == StatementKind::kCreateIndex) {
    const auto& i = s.As<cypher::CreateIndex>();
    if (!i.name.empty()) (*made)[KeyOf(false, i.name.text)] = std::string(TextOf(s, ref));
  }
}

std::string Drop(bool constraint, const cypher::Name& name, std::string_view text, bool if_not_exists, uint32_t line) {
  const char* what = constraint ? "CONSTRAINT" : "INDEX";
  if (name.empty()) return absl::StrCat("// line ", line, " makes ", constraint ? "a constraint" : "an index", " without a name: SHOW ", what, constraint ? "S" : "ES", " tells it, for a DROP ", what);
  return absl::StrCat("DROP ", what, " ", text.substr(name.span.begin, name.span.end - name.span.begin), " IF EXISTS;", if_not_exists ? "  // only if it was not there before: line " + absl::StrCat(line) + " says IF NOT EXISTS" : "");
}

std::string Inverse(const Statement& s, const ScriptRef& ref, const Made& made) {
  const std::string_view text = ref.file->text();
  const uint32_t line = ref.file->PositionAt(s.span.begin).line;
  switch (s.kind) {
    case StatementKind::kCreateConstraint: return Drop(true, s.As<cypher::CreateConstraint>().name, text, s.As<cypher::CreateConstraint>().if_not_exists, line);
    case StatementKind::kCreateIndex: return Drop(false, s.As<cypher::CreateIndex>().name, text, s.As<cypher::CreateIndex>().if_not_exists, line);
    case StatementKind::kDropSchema: {
      const auto& d = s.As<cypher::DropSchema>();
      const auto it = made.find(KeyOf(d.constraint, d.name.text));
      if (it != made.end() && !d.name.empty()) return absl::StrCat(it->second, ";");
      return absl::StrCat("// line ", line, " drops a", d.constraint ? " constraint" : "n index", " that no migration before it has made, so how it was made is not known: ", ShownStatement(TextOf(s, ref)));
    }
    case StatementKind::kSyntaxError: return absl::StrCat("// line ", line, " does not parse");
    default: break;
  }
  if (!cypher_rules::Runs(s) || !cypher_rules::WritesData(s)) return "";
  return absl::StrCat("// line ", line, " changes data, which nobody but you can undo: ", ShownStatement(TextOf(s, ref)));
}

}  // namespace

std::string InverseOfCypher(const MigrationSet& set, const Migration& m) {
  if (!m.up) return "";
  Made made;
  std::vector<std::string> lines;
  for (const Migration& each : set.migrations) {
    if (!each.up) continue;
    const std::unique_ptr<cypher::Script> script = cypher::ParseScript(*each.up->file, each.up->section, {});
    for (const Statement* s : script->statements) {
      if (&each == &m) {
        if (std::string line = Inverse(*s, *each.up, made); !line.empty()) lines.push_back(std::move(line));
      }
      Remember(*s, *each.up, &made);
    }
    if (&each == &m) break;
  }
  std::string out;
  for (auto it = lines.rbegin(); it != lines.rend(); ++it) absl::StrAppend(&out, *it, "\n");
  return out;
}

}  // namespace pawl
