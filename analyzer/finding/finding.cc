#include "analyzer/finding/finding.h"

namespace pawl {

std::string_view ToString(Severity s) {
  switch (s) {
    case Severity::kOff: return "off";
    case Severity::kNote: return "note";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "";
}

std::optional<Severity> ParseSeverity(std::string_view s) {
  for (Severity v : {Severity::kOff, Severity::kNote, Severity::kWarning, Severity::kError}) {
    if (s == ToString(v)) return v;
  }
  return std::nullopt;
}

std::string_view ToString(Engine e) { return e == Engine::kPostgresql ? "postgresql" : "neo4j"; }

namespace {
struct LockNames {
  std::string_view pg_locks;
  std::string_view sql;
};
constexpr LockNames kLockNames[] = {
    {"none", "none"},
    {"AccessShareLock", "ACCESS SHARE"},
    {"RowShareLock", "ROW SHARE"},
    {"RowExclusiveLock", "ROW EXCLUSIVE"},
    {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"},
    {"ShareLock", "SHARE"},
    {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"},
    {"ExclusiveLock", "EXCLUSIVE"},
    {"AccessExclusiveLock", "ACCESS EXCLUSIVE"},
};
}  // namespace

std::string_view ToString(LockMode m) { return kLockNames[static_cast<int>(m)].pg_locks; }
std::string_view SqlName(LockMode m) { return kLockNames[static_cast<int>(m)].sql; }

}  // namespace pawl
