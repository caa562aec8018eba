#ifndef PAWL_TOOLS_CONFIG_H_
#define PAWL_TOOLS_CONFIG_H_
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include "absl/status/statusor.h"
#include "rules/selection.h"
namespace pawl {
struct LintConfig {
  std::optional<Severity> fail_on;
  std::vector<int> server_versions;
  std::optional<TransactionMode> transaction;
};
struct Config {
  LintConfig lint;
  SelectionLayer Selection() const { return {}; }
  bool IsIgnored(std::string_view, const RuleInfo&) const { return false; }
  bool HasPathIgnores() const { return false; }
};
inline absl::StatusOr<Config> FindConfig(const std::string&) { return Config{}; }
inline absl::StatusOr<Config> LoadConfig(const std::string&) { return Config{}; }
}
#endif
