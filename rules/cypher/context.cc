#include "rules/cypher/context.h"

#include <algorithm>

namespace pawl {

FindingBuilder CypherScriptContext::Report(const Rule& rule, Span span, std::string message) const {
  if (out == nullptr) return FindingBuilder(nullptr);
  Finding& f = out->emplace_back();
  f.rule = &rule.info;
  f.severity = rule.info.severity == Severity::kOff ? Severity::kWarning : rule.info.severity;
  f.engine = Engine::kNeo4j;
  f.file = file;
  f.span = span;
  f.migration = migration->version;
  f.message = std::move(message);
  const auto& all = script->statements;
  const auto it = std::find_if(all.begin(), all.end(), [&](const cypher::Statement* s) { return s->span.Contains(span.begin); });
  if (it != all.end()) f.statement = (*it)->span;
  return FindingBuilder(&f);
}

}  // namespace pawl
