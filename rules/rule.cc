#include "rules/rule.h"

#include <string.h>  // memmem

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace pawl {
namespace {

Finding* Add(std::vector<Finding>* out, const Rule& rule, const SourceFile* file, Span span, std::string_view version, std::string message) {
  if (out == nullptr) return nullptr;
  Finding& f = out->emplace_back();
  f.rule = &rule.info;
  f.severity = rule.info.severity == Severity::kOff ? Severity::kWarning : rule.info.severity;  // an opt-in rule that somebody chose
  f.file = file;
  f.span = span;
  f.migration = version;
  f.message = std::move(message);
  return &f;
}

}  // namespace

std::string_view ToString(RuleGroup g) {
  switch (g) {
    case RuleGroup::kLocks: return "locks";
    case RuleGroup::kTransactions: return "transactions";
    case RuleGroup::kData: return "data";
    case RuleGroup::kCompatibility: return "compatibility";
    case RuleGroup::kRepeatable: return "repeatable";
    case RuleGroup::kHistory: return "history";
    case RuleGroup::kCypher: return "cypher";
    case RuleGroup::kDesign: return "design";
    case RuleGroup::kSecurity: return "security";
  }
  return "";
}

bool AddNeo4jVersion(std::string_view version, LintSettings* settings) {
  const size_t dot = version.find('.');
  int major = 0, minor = 0;
  if (!absl::SimpleAtoi(version.substr(0, dot), &major)) return false;
  if (dot != std::string_view::npos) {
    const std::string_view rest = version.substr(dot + 1);
    if (!absl::SimpleAtoi(rest.substr(0, rest.find('.')), &minor)) return false;
  }
  int number = 0;
  cypher::Version language = cypher::Version::k5;
  if (major == 25 && minor == 0) {  // the language Cypher 25, of 2025.06 and later
    language = cypher::Version::k25;
    number = 202506;
  } else if (major >= 2025 && major < 2100 && minor <= 12) {
    number = major * 100 + minor;
  } else if (major >= 3 && major <= 5 && minor < 100) {
    number = major * 100 + minor;
    if (major < 5) language = cypher::Version::k44;
  } else {
    return false;
  }
  const bool first = settings->neo4j_oldest == 0;
  if (first || number < settings->neo4j_oldest) settings->neo4j_oldest = number;
  if (first || number > settings->neo4j_newest) settings->neo4j_newest = number;
  // What must run on an older server is judged by its language.
  settings->cypher_version = first ? language : std::min(settings->cypher_version, language);
  return true;
}

FindingBuilder ScriptContext::Report(const Rule& rule, Span span, std::string message) const {
  Finding* f = Add(out, rule, file, span, migration == nullptr ? std::string_view() : std::string_view(migration->version), std::move(message));
  if (f != nullptr) {
    f->engine = set->engine;
    if (const sql::Statement* top = TopLevelAt(span.begin)) f->statement = top->span;
  }
  return FindingBuilder(f);
}

bool ScriptContext::InStatementBlock(uint32_t offset) const {
  if (set->layout != Layout::kGoose && set->layout != Layout::kSqlMigrate) return false;
  const std::string_view before = file->Slice({ref->section.begin, offset});
  // memmem, forward: string_view::rfind compares at every byte.
  constexpr std::string_view kWord = " Statement";
  bool inside = false;
  for (std::string_view rest = before; const void* found = memmem(rest.data(), rest.size(), kWord.data(), kWord.size());) {
    rest.remove_prefix(static_cast<size_t>(static_cast<const char*>(found) - rest.data()) + kWord.size());
    if (absl::StartsWith(rest, "Begin")) inside = true;
    if (absl::StartsWith(rest, "End")) inside = false;
  }
  return inside;
}

const sql::Statement* ScriptContext::TopLevelAt(uint32_t offset) const {
  if (script == nullptr) return nullptr;
  const auto& all = script->statements;
  auto it = std::upper_bound(all.begin(), all.end(), offset, [](uint32_t at, const sql::Statement* s) { return at < s->span.begin; });
  if (it == all.begin()) return nullptr;
  --it;
  return (*it)->span.Contains(offset) ? *it : nullptr;
}

namespace {

// The relations that a statement locks or names as its own.
template <typename F>
bool AnyRelation(const sql::Statement& s, F&& is) {
  const auto references = [&](const List<const sql::Constraint*>& constraints) {
    return std::any_of(constraints.begin(), constraints.end(), [&](const sql::Constraint* k) { return k != nullptr && !k->referenced.empty() && is(k->referenced); });
  };
  switch (s.kind) {
    case sql::StatementKind::kCreateIndex: return is(s.As<sql::CreateIndex>().table);
    case sql::StatementKind::kCreateTrigger: return is(s.As<sql::CreateTrigger>().table);
    case sql::StatementKind::kCreatePolicy: return is(s.As<sql::CreatePolicy>().table);
    case sql::StatementKind::kRename: return is(s.As<sql::Rename>().name);
    case sql::StatementKind::kReindex: return is(s.As<sql::Reindex>().name);
    case sql::StatementKind::kCluster: return is(s.As<sql::Cluster>().table);
    case sql::StatementKind::kRefresh: return is(s.As<sql::Refresh>().view);
    case sql::StatementKind::kQuery: return !s.As<sql::Query>().target.empty() && is(s.As<sql::Query>().target);
    case sql::StatementKind::kLockTable: return std::any_of(s.As<sql::LockTable>().tables.begin(), s.As<sql::LockTable>().tables.end(), is);
    case sql::StatementKind::kTruncate: return std::any_of(s.As<sql::Truncate>().tables.begin(), s.As<sql::Truncate>().tables.end(), is);
    case sql::StatementKind::kDrop: {
      const auto& d = s.As<sql::Drop>();
      const List<sql::Name>& relations = d.tables.empty() ? d.names : d.tables;
      return std::any_of(relations.begin(), relations.end(), is);
    }
    case sql::StatementKind::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      if (references(t.constraints)) return true;
      return std::any_of(t.columns.begin(), t.columns.end(), [&](const sql::Column* c) { return references(c->constraints); });
    }
    case sql::StatementKind::kAlterTable: {
      const auto& a = s.As<sql::AlterTable>();
      if (is(a.name)) return true;
      return std::any_of(a.commands.begin(), a.commands.end(), [&](const sql::AlterCommand& c) {
        return (c.constraint != nullptr && !c.constraint->referenced.empty() && is(c.constraint->referenced)) || (c.column != nullptr && references(c.column->constraints));
      });
    }
    default: return false;
  }
}

// A down script does not change the catalogue: a table that the up dropped and the down makes anew is not found there, although
// nobody else can see it yet. Then the statement at hand names one that this script made.
bool NamesOwnTable(const ScriptContext& script) {
  if (script.created_by_down == nullptr || script.created_by_down->empty() || script.facts.empty() || script.facts.back().statement == nullptr) return false;
  return AnyRelation(*script.facts.back().statement, [&](const sql::Name& n) {
    return std::any_of(script.created_by_down->begin(), script.created_by_down->end(), [&](const std::string& key) {
      const size_t dot = key.size() > n.name.size() ? key.size() - n.name.size() - 1 : std::string::npos;
      if (dot == std::string::npos || key[dot] != '.' || std::string_view(key).substr(dot + 1) != n.name) return false;
      return n.schema.empty() || std::string_view(key).substr(0, dot) == n.schema;
    });
  });
}

}  // namespace

bool ScriptContext::Live(const CatalogTable* table) const {
  if (table == nullptr) return !is_down() || !NamesOwnTable(*this);
  if (table->temporary) return false;
  if (is_down()) return created_by_down == nullptr || !created_by_down->contains(table->key);
  const int made_in = table->origin.migration;
  if (made_in < 0) return true;
  if (made_in == migration_index) return false;
  return pending == nullptr || !(*pending)[made_in];
}

bool StatementContext::Live(const CatalogTable* table) const {
  if (script.Live(table)) return true;
  if (table == nullptr || table->temporary || !table->has_rows || table->partition_of.empty()) return false;
  return script.Live(catalog.FindTable(table->partition_of));
}

const Effect* StatementContext::EffectOn(std::string_view object) const {
  const Effect* best = nullptr;
  for (const Effect& e : facts.effects) {
    if (e.object == object && (best == nullptr || e.lock > best->lock)) best = &e;
  }
  return best;
}

const Effect* StatementContext::EffectOf(const sql::AlterCommand& command) const {
  for (const Effect& e : facts.effects) {
    if (e.command == &command) return &e;
  }
  return nullptr;
}

FindingBuilder SetContext::Report(const Rule& rule, const SourceFile* file, Span span, std::string_view version, std::string message) const {
  Finding* f = Add(out, rule, file, span, version, std::move(message));
  if (f != nullptr) f->engine = set.engine;
  return FindingBuilder(f);
}

}  // namespace pawl
