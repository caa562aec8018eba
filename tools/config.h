// pawl.toml: the sets of a project and how they are judged and applied. Keys and their meaning: docs/configuration.md.
#ifndef PAWL_TOOLS_CONFIG_H_
#define PAWL_TOOLS_CONFIG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "migrations/set/discover.h"
#include "migrations/set/migration_set.h"
#include "rules/conventions.h"
#include "rules/rule.h"
#include "rules/selection.h"

namespace pawl {

struct SetConfig {
  std::string name;
  std::string path;                            // from where pawl runs: the config's folder is put before it
  std::optional<Engine> engine;                // not given: recognised
  std::optional<Layout> layout;                // not given, or "auto": recognised
  std::vector<std::string> server_versions;
  std::optional<TransactionMode> transaction;
  std::string edition;                         // "community", "enterprise", "aura" or ""
  std::string url_env;
  std::string env_file;                        // as `path`
  std::string environment;
  std::vector<std::string> after;              // names of the sets that are applied before this one
  std::string schema;                          // what the history begins with: a snapshot or a schema.sql; as `path`
};

struct PathIgnore {
  std::string pattern;                         // glob.h, relative to the config's folder
  std::vector<std::string> rules;              // rules, groups or "all"
};

struct LintConfig {
  std::optional<std::vector<std::string>> select;
  std::vector<std::string> ignore;
  std::vector<std::string> extend_select;
  std::vector<std::pair<std::string, Severity>> severity;
  std::vector<PathIgnore> per_path_ignores;
  std::optional<Severity> fail_on;
  std::optional<TransactionMode> transaction;
  std::vector<int> server_versions;            // PostgreSQL majors
  std::optional<int64_t> small_table;          // bytes, up to which a table of known size is small
  std::shared_ptr<const Conventions> conventions;  // forbidden-types and naming; null: neither is given
};

// A query that must give true, or the value `expect`, before or after the migrations.
struct CheckConfig {
  std::string name;
  std::string query;
  std::string expect;
  std::string set;                             // only for this set; "" = for all of the query's language
};

// What is not given is absent: the runner has its own defaults.
struct ApplyConfig {
  std::optional<int64_t> lock_timeout_ms;
  std::optional<int64_t> statement_timeout_ms;
  std::optional<int64_t> window_ms;
  std::optional<int64_t> retries;
  std::optional<int64_t> approvals;
  std::optional<bool> require_backup;
  std::vector<CheckConfig> before;
  std::vector<CheckConfig> after;
  std::vector<std::string> row_counts;
  std::string health_url;
  std::string backup_command;                  // instead of pg_dump; the last line that it prints is the backup's id
  std::string backup_folder;                   // where pg_dump writes; as SetConfig::path
  std::string allowed_signers;                 // whose SSH keys approve (ssh-keygen -Y); as SetConfig::path
  std::string audit_folder;                    // where each run leaves its record; "" = nowhere; as SetConfig::path
};

// What `pawl announce` cannot know by itself.
struct AnnounceConfig {
  std::string contact;                         // person or team
  std::string channel;                         // where updates go
};

struct TelemetryConfig {
  std::string otlp_endpoint_env;
  std::string headers_env;
  std::string service_name;
};

struct Config {
  std::string file;                            // "" if there is none: everything is as it is without one
  std::string folder;                          // that of `file`; "" is the current one
  std::vector<SetConfig> sets;
  LintConfig lint;
  ApplyConfig apply;
  TelemetryConfig telemetry;
  AnnounceConfig announce;

  // What it says about rules, for SelectRules.
  SelectionLayer Selection() const;
  bool HasPathIgnores() const { return !lint.per_path_ignores.empty(); }
  // Whether [lint] per-path-ignores switch the rule off in the file `path` (as pawl names it).
  bool IsIgnored(std::string_view path, const RuleInfo& rule) const;
  const SetConfig* FindSet(std::string_view name) const;
  // The set that `path` (a file or folder, however it is written) lies in, the innermost if there are several; nullptr if in none.
  // A set that names another engine is not meant.
  const SetConfig* SetAt(std::string_view path, std::optional<Engine> engine) const;
  // The majors of PostgreSQL that `set` (may be null), else [lint], names; as written there, possibly none.
  std::vector<int> PostgresMajors(const SetConfig* set) const;
};

// The nearest pawl.toml from `path` (a file, which need not exist, or a folder; "" is the current folder) upwards; a Config without
// `file` if there is none.
absl::StatusOr<Config> FindConfig(const std::string& path);

// The configurations of one run: for each file the nearest pawl.toml upwards from it, so that the projects of one repository
// keep their own, or one for all. Reads each file once; not thread-safe.
class Configs {
 public:
  Configs() = default;                         // the nearest ones
  explicit Configs(Config only);               // --config, --isolated

  // As FindConfig. The Config lives as long as this.
  absl::StatusOr<const Config*> At(const std::string& path);

 private:
  std::unique_ptr<const Config> only_;
  std::map<std::string, const Config*> by_folder_;                  // as asked for
  std::map<std::string, std::unique_ptr<const Config>> by_file_;    // "" has none
};

// kNotFound, kInternal: the file cannot be read. kInvalidArgument: what is wrong with it, all of it, a line each:
// "pawl.toml:3:7: `fail-on`: `eror` is not one of ...".
absl::StatusOr<Config> LoadConfig(const std::string& file);
// `text` in place of what the file holds; `rules`: the names that there are.
absl::StatusOr<Config> ParseConfig(std::string_view text, const std::string& file, absl::Span<const Rule* const> rules);

// What the nearest pawl.toml says of the folder or file `path`, for DiscoverOptions::said. A configuration that cannot be read is
// left in `error`, if that is still OK.
FolderSaid SaidOf(Configs& configs, const std::string& path, absl::Status* error);

}  // namespace pawl

#endif  // PAWL_TOOLS_CONFIG_H_
