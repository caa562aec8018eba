// What has become of a set's migrations since they were applied, as far as files can tell: compared with git's merge base,
// with pawl.sums, or with both.
#ifndef PAWL_MIGRATIONS_HISTORY_COMPARE_H_
#define PAWL_MIGRATIONS_HISTORY_COMPARE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "migrations/history/edit.h"
#include "migrations/history/git.h"
#include "migrations/history/sums.h"
#include "migrations/set/migration_set.h"

namespace pawl {

struct HistoryReference {
  bool git = false;          // else pawl.sums
  std::string name;          // "origin/main", "db/pawl.sums"
  std::string revision;      // "1a2b3c4d5e", git's merge base; "" for pawl.sums
};

// An edit of one direction of one migration that the reference holds.
struct MigrationEdit {
  const Migration* migration = nullptr;
  Direction direction = Direction::kUp;
  const SourceFile* file = nullptr;
  Edit edit;                 // spans are of the whole file; never kSame
  const HistoryReference* reference = nullptr;
  bool has_old_text = true;  // false: only checksums differ, so tokens and lines are not known
  bool unpublished = false;  // pawl.sums knows the file, but git says that it is new since its own reference
};

// A migration that the reference holds under this name and the set no more.
struct MissingMigration {
  const SourceFile* file = nullptr;  // as it was (empty text if only its checksum is known); owned by the comparison
  std::string version;
  const Migration* renamed_to = nullptr;  // the same script goes on under another name
  std::string moved_to;                   // its file exists outside the set: its path
  const HistoryReference* reference = nullptr;
};

// Keeps pointers into the set, which must outlive it; findings in turn keep pointers into it. Immutable once built; then safe
// to share between threads.
class HistoryComparison {
 public:
  explicit HistoryComparison(const MigrationSet& set) : set_(set) {}

  // Git at most once and before any sums; sums once for each pawl.sums. `folder` is where that lies.
  void AddGit(GitComparison git);
  void AddSums(const Sums& sums, std::string_view folder);

  // Added, changed or renamed since git's reference, uncommitted work included. True for every file where git is not asked.
  bool Touched(const SourceFile* file) const { return !has_git_ || touched_.contains(file); }

  // The file was there, under this or an older name, at the reference: git's if it was asked, else pawl.sums's.
  bool Existed(const SourceFile* file) const { return existed_.contains(file); }

  const HistoryReference* reference() const { return references_.empty() ? nullptr : references_.front().get(); }
  absl::Span<const MigrationEdit> edits() const { return edits_; }               // in the order of the set
  absl::Span<const MissingMigration> missing() const { return missing_; }        // by path

 private:
  const HistoryReference* AddReference(bool git, std::string name, std::string revision);
  void AddEdits(const SourceFile& file, std::string_view old_path, std::string_view old_text, const HistoryReference* reference);
  void AddMissing(std::string old_path, std::string old_text, std::string moved_to, const HistoryReference* reference);
  void SortResults();

  const MigrationSet& set_;
  bool has_git_ = false;
  std::vector<std::unique_ptr<HistoryReference>> references_;
  absl::flat_hash_set<const SourceFile*> touched_;
  absl::flat_hash_set<const SourceFile*> existed_;
  std::vector<MigrationEdit> edits_;
  std::vector<MissingMigration> missing_;
  std::vector<std::unique_ptr<SourceFile>> old_files_;
};

// Compares a set with git (if `since` is not empty) and with the pawl.sums in its folder, or for files given one by one in
// theirs (if there is one). Null if there is nothing to compare with. Errors as CompareWithGit and ReadSums.
absl::StatusOr<std::unique_ptr<HistoryComparison>> CompareHistory(const MigrationSet& set, const std::string& since);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_COMPARE_H_
