#include "migrations/set/migration_set.h"

namespace pawl {
namespace {

constexpr std::string_view kLayoutNames[] = {
    "plain", "golang-migrate", "dbmate", "goose", "flyway", "prisma", "sqlx", "diesel", "node-pg-migrate", "liquibase", "numbered",
    "timestamp-slug", "neo4j-migrations", "sql-migrate",
};
static_assert(sizeof(kLayoutNames) / sizeof(kLayoutNames[0]) == kLayoutCount);

}  // namespace

std::string_view ToString(Layout l) { return kLayoutNames[static_cast<int>(l)]; }

std::optional<Layout> ParseLayout(std::string_view s) {
  for (int i = 0; i < kLayoutCount; ++i) {
    if (kLayoutNames[i] == s) return static_cast<Layout>(i);
  }
  return std::nullopt;
}

}  // namespace pawl
