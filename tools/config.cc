#include "tools/config.h"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/finding/nearest_name.h"
#include "rules/registry.h"
#include "tools/glob.h"
#include "tools/toml_reader.h"

namespace pawl {
namespace {

namespace fs = std::filesystem;

constexpr char kFileName[] = "pawl.toml";

std::string Join(std::string_view folder, std::string_view path) {
  if (folder.empty() || (!path.empty() && path.front() == '/')) return std::string(path);
  return absl::StrCat(folder, folder.back() == '/' ? "" : "/", path);
}

// "512kB", "10MB", "1 GB": bytes, with 1024 in each step as PostgreSQL counts; nullopt if it is none.
std::optional<int64_t> ParseSize(std::string_view text) {
  constexpr std::pair<std::string_view, int> kUnits[] = {{"kb", 10}, {"mb", 20}, {"gb", 30}, {"tb", 40}};
  const std::string lower = absl::AsciiStrToLower(text);
  for (const auto& [unit, shift] : kUnits) {
    std::string_view number = lower;
    if (!absl::ConsumeSuffix(&number, unit)) continue;
    int64_t n;
    if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(number), &n) || n < 0 || n > (int64_t{1} << 20)) return std::nullopt;
    return n << shift;
  }
  return std::nullopt;
}

class ConfigReader {
 public:
  ConfigReader(Config* config, absl::Span<const Rule* const> rules) : config_(*config), rules_(rules), problems_(config->file) {}

  absl::Status Read(const toml::table& root) {
    TomlTable t(root, "the top level", &problems_);
    if (const toml::array* sets = t.Array("set")) {
      for (const toml::node& n : *sets) {
        if (const toml::table* set = n.as_table()) {
          ReadSet(*set);
        } else {
          t.WrongType(n, "set", "tables: [[set]]");
        }
      }
    }
    CheckOrder(t);
    if (const toml::table* lint = t.Table("lint")) ReadLint(*lint);
    if (const toml::table* apply = t.Table("apply")) ReadApply(*apply);
    if (const toml::table* telemetry = t.Table("telemetry")) ReadTelemetry(*telemetry);
    if (const toml::table* announce = t.Table("announce")) ReadAnnounce(*announce);
    t.Finish();
    if (!problems_.empty()) return absl::InvalidArgumentError(problems_.Text());
    return absl::OkStatus();
  }

 private:
  void Transaction(TomlTable& t, std::optional<TransactionMode>* out) {
    t.Choice("transaction-mode", "`file`, `statement` or `none`", [&](std::string_view v) {
      if (v == "file") *out = TransactionMode::kFile;
      if (v == "statement" || v == "none") *out = TransactionMode::kStatement;
      return out->has_value();
    });
  }

  void ReadSet(const toml::table& table) {
    SetConfig set;
    TomlTable t(table, "[[set]]", &problems_);
    t.String("name", &set.name);
    t.String("path", &set.path);
    t.Choice("engine", "`postgresql` or `neo4j`", [&](std::string_view v) {
      if (v == "postgresql") set.engine = Engine::kPostgresql;
      if (v == "neo4j") set.engine = Engine::kNeo4j;
      return set.engine.has_value();
    });
    std::string layouts = "`auto`";
    for (int i = 0; i < kLayoutCount; ++i) absl::StrAppend(&layouts, ", `", ToString(static_cast<Layout>(i)), "`");
    t.Choice("layout", layouts, [&](std::string_view v) {
      set.layout = ParseLayout(v);
      return v == "auto" || set.layout.has_value();
    });
    t.Versions("server-version", &set.server_versions);
    Transaction(t, &set.transaction);
    t.Choice("edition", "`community`, `enterprise` or `aura`", [&](std::string_view v) {
      set.edition = std::string(v);
      return v == "community" || v == "enterprise" || v == "aura";
    });
    t.String("url-env", &set.url_env);
    t.String("env-file", &set.env_file);
    t.String("environment", &set.environment);
    t.Strings("after", &set.after);
    t.String("schema", &set.schema);
    t.Finish();
    for (const char* key : {"name", "path"}) {
      if (!table.contains(key)) t.Problem(table, absl::StrCat("[[set]] needs a `", key, "`"));
    }
    if (!set.path.empty()) set.path = Join(config_.folder, set.path);
    if (!set.env_file.empty()) set.env_file = Join(config_.folder, set.env_file);
    if (!set.schema.empty()) set.schema = Join(config_.folder, set.schema);
    if (!set.name.empty() && config_.FindSet(set.name) != nullptr) {
      t.Problem(*table.get("name"), absl::StrCat("two sets are called `", set.name, "`; give each a name of its own"));
    }
    set_nodes_.push_back(&table);
    config_.sets.push_back(std::move(set));
  }

  // `after` names other sets, without going round in a circle.
  void CheckOrder(TomlTable& t) {
    std::vector<std::string_view> names;
    for (const SetConfig& s : config_.sets) names.push_back(s.name);
    for (size_t i = 0; i < config_.sets.size(); ++i) {
      for (const std::string& name : config_.sets[i].after) {
        if (config_.FindSet(name) != nullptr) continue;
        const std::string_view nearest = NearestName(name, names);
        t.Problem(*set_nodes_[i]->get("after"), absl::StrCat("`after`: no set is called `", name, "`",
                                                             nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?")));
      }
      if (ComesBefore(i, i)) {
        t.Problem(*set_nodes_[i]->get("after"), absl::StrCat("`after`: the set `", config_.sets[i].name, "` would have to be applied before itself"));
      }
    }
  }

  // Following `after` from the set `set` leads to the set `goal`.
  bool ComesBefore(size_t goal, size_t set) const {
    std::vector<bool> seen(config_.sets.size(), false);
    std::vector<size_t> open = {set};
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (const std::string& name : config_.sets[at].after) {
        const SetConfig* next = config_.FindSet(name);
        if (next == nullptr) continue;
        const size_t i = static_cast<size_t>(next - config_.sets.data());
        if (i == goal) return true;
        if (!seen[i]) open.push_back(i);
        seen[i] = true;
      }
    }
    return false;
  }

  // A list of rules, groups or `all`; false if the key is absent.
  bool Rules(TomlTable& t, const toml::table& table, std::string_view key, std::vector<std::string>* out) {
    t.Strings(key, out);
    const toml::node* n = table.get(key);
    if (n == nullptr) return false;
    CheckRules(t, *n, key, *out);
    return true;
  }

  // Points at the item that is wrong.
  void CheckRules(TomlTable& t, const toml::node& n, std::string_view key, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const std::string problem = UnknownSelector(rules_, name);
      if (problem.empty()) continue;
      const toml::node* at = &n;
      if (const toml::array* list = n.as_array()) {
        for (const toml::node& item : *list) {
          if (item.is_string() && item.as_string()->get() == name) at = &item;
        }
      }
      t.Problem(*at, absl::StrCat("`", key, "`: ", problem));
    }
  }

  void ReadLint(const toml::table& table) {
    LintConfig& lint = config_.lint;
    TomlTable t(table, "[lint]", &problems_);
    std::vector<std::string> select;
    if (Rules(t, table, "select", &select)) lint.select = std::move(select);
    Rules(t, table, "ignore", &lint.ignore);
    Rules(t, table, "extend-select", &lint.extend_select);
    if (const toml::table* severity = t.Table("severity")) {
      for (const auto& [key, value] : *severity) {
        const std::string problem = UnknownSelector(rules_, key.str());
        if (!problem.empty()) problems_.Add(key.source(), absl::StrCat("`severity`: ", problem));
        const auto* name = value.as_string();
        const std::optional<Severity> level = name == nullptr ? std::nullopt : ParseSeverity(name->get());
        if (!level) {
          t.Problem(value, absl::StrCat("`severity`: that of `", key.str(), "` must be \"error\", \"warning\", \"note\" or \"off\""));
        } else if (problem.empty()) {
          lint.severity.emplace_back(std::string(key.str()), *level);
        }
      }
    }
    if (const toml::table* ignores = t.Table("per-path-ignores")) {
      TomlTable paths(*ignores, "per-path-ignores", &problems_);
      for (const auto& [key, value] : *ignores) {
        PathIgnore ignore{std::string(key.str()), {}};
        const std::string_view problem = GlobProblem(ignore.pattern);
        if (!problem.empty()) problems_.Add(key.source(), absl::StrCat("`per-path-ignores`: ", problem, " in `", key.str(), "`"));
        Rules(paths, *ignores, key.str(), &ignore.rules);
        lint.per_path_ignores.push_back(std::move(ignore));
      }
    }
    t.Choice("fail-on", "`error`, `warning` or `note`", [&](std::string_view v) {
      const std::optional<Severity> s = ParseSeverity(v);
      if (s && *s != Severity::kOff) lint.fail_on = s;
      return lint.fail_on.has_value();
    });
    Transaction(t, &lint.transaction);
    std::vector<std::string> versions;
    t.Versions("server-version", &versions);
    for (const std::string& v : versions) {
      int major = 0;
      const std::vector<std::string_view> parts = absl::StrSplit(v, '.');
      if (absl::SimpleAtoi(parts[0], &major)) lint.server_versions.push_back(major);
    }
    t.Choice("small-table", "sizes such as `512kB`, `10MB` or `1GB`", [&](std::string_view v) {
      lint.small_table = ParseSize(v);
      return lint.small_table.has_value();
    });
    Agreements(t, &lint.conventions);
    t.Finish();
  }

  void Agreements(TomlTable& t, std::shared_ptr<const Conventions>* out) {
    auto conventions = std::make_shared<Conventions>();
    std::vector<std::string> types;
    t.Strings("forbidden-types", &types);
    for (const std::string& type : types) conventions->Forbid(type);
    const toml::table* naming = t.Table("naming");
    if (naming != nullptr) {
      for (const auto& [kind, value] : *naming) {
        const auto* pattern = value.as_string();
        const std::string problem = pattern == nullptr ? absl::StrCat("that of `", kind.str(), "` must be a regular expression in quotes") : conventions->AddName(kind.str(), pattern->get());
        if (!problem.empty()) problems_.Add(kind.source(), absl::StrCat("`naming`: ", problem));
      }
    }
    if (naming != nullptr || !types.empty()) *out = std::move(conventions);
  }

  template <typename T, typename Get>
  static void Optional(std::optional<T>* out, const toml::table& table, std::string_view key, Get get) {
    T value{};
    get(&value);
    if (table.contains(key)) *out = value;
  }

  void ReadApply(const toml::table& table) {
    ApplyConfig& apply = config_.apply;
    TomlTable t(table, "[apply]", &problems_);
    auto duration = [&](std::string_view key, std::optional<int64_t>* out) {
      Optional(out, table, key, [&](int64_t* v) { t.Duration(key, v); });
    };
    auto number = [&](std::string_view key, int64_t high, std::optional<int64_t>* out) {
      Optional(out, table, key, [&](int64_t* v) { t.Int(key, 0, high, v); });
    };
    duration("lock-timeout", &apply.lock_timeout_ms);
    duration("statement-timeout", &apply.statement_timeout_ms);
    duration("window", &apply.window_ms);
    number("retries", 1000, &apply.retries);
    number("approvals", 100, &apply.approvals);
    Optional(&apply.require_backup, table, "require-backup", [&](bool* v) { t.Bool("require-backup", v); });
    Checks(t, "before", &apply.before);
    Checks(t, "after", &apply.after);
    t.Strings("row-counts", &apply.row_counts);
    t.String("health-url", &apply.health_url);
    t.String("backup-command", &apply.backup_command);
    t.String("backup-folder", &apply.backup_folder);
    t.String("allowed-signers", &apply.allowed_signers);
    t.String("audit-dir", &apply.audit_folder);
    for (std::string* path : {&apply.backup_folder, &apply.allowed_signers, &apply.audit_folder}) {
      if (!path->empty()) *path = Join(config_.folder, *path);
    }
    t.Finish();
  }

  // A check is a query, or a table { name, query, expect }.
  void Checks(TomlTable& t, std::string_view key, std::vector<CheckConfig>* out) {
    const toml::array* list = t.Array(key);
    if (list == nullptr) return;
    for (const toml::node& n : *list) {
      CheckConfig check;
      if (n.is_string()) {
        check.query = n.as_string()->get();
      } else if (const toml::table* table = n.as_table()) {
        TomlTable c(*table, "a check", &problems_);
        c.String("name", &check.name);
        c.String("query", &check.query);
        c.String("expect", &check.expect);
        c.String("set", &check.set);
        c.Finish();
        if (!table->contains("query")) c.Problem(n, absl::StrCat("`", key, "`: the check has no `query`"));
      } else {
        t.WrongType(n, key, "a list of queries, or of tables { name, query, expect }");
      }
      out->push_back(std::move(check));
    }
  }

  void ReadTelemetry(const toml::table& table) {
    TomlTable t(table, "[telemetry]", &problems_);
    t.String("otlp-endpoint-env", &config_.telemetry.otlp_endpoint_env);
    t.String("headers-env", &config_.telemetry.headers_env);
    t.String("service-name", &config_.telemetry.service_name);
    t.Finish();
  }

  void ReadAnnounce(const toml::table& table) {
    TomlTable t(table, "[announce]", &problems_);
    t.String("contact", &config_.announce.contact);
    t.String("channel", &config_.announce.channel);
    t.Finish();
  }

  Config& config_;
  absl::Span<const Rule* const> rules_;
  TomlProblems problems_;
  std::vector<const toml::table*> set_nodes_;
};

bool IsFile(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// The path as it is from the root, however it was written; "/a" for "/a/", too.
std::string FullPath(std::string_view path) {
  std::error_code error;
  std::string full = fs::absolute(path.empty() ? fs::path(".") : fs::path(std::string(path)), error).lexically_normal().generic_string();
  while (full.size() > 1 && full.back() == '/') full.pop_back();
  return full;
}

// "" if there is none.
std::string NearestConfigFile(const std::string& path) {
  std::error_code error;
  fs::path folder = path.empty() ? fs::path(".") : fs::path(path);
  if (!fs::is_directory(folder, error)) folder = folder.parent_path();
  // As the user writes it as long as that goes upwards, so that messages and paths stay short; from there on by its full name.
  folder = folder.lexically_normal();
  if (folder == ".") folder.clear();
  if (folder.is_relative() && (folder.empty() || *folder.begin() != "..")) {
    for (;;) {
      if (!folder.empty() && folder.filename().empty()) folder = folder.parent_path();
      std::string candidate = (folder / kFileName).generic_string();
      if (IsFile(candidate)) return candidate;
      if (folder.empty()) break;
      folder = folder.parent_path();
    }
    folder = fs::current_path(error).parent_path();
  } else {
    folder = fs::absolute(folder, error).lexically_normal();
  }
  for (;;) {
    std::string candidate = (folder / kFileName).generic_string();
    if (IsFile(candidate)) return candidate;
    if (!folder.has_relative_path()) return "";
    folder = folder.parent_path();
  }
}

std::string FolderOf(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : slash == 0 ? "/" : file.substr(0, slash);
}

}  // namespace

SelectionLayer Config::Selection() const {
  SelectionLayer layer;
  layer.origin = file;
  layer.select = lint.select;
  layer.ignore = lint.ignore;
  layer.extend_select = lint.extend_select;
  layer.severity = lint.severity;
  return layer;
}

bool Config::IsIgnored(std::string_view path, const RuleInfo& rule) const {
  auto names_rule = [&](const PathIgnore& ignore) {
    return std::any_of(ignore.rules.begin(), ignore.rules.end(), [&](const std::string& s) { return Selects(s, rule); });
  };
  if (std::none_of(lint.per_path_ignores.begin(), lint.per_path_ignores.end(), names_rule)) return false;
  std::string relative;
  if (!folder.empty()) {
    // Both may be written in many ways.
    std::error_code error;
    const fs::path from = fs::absolute(folder, error).lexically_normal(), to = fs::absolute(fs::path(std::string(path)), error).lexically_normal();
    relative = to.lexically_relative(from).generic_string();
    path = relative;
  } else if (!path.empty() && path.front() == '/') {
    std::error_code error;
    relative = fs::path(std::string(path)).lexically_normal().lexically_relative(fs::current_path(error)).generic_string();
    path = relative;
  }
  for (const PathIgnore& ignore : lint.per_path_ignores) {
    if (names_rule(ignore) && GlobMatch(ignore.pattern, path)) return true;
  }
  return false;
}

const SetConfig* Config::FindSet(std::string_view name) const {
  for (const SetConfig& s : sets) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

const SetConfig* Config::SetAt(std::string_view path, std::optional<Engine> engine) const {
  const SetConfig* found = nullptr;
  if (sets.empty()) return found;
  const std::string full = FullPath(path);
  size_t longest = 0;
  for (const SetConfig& s : sets) {
    if (s.engine && engine && *s.engine != *engine) continue;
    const std::string root = FullPath(s.path);
    const bool inside = full == root || root == "/" || (absl::StartsWith(full, root) && full[root.size()] == '/');
    if (!inside || root.size() <= longest) continue;
    longest = root.size();
    found = &s;
  }
  return found;
}

absl::StatusOr<Config> FindConfig(const std::string& path) {
  const std::string file = NearestConfigFile(path);
  return file.empty() ? Config{} : LoadConfig(file);
}

Configs::Configs(Config only) : only_(std::make_unique<const Config>(std::move(only))) {}

absl::StatusOr<const Config*> Configs::At(const std::string& path) {
  if (only_ != nullptr) return only_.get();
  const auto [it, unknown] = by_folder_.try_emplace(path);
  if (unknown) {
    const std::string file = NearestConfigFile(path);
    std::unique_ptr<const Config>& config = by_file_[file];
    if (config == nullptr) {
      absl::StatusOr<Config> loaded = file.empty() ? Config{} : LoadConfig(file);
      if (!loaded.ok()) {
        by_folder_.erase(it);
        return loaded.status();
      }
      config = std::make_unique<const Config>(*std::move(loaded));
    }
    it->second = config.get();
  }
  return it->second;
}

std::vector<int> Config::PostgresMajors(const SetConfig* set) const {
  std::vector<int> majors;
  if (set != nullptr) {
    for (const std::string& v : set->server_versions) {
      int major;
      if (absl::SimpleAtoi(v.substr(0, v.find('.')), &major)) majors.push_back(major);
    }
  }
  return majors.empty() ? lint.server_versions : majors;
}

FolderSaid SaidOf(Configs& configs, const std::string& path, absl::Status* error) {
  FolderSaid said;
  const absl::StatusOr<const Config*> config = configs.At(path);
  if (!config.ok()) {
    error->Update(config.status());
    return said;
  }
  said.transaction = (*config)->lint.transaction;
  if (const SetConfig* set = (*config)->SetAt(path, std::nullopt); set != nullptr) {
    said.layout = set->layout;
    said.engine = set->engine;
    if (set->transaction) said.transaction = set->transaction;
  }
  return said;
}

absl::StatusOr<Config> LoadConfig(const std::string& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    return absl::NotFoundError(absl::StrCat("the configuration `", file, "` ", fs::exists(file, error) ? "is not a regular file" : "is not there"));
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    return absl::InternalError(absl::StrCat("cannot read the configuration `", file, "`: ", strerror(errno == 0 ? EIO : errno)));
  }
  return ParseConfig(text.str(), file, AllRules());
}

absl::StatusOr<Config> ParseConfig(std::string_view text, const std::string& file, absl::Span<const Rule* const> rules) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const toml::parse_error& e = parsed.error();
    return absl::InvalidArgumentError(absl::StrCat(file, ":", e.source().begin.line, ":", e.source().begin.column, ": not TOML: ", e.description()));
  }
  Config config;
  config.file = file;
  config.folder = FolderOf(file);
  if (absl::Status status = ConfigReader(&config, rules).Read(parsed.table()); !status.ok()) return status;
  return config;
}

}  // namespace pawl
