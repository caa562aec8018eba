#include "rules/registry.h"

namespace pawl {

// One line a rule, in the catalogue's order (`pawl rules` and docs/rules follow it).
#define PAWL_RULES(RULE) \
  /* Locks */ \
  RULE(kIndexNotConcurrent) \
  /* Rewrites */ \
  RULE(kVolatileDefaultRewrite) \
  RULE(kConstantDefaultRewrite) \
  RULE(kSerialColumnRewrite) \
  RULE(kIdentityColumnRewrite) \
  RULE(kStoredGeneratedRewrite) \
  RULE(kColumnTypeRewrite) \
  RULE(kSetLoggedUnlogged) \
  RULE(kSetAccessMethod) \
  RULE(kSetTablespace) \
  RULE(kVacuumFull) \
  RULE(kCluster) \
  RULE(kCreateTableAs) \
  /* Transactions */ \
  RULE(kNestedTransaction) \
  RULE(kUncommittedTransaction) \
  RULE(kSchemaAndDataInOneTransaction) \
  RULE(kEnumValueInTransaction) \
  RULE(kEnumValueUsedInTransaction) \
  /* Data and backfills */ \
  /* Running code during the deploy */ \
  /* Repeatable runs */ \
  RULE(kMissingIfNotExists) \
  RULE(kMissingIfExists) \
  /* The history of migrations */ \
  RULE(kMissingDown) \
  RULE(kEmptyDown) \
  RULE(kDownLosesData) \
  RULE(kEditedAppliedMigration) \
  RULE(kDeletedAppliedMigration) \
  RULE(kOutOfOrderVersion) \
  RULE(kDuplicateVersion) \
  RULE(kVersionGap) \
  RULE(kBadFileName) \
  RULE(kEmptyMigration) \
  RULE(kOversizedMigration) \
  RULE(kMixedEngines) \
  RULE(kFileEncoding) \
  RULE(kSyntaxError) \
  RULE(kUnsupportedByServer) \
  RULE(kNotUnderstood) \
  RULE(kUnusedSuppression) \
  /* end */

#define PAWL_DECLARE(rule) extern const Rule rule;
PAWL_RULES(PAWL_DECLARE)
#undef PAWL_DECLARE

namespace {
#define PAWL_ADDRESS(rule) &rule,
constexpr const Rule* kAllRules[] = {PAWL_RULES(PAWL_ADDRESS)};
#undef PAWL_ADDRESS
}  // namespace

absl::Span<const Rule* const> AllRules() { return kAllRules; }

const Rule* FindRule(std::string_view name) {
  for (const Rule* r : kAllRules) {
    if (r->info.name == name) return r;
  }
  return nullptr;
}

}  // namespace pawl
