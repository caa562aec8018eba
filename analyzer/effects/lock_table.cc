// Sources: AlterTableGetLockLevel and ATPrepCmd in src/backend/commands/tablecmds.c of PostgreSQL 12 to 18; every row was read
// from pg_locks inside a transaction on 12.22, 14.24, 15.18 and 18.6, and rewrites from pg_class.relfilenode.
#include "analyzer/effects/lock_table.h"

#include <iterator>

namespace pawl {
namespace {

using K = sql::AlterKind;
using L = LockMode;
using W = Work;

constexpr AlterFact kFacts[] = {
    {K::kAddColumn, L::kAccessExclusive, W::kMetadata, true, "adds a column"},
    {K::kDropColumn, L::kAccessExclusive, W::kMetadata, true, "drops a column"},
    {K::kColumnType, L::kAccessExclusive, W::kRewrite, true, "rewrites the table"},
    {K::kSetDefault, L::kAccessExclusive, W::kMetadata, true, "sets a default"},
    {K::kDropDefault, L::kAccessExclusive, W::kMetadata, true, "drops a default"},
    {K::kSetNotNull, L::kAccessExclusive, W::kScan, true, "scans the table for nulls"},
    {K::kDropNotNull, L::kAccessExclusive, W::kMetadata, true, "allows nulls"},
    {K::kSetExpression, L::kAccessExclusive, W::kRewrite, true, "rewrites the table"},        // 17+
    {K::kDropExpression, L::kAccessExclusive, W::kMetadata, true, "makes a generated column an ordinary one"},  // 13+
    {K::kAddIdentity, L::kAccessExclusive, W::kMetadata, true, "makes a column an identity column"},
    {K::kSetIdentity, L::kAccessExclusive, W::kMetadata, true, "changes an identity column"},
    {K::kDropIdentity, L::kAccessExclusive, W::kMetadata, true, "makes an identity column an ordinary one"},
    {K::kSetStatistics, L::kShareUpdateExclusive, W::kMetadata, true, "sets a statistics target"},
    {K::kSetStorage, L::kAccessExclusive, W::kMetadata, true, "sets a storage mode"},
    {K::kSetCompression, L::kAccessExclusive, W::kMetadata, true, "sets a compression method"},  // 14+
    {K::kSetOptions, L::kShareUpdateExclusive, W::kMetadata, false, "sets column options"},
    {K::kAddConstraint, L::kAccessExclusive, W::kScan, true, "scans the table to check a constraint"},
    {K::kAddIndexConstraint, L::kAccessExclusive, W::kMetadata, false, "makes an index a constraint"},
    {K::kDropConstraint, L::kAccessExclusive, W::kMetadata, true, "drops a constraint"},
    {K::kValidateConstraint, L::kShareUpdateExclusive, W::kScan, true, "scans the table to validate a constraint"},
    {K::kAlterConstraint, L::kAccessExclusive, W::kMetadata, true, "alters a constraint"},
    {K::kAttachPartition, L::kShareUpdateExclusive, W::kMetadata, false, "attaches a partition"},  // 12+; ACCESS EXCLUSIVE before
    {K::kDetachPartition, L::kAccessExclusive, W::kMetadata, false, "detaches a partition"},
    {K::kDetachFinalize, L::kShareUpdateExclusive, W::kMetadata, false, "finishes detaching a partition"},  // 14+
    {K::kInherit, L::kAccessExclusive, W::kMetadata, false, "adds a parent"},
    {K::kNoInherit, L::kAccessExclusive, W::kMetadata, false, "removes a parent"},
    {K::kOfType, L::kAccessExclusive, W::kMetadata, false, "binds the table to a type"},
    {K::kNotOf, L::kAccessExclusive, W::kMetadata, false, "frees the table from its type"},
    {K::kSetLogged, L::kAccessExclusive, W::kRewrite, false, "rewrites the table"},
    {K::kSetUnlogged, L::kAccessExclusive, W::kRewrite, false, "rewrites the table"},
    {K::kSetAccessMethod, L::kAccessExclusive, W::kRewrite, false, "rewrites the table"},  // 15+
    {K::kSetTablespace, L::kAccessExclusive, W::kRewrite, false, "copies the table"},
    {K::kClusterOn, L::kShareUpdateExclusive, W::kMetadata, false, "chooses an index for CLUSTER"},
    {K::kNoCluster, L::kShareUpdateExclusive, W::kMetadata, false, "removes the index for CLUSTER"},
    {K::kEnableTrigger, L::kShareRowExclusive, W::kMetadata, false, "enables a trigger"},
    {K::kDisableTrigger, L::kShareRowExclusive, W::kMetadata, false, "disables a trigger"},
    {K::kEnableRule, L::kAccessExclusive, W::kMetadata, false, "enables a rule"},
    {K::kDisableRule, L::kAccessExclusive, W::kMetadata, false, "disables a rule"},
    {K::kEnableRowSecurity, L::kAccessExclusive, W::kMetadata, false, "enables row level security"},
    {K::kDisableRowSecurity, L::kAccessExclusive, W::kMetadata, false, "disables row level security"},
    {K::kForceRowSecurity, L::kAccessExclusive, W::kMetadata, false, "forces row level security"},
    {K::kNoForceRowSecurity, L::kAccessExclusive, W::kMetadata, false, "stops forcing row level security"},
    {K::kReplicaIdentity, L::kAccessExclusive, W::kMetadata, false, "sets the replica identity"},
    // user_catalog_table alone takes ACCESS EXCLUSIVE; every option met in migrations (fillfactor, autovacuum_*, parallel_workers,
    // toast_tuple_target) takes this one.
    {K::kSetRelOptions, L::kShareUpdateExclusive, W::kMetadata, false, "sets storage parameters"},
    {K::kResetRelOptions, L::kShareUpdateExclusive, W::kMetadata, false, "resets storage parameters"},
    {K::kOwner, L::kAccessExclusive, W::kMetadata, false, "changes the owner"},
    {K::kOther, L::kAccessExclusive, W::kMetadata, false, "alters the table"},
};

constexpr bool IsIndexedByKind() {
  for (size_t i = 0; i < std::size(kFacts); ++i) {
    if (static_cast<size_t>(kFacts[i].kind) != i) return false;
  }
  return std::size(kFacts) == static_cast<size_t>(K::kOther) + 1;
}
static_assert(IsIndexedByKind(), "one row a subcommand, in the order of sql::AlterKind");

}  // namespace

const AlterFact& FactOf(sql::AlterKind kind) { return kFacts[static_cast<size_t>(kind)]; }

}  // namespace pawl
