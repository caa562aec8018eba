// Flyway: V1__name.sql, V1.2__name.sql, U1__name.sql (undo), R__name.sql (repeatable), B1__name.sql (baseline), also in
// subfolders; without the V where a project sets sqlMigrationPrefix to nothing.
//
// Flyway runs a migration in one transaction and sends its statements one by one. Its PostgreSQL parser knows statements that
// cannot run in one (flyway-database-postgresql, PostgreSQLParser.detectCanExecuteInTransaction); a file of nothing else runs
// without. A file that mixes both kinds is refused unless `mixed` is set ("Detected both transactional and non-transactional
// statements within the same migration"): such a file is given as one transaction, in which the server refuses the statement
// too. `executeInTransaction=false` in V1__name.sql.conf also turns the transaction off.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/layout/flyway_statements.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

std::optional<FlywayName> NameOf(const LayoutFile& f) {
  if (f.name.direction || !absl::EqualsIgnoreCase(f.name.extension, ".sql")) return std::nullopt;
  const std::string_view stem = f.name.base.substr(0, f.name.base.size() - f.name.extension.size());
  if (auto name = ParseFlywayName(stem)) return name;
  // An empty prefix: only with a number as long as a date, which no other convention follows with two underscores.
  if (f.name.digits.size() >= 8 && f.name.separator == '_' && absl::StartsWith(f.name.slug, "_")) {
    return FlywayName{'V', f.name.digits, f.name.slug.substr(1)};
  }
  return std::nullopt;
}

// beforeMigrate.sql, afterEachMigrate__grants.sql: run at their event, every time.
bool IsCallback(const LayoutFile& f) {
  for (std::string_view when : {"before", "after"}) {
    const std::string_view s = f.name.stem;
    if (!absl::StartsWith(s, when) || s.size() == when.size() || !absl::ascii_isupper(static_cast<unsigned char>(s[when.size()]))) continue;
    for (std::string_view event : {"Migrate", "Undo", "Versioned", "Repeatables", "Each", "Clean", "Info", "Validate", "Baseline", "Repair"}) {
      if (absl::StartsWith(s.substr(when.size()), event)) return true;
    }
  }
  return absl::StartsWith(f.name.stem, "createSchema");
}

bool Fits(const LayoutInput&, const LayoutFile& f) { return NameOf(f).has_value(); }

TransactionMode ModeOf(const LayoutInput& input, const LayoutFile& f) {
  if (const Companion* conf = input.FindCompanion(absl::StrCat(f.path, ".conf"))) {
    for (Lines lines(conf->text); lines.Next();) {
      const auto value = AfterPrefix(TrimBlanks(lines.line()), "executeInTransaction");
      if (value && ContainsIgnoreCase(*value, "false")) return TransactionMode::kStatement;
    }
  }
  return HasOnlyNonTransactionalStatements(f.text()) ? TransactionMode::kStatement : TransactionMode::kFile;
}

// The name is near Flyway's own form but does not match it: such a file is skipped without a word.
std::string NearMiss(const LayoutFile& f) {
  const std::string_view stem = f.name.stem;
  if (stem.size() < 2) return "";
  const bool letter = std::string_view("VvUuRrBb").find(stem[0]) != std::string_view::npos;
  if (letter && IsDigit(stem[1])) {
    if (stem.find("__") == std::string_view::npos) return "does not match V1__name.sql: two underscores must stand behind the version";
    if (absl::ascii_islower(static_cast<unsigned char>(stem[0]))) return "does not match V1__name.sql: the prefix must be a capital letter";
    return "does not match V1__name.sql: the version may hold only digits, dots and underscores";
  }
  if (IsDigit(stem[0])) return "does not match V1__name.sql: the prefix `V` is missing";
  return "";
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  absl::flat_hash_map<std::string, size_t> ups;  // version as Flyway compares it -> migration
  std::vector<std::pair<const LayoutFile*, FlywayName>> undos, baselines;
  auto canonical = [](std::string_view version) {
    std::string s(version);
    std::replace(s.begin(), s.end(), '_', '.');  // what flyway_schema_history.version shows
    return s;
  };
  for (const LayoutFile& f : input.files) {
    const auto name = NameOf(f);
    if (!name && IsCallback(f)) {
      Migration m = MakeMigration("", f.name.stem);
      m.repeatable = true;
      m.up = WholeFile(f, ModeOf(input, f));
      out->migrations.push_back(std::move(m));
    } else if (!name) {
      std::string reason = NearMiss(f);
      if (reason.empty()) out->rest.push_back(&f);
      else AddStray(f, std::move(reason), out);
    } else if (name->prefix == 'U') {
      undos.emplace_back(&f, *name);
    } else if (name->prefix == 'B') {
      baselines.emplace_back(&f, *name);
    } else {
      Migration m = MakeMigration(name->prefix == 'R' ? "" : canonical(name->version), name->description);
      m.repeatable = name->prefix == 'R';
      m.up = WholeFile(f, ModeOf(input, f));
      if (!m.repeatable) ups.emplace(m.version, out->migrations.size());
      out->migrations.push_back(std::move(m));
    }
  }
  // A baseline stands for the versions up to its own on a new database. Beside them it is not one more step of the history.
  for (const auto& [f, name] : baselines) {
    const bool covered = std::any_of(out->migrations.begin(), out->migrations.end(), [&, version = name.version](const Migration& m) {
      return !m.repeatable && CompareDotted(m.version, version) <= 0;
    });
    if (covered) {
      out->rest.push_back(f);
      continue;
    }
    Migration m = MakeMigration(canonical(name.version), name.description);
    m.up = WholeFile(*f, ModeOf(input, *f));
    ups.emplace(m.version, out->migrations.size());
    out->migrations.push_back(std::move(m));
  }
  for (const auto& [f, name] : undos) {
    const std::string version = canonical(name.version);
    const ScriptRef script = WholeFile(*f, ModeOf(input, *f));
    const auto up = ups.find(version);
    if (up != ups.end() && !out->migrations[up->second].down) {
      out->migrations[up->second].down = script;
      continue;
    }
    Migration m = MakeMigration(version, name.description);
    m.down = script;
    out->migrations.push_back(std::move(m));
  }
}

}  // namespace

extern const LayoutSpec kFlywayLayout;
const LayoutSpec kFlywayLayout = {Layout::kFlyway, 1, Fits, Split, CompareVersionDotted};

}  // namespace pawl
