#include "rules/rule.h"

#include <algorithm>

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

FindingBuilder ScriptContext::Report(const Rule& rule, Span span, std::string message) const {
  Finding* f = Add(out, rule, file, span, migration == nullptr ? std::string_view() : std::string_view(migration->version), std::move(message));
  if (f != nullptr) {
    f->engine = set->engine;
    if (const sql::Statement* top = TopLevelAt(span.begin)) f->statement = top->span;
  }
  return FindingBuilder(f);
}

const sql::Statement* ScriptContext::TopLevelAt(uint32_t offset) const {
  if (script == nullptr) return nullptr;
  const auto& all = script->statements;
  auto it = std::upper_bound(all.begin(), all.end(), offset, [](uint32_t at, const sql::Statement* s) { return at < s->span.begin; });
  if (it == all.begin()) return nullptr;
  --it;
  return (*it)->span.Contains(offset) ? *it : nullptr;
}

bool ScriptContext::Live(const CatalogTable* table) const {
  if (table == nullptr) return true;
  if (table->temporary) return false;
  if (is_down()) return created_by_down == nullptr || !created_by_down->contains(table->key);
  const int made_in = table->origin.migration;
  if (made_in < 0) return true;
  if (made_in == migration_index) return false;
  return pending == nullptr || !(*pending)[made_in];
}

bool StatementContext::Live(const CatalogTable* table) const {
  if (script.Live(table)) return true;
  if (table->temporary || !table->has_rows || table->partition_of.empty()) return false;
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
