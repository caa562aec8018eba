#include "rules/engine/overlap.h"

#include <algorithm>
#include <string_view>

#include "analyzer/source/source_file.h"
#include "rules/files/languages.h"
#include "rules/rule.h"

namespace pawl {

void DropSyntaxErrorsOfMixedFiles(std::vector<Finding>& findings, size_t first) {
  std::vector<const SourceFile*> mixed;
  for (size_t i = first; i < findings.size(); ++i) {
    if (findings[i].rule->name == "mixed-engines") mixed.push_back(findings[i].file);
  }
  if (mixed.empty()) return;
  const auto told = [&](const Finding& f) {
    if (f.rule->name != "syntax-error" || std::find(mixed.begin(), mixed.end(), f.file) == mixed.end()) return false;
    const std::string_view text = f.file->Slice(f.statement);
    return f.engine == Engine::kNeo4j ? LooksLikeSql(text) : LooksLikeCypher(text);
  };
  findings.erase(std::remove_if(findings.begin() + static_cast<std::ptrdiff_t>(first), findings.end(), told), findings.end());
}

}  // namespace pawl
