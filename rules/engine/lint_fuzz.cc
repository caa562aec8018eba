// libFuzzer target for everything behind the parser: catalogue, effects and all rules on any text, as four runners see it.
//   tools/fuzz.sh //rules/engine:lint_fuzz 600
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "rules/engine/engine.h"
#include "rules/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  pawl::MigrationSet set;
  set.layout = static_cast<pawl::Layout>(data[0] % 12);
  set.files.push_back(std::make_unique<pawl::SourceFile>("1_fuzz.sql", std::string(reinterpret_cast<const char*>(data), size)));
  const pawl::SourceFile* file = set.files.back().get();
  const uint32_t half = static_cast<uint32_t>(size / 2), end = static_cast<uint32_t>(size);
  const auto mode = static_cast<pawl::TransactionMode>(data[1] % 3);
  pawl::Migration m;
  m.version = "1";
  m.up = pawl::ScriptRef{file, {0, half}, mode, false};
  m.down = pawl::ScriptRef{file, {half, end}, mode, false};
  set.migrations.push_back(m);
  m.version = "2";
  m.down.reset();
  m.up->section = {0, end};
  set.migrations.push_back(m);
  const std::vector<pawl::Severity> severities(pawl::AllRules().size(), pawl::Severity::kWarning);
  pawl::EngineOptions options;
  options.rules = pawl::AllRules();
  options.severities = severities;
  options.settings.versions_configured = true;
  pawl::RuleEngine engine(options);
  std::vector<pawl::Finding> findings;
  pawl::EngineSummary summary;
  engine.Run(set, nullptr, nullptr, findings, summary);
  for (const pawl::Finding& f : findings) {
    if (f.span.begin > f.span.end || f.span.end > size || f.message.empty()) std::abort();
  }
  return 0;
}
