#include "rules/registry.h"

namespace pawl {

// One line a rule, in the catalogue's order (`pawl rules` and docs/rules follow it).
#define PAWL_RULES(RULE) \
  /* Locks */ \
  RULE(kIndexNotConcurrent) \
  RULE(kDropIndexNotConcurrent) \
  RULE(kReindexNotConcurrent) \
  RULE(kConcurrentlyInTransaction) \
  RULE(kConcurrentIndexIfNotExists) \
  RULE(kIndexOnPartitionedParent) \
  RULE(kRefreshNotConcurrent) \
  RULE(kDetachPartitionNotConcurrent) \
  RULE(kAttachPartitionWithoutCheck) \
  RULE(kAttachPartitionScansDefault) \
  RULE(kForeignKeyWithoutNotValid) \
  RULE(kCheckWithoutNotValid) \
  RULE(kValidateInSameTransaction) \
  RULE(kUniqueConstraintWithoutIndex) \
  RULE(kPrimaryKeyWithoutIndex) \
  RULE(kPrimaryKeyImplicitNotNull) \
  RULE(kExclusionConstraint) \
  RULE(kSetNotNullScan) \
  RULE(kDomainConstraint) \
  RULE(kCreateTrigger) \
  RULE(kDisableTrigger) \
  RULE(kDropTrigger) \
  RULE(kLockTable) \
  RULE(kWorkUnderExclusiveLock) \
  RULE(kLocksSeveralTables) \
  RULE(kMissingLockTimeout) \
  RULE(kIneffectiveTimeout) \
  RULE(kMissingStatementTimeout) \
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
  RULE(kCombineAlterTable) \
  RULE(kRedundantIndex) \
  RULE(kWastedWork) \
  RULE(kCreateTableAs) \
  /* Transactions */ \
  RULE(kNestedTransaction) \
  RULE(kUncommittedTransaction) \
  RULE(kSchemaAndDataInOneTransaction) \
  RULE(kEnumValueInTransaction) \
  RULE(kEnumValueUsedInTransaction) \
  /* Data and backfills */ \
  RULE(kNotNullWithoutDefault) \
  RULE(kNotNullWithoutBackfill) \
  RULE(kUnbatchedUpdate) \
  RULE(kUnbatchedDelete) \
  RULE(kDropTable) \
  RULE(kDropColumn) \
  RULE(kTruncate) \
  RULE(kTruncateCascade) \
  RULE(kDropCascade) \
  RULE(kDropSchema) \
  RULE(kDropDatabase) \
  RULE(kDropConstraint) \
  RULE(kDropPrimaryKey) \
  RULE(kDropColumnDropsConstraint) \
  RULE(kDropIndexOfConstraint) \
  RULE(kDropDependedObject) \
  RULE(kColumnTypeNarrowing) \
  RULE(kColumnTypeDropsStatistics) \
  RULE(kUniqueMayFailOnDuplicates) \
  RULE(kCheckCallsVolatile) \
  RULE(kDuplicateKeyColumn) \
  RULE(kDuplicateAssignment) \
  /* Running code during the deploy */ \
  RULE(kRenameTable) \
  RULE(kRenameColumn) \
  RULE(kRenameObject) \
  RULE(kSetSchema) \
  RULE(kDropType) \
  RULE(kDropViewOrRoutine) \
  RULE(kRenameEnumValue) \
  RULE(kDropNotNull) \
  RULE(kChangeColumnDefault) \
  RULE(kReplaceViewOrRoutine) \
  RULE(kAddEnumValue) \
  /* Repeatable runs */ \
  RULE(kMissingIfNotExists) \
  RULE(kMissingIfExists) \
  RULE(kIfNotExistsHidesDifference) \
  /* The history of migrations */ \
  RULE(kMissingDown) \
  RULE(kEmptyDown) \
  RULE(kDownDoesNotReverse) \
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
  RULE(kUnknownObject) \
  RULE(kUnusedSuppression) \
  /* Cypher and Neo4j */ \
  RULE(kCypherMissingIfNotExists) \
  RULE(kCypherMissingIfExists) \
  RULE(kCypherUnnamedSchema) \
  RULE(kCypherSchemaAndData) \
  RULE(kCypherAdminWithGraph) \
  RULE(kCypherDropCreateInOneTransaction) \
  RULE(kCypherUniquenessGap) \
  RULE(kCypherConflictingIndex) \
  RULE(kCypherIndexNotAwaited) \
  RULE(kCypherConstraintMayFailOnData) \
  RULE(kCypherEnterpriseOnly) \
  RULE(kCypherDropTokenLookup) \
  RULE(kCypherUnbatchedDelete) \
  RULE(kCypherUnbatchedWrite) \
  RULE(kCypherBatchOfOne) \
  RULE(kCypherInTransactionsInTransaction) \
  RULE(kCypherOnErrorUnreported) \
  RULE(kCypherBatchNotResumable) \
  RULE(kCypherConcurrentDeadlock) \
  RULE(kCypherApocUnchecked) \
  RULE(kCypherMergeWithoutConstraint) \
  RULE(kCypherMergeWholePattern) \
  RULE(kCypherMergeUndirected) \
  RULE(kCypherCreateNotIdempotent) \
  RULE(kCypherSetReplacesProperties) \
  RULE(kCypherMatchWithoutLabel) \
  RULE(kCypherCartesianProduct) \
  RULE(kCypherUnboundedPath) \
  RULE(kCypherLoadCsvUnbatched) \
  RULE(kCypherLoadCsvFileUrl) \
  RULE(kCypherRemovedSyntax) \
  RULE(kCypherDeprecatedSyntax) \
  RULE(kCypherInternalId) \
  RULE(kCypherVersionDependentResult) \
  RULE(kCypherVersionNotPinned) \
  RULE(kCypherShellCommand) \
  RULE(kCypherNonDeterministic) \
  RULE(kCypherRenameInPlace) \
  RULE(kCypherDynamicName) \
  RULE(kCypherIndexOptions) \
  RULE(kCypherUnknownName) \
  /* Design and types */ \
  RULE(kTableWithoutPrimaryKey) \
  RULE(kPreferBigint) \
  RULE(kForeignKeyWithoutIndex) \
  RULE(kForeignKeyWithoutOnDelete) \
  RULE(kCascadingForeignKey) \
  RULE(kUnnamedConstraint) \
  RULE(kUniqueInsteadOfPrimaryKey) \
  RULE(kPartitionedKeyLacksColumn) \
  RULE(kPartitionBoundMismatch) \
  RULE(kDefaultPartition) \
  RULE(kReplicaIdentity) \
  RULE(kNotEnforcedConstraint) \
  RULE(kJsonColumn) \
  RULE(kVarcharLimit) \
  RULE(kCharType) \
  RULE(kTimestampWithoutTimeZone) \
  RULE(kTimeWithTimeZone) \
  RULE(kSerialType) \
  RULE(kMoneyType) \
  RULE(kFloatType) \
  RULE(kEnumType) \
  RULE(kEnumValueWithoutPosition) \
  RULE(kForbiddenType) \
  RULE(kUnloggedTable) \
  RULE(kWideIndex) \
  RULE(kIdentifierTooLong) \
  RULE(kNamingConvention) \
  RULE(kUnqualifiedName) \
  /* Security */ \
  RULE(kSecurityDefinerSearchPath) \
  RULE(kGrantToPublic) \
  RULE(kRlsWithoutPolicy) \
  RULE(kCreateExtension) \
  RULE(kPasswordInMigration) \
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
