#include "migrations/layout/names.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace pawl {
namespace {

constexpr std::string_view kForeignDialects[] = {
    "mysql", "mariadb", "sqlite", "sqlite3", "mssql", "sqlserver", "oracle", "cockroach", "cockroachdb", "crdb",
    "h2",    "hsqldb",  "db2",    "derby",   "clickhouse", "snowflake", "bigquery",
};
constexpr std::string_view kPostgresDialects[] = {"postgres", "postgresql", "pg", "psql"};
constexpr std::string_view kCodeExtensions[] = {".go", ".py", ".js", ".ts", ".rs", ".java", ".kt", ".scala", ".rb", ".php", ".cs", ".ex", ".exs"};

bool Separator(char c) { return c == '.' || c == '_' || c == '-'; }

std::string_view TakeDigits(std::string_view s) {
  size_t n = 0;
  while (n < s.size() && IsDigit(s[n])) ++n;
  return s.substr(0, n);
}

// Cuts ".word" off the end of `stem` if `is` accepts the word.
template <typename Is>
std::string_view CutSuffix(std::string_view& stem, Is is) {
  const size_t dot = stem.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || !is(stem.substr(dot + 1))) return {};
  const std::string_view word = stem.substr(dot + 1);
  stem = stem.substr(0, dot);
  return word;
}

}  // namespace

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsForeignDialect(std::string_view s) {
  if (s.empty()) return false;
  return std::any_of(std::begin(kForeignDialects), std::end(kForeignDialects), [&](std::string_view d) { return absl::EqualsIgnoreCase(s, d); });
}

bool IsUnmistakableForeignDialect(std::string_view s) {
  if (s.empty() || IsDigit(s[0])) return false;
  for (std::string_view d : {"mysql", "mariadb", "sqlite", "sqlite3", "mssql", "sqlserver", "clickhouse"}) {
    if (absl::EqualsIgnoreCase(s, d)) return true;
  }
  return false;
}

bool IsPostgresDialect(std::string_view s) {
  if (s.empty() || (s[0] | 0x20) != 'p') return false;
  return std::any_of(std::begin(kPostgresDialects), std::end(kPostgresDialects), [&](std::string_view d) { return absl::EqualsIgnoreCase(s, d); });
}

std::optional<Engine> EngineOfName(std::string_view base) {
  const size_t dot = base.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  const std::string_view extension = base.substr(dot + 1);
  if (absl::EqualsIgnoreCase(extension, "sql")) return Engine::kPostgresql;
  for (std::string_view e : {"cypher", "cql", "cyp"}) {
    if (absl::EqualsIgnoreCase(extension, e)) return Engine::kNeo4j;
  }
  return std::nullopt;
}

namespace {

void CutSuffixes(NameParts& n) {
  const std::string_view direction =
      CutSuffix(n.stem, [](std::string_view w) { return absl::EqualsIgnoreCase(w, "up") || absl::EqualsIgnoreCase(w, "down"); });
  if (!direction.empty()) n.direction = direction.size() == 2 ? Direction::kUp : Direction::kDown;
  // "x.cockroach.autocommit.up.sql": pop's way to say "no transaction".
  CutSuffix(n.stem, [](std::string_view w) { return w == "autocommit"; });
  n.dialect = CutSuffix(n.stem, [](std::string_view w) { return IsForeignDialect(w) || IsPostgresDialect(w); });
}

}  // namespace

NameParts ParseName(std::string_view path) {
  NameParts n;
  const size_t slash = path.rfind('/');
  n.base = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (slash != std::string_view::npos) n.folder = path.substr(0, slash);
  n.stem = n.base;
  if (const size_t dot = n.base.rfind('.'); dot != std::string_view::npos && dot > 0) {
    n.extension = n.base.substr(dot);
    n.stem = n.base.substr(0, dot);
  }
  if (n.stem.find('.') != std::string_view::npos) CutSuffixes(n);  // most names have none
  n.digits = TakeDigits(n.stem);
  n.slug = n.stem.substr(n.digits.size());
  if (!n.digits.empty() && !n.slug.empty()) {
    n.separator = n.slug[0];
    if (Separator(n.separator)) n.slug.remove_prefix(1);
  }
  return n;
}

std::optional<FlywayName> ParseFlywayName(std::string_view stem) {
  if (stem.empty() || std::string_view("VURB").find(stem[0]) == std::string_view::npos) return std::nullopt;
  FlywayName f;
  f.prefix = stem[0];
  const size_t underscores = stem.find("__");
  if (underscores == std::string_view::npos) return std::nullopt;
  f.version = stem.substr(1, underscores - 1);
  f.description = stem.substr(underscores + 2);
  if (f.prefix == 'R') return f;
  if (f.version.empty() || !IsDigit(f.version.front()) || !IsDigit(f.version.back())) return std::nullopt;
  for (char c : f.version) {
    if (!IsDigit(c) && c != '.' && c != '_') return std::nullopt;
  }
  return f;
}

bool LooksLikeMigrationFolder(std::string_view base) {
  const std::string_view digits = TakeDigits(base);
  if (digits.empty() || digits.size() == base.size()) return false;
  const char c = base[digits.size()];
  return c == '_' || c == '-';
}

bool LooksLikeVersionFolder(std::string_view base) {
  if (!base.empty() && (base[0] == 'v' || base[0] == 'V')) base.remove_prefix(1);
  if (base.empty() || !IsDigit(base.front()) || !IsDigit(base.back())) return false;
  return std::all_of(base.begin(), base.end(), [](char c) { return IsDigit(c) || c == '.' || c == '_'; });
}

bool LooksLikeCodeMigration(std::string_view base) {
  const size_t dot = base.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view extension = base.substr(dot);
  if (std::find(std::begin(kCodeExtensions), std::end(kCodeExtensions), extension) == std::end(kCodeExtensions)) return false;
  if (absl::EndsWith(base, "_test.go") || absl::StrContains(base, ".test.") || absl::StrContains(base, ".spec.")) return false;
  if (ParseFlywayName(base.substr(0, dot))) return true;
  return IsDigit(base[0]) && LooksLikeMigrationFolder(base.substr(0, dot));
}

int CompareNumbers(std::string_view a, std::string_view b) {
  while (a.size() > 1 && a[0] == '0') a.remove_prefix(1);
  while (b.size() > 1 && b[0] == '0') b.remove_prefix(1);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

int CompareDotted(std::string_view a, std::string_view b) {
  while (true) {
    const std::string_view x = TakeDigits(a), y = TakeDigits(b);
    if (const int c = CompareNumbers(x.empty() ? "0" : x, y.empty() ? "0" : y); c != 0) return c;  // 1 == 1.0, as Flyway has it
    a.remove_prefix(x.size());
    b.remove_prefix(y.size());
    if (a.empty() && b.empty()) return 0;
    if (!a.empty()) a.remove_prefix(1);
    if (!b.empty()) b.remove_prefix(1);
  }
}

int CompareNatural(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (IsDigit(a[0]) && IsDigit(b[0])) {
      const std::string_view x = TakeDigits(a), y = TakeDigits(b);
      if (const int c = CompareNumbers(x, y); c != 0) return c;
      a.remove_prefix(x.size());
      b.remove_prefix(y.size());
      continue;
    }
    if (a[0] != b[0]) return static_cast<unsigned char>(a[0]) < static_cast<unsigned char>(b[0]) ? -1 : 1;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty() ? -1 : 1;
  return whole_a.compare(whole_b);  // "01" and "1": any fixed order
}

}  // namespace pawl
