// pawl.sums: checksums of a set's migrations as they were when last recorded, for projects without git, or beside it.
//
//     # pawl.sums 1 <SHA-256 of everything below this line>
//     # Written by `pawl lint --write-sums` ... (for the reader)
//     <SHA-256 of the file>  0001_users.up.sql
//     #   code <hash of its tokens> <hash of its normalised tokens>
//
// The lines of files are those of `sha256sum`, so `sha256sum -c pawl.sums` checks them without this tool; the comment below
// each tells an edit of comments or formatting from one of meaning (CodeHashes). Entries are sorted by path, and the first
// line changes with any of them: two branches that both add migrations meet there as a merge conflict, which a bare list
// that git can merge line by line would hide.
#ifndef PAWL_MIGRATIONS_HISTORY_SUMS_H_
#define PAWL_MIGRATIONS_HISTORY_SUMS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "migrations/history/edit.h"
#include "migrations/set/migration_set.h"

namespace pawl {

inline constexpr std::string_view kSumsFileName = "pawl.sums";

struct SumsEntry {
  std::string path;       // relative to the folder of pawl.sums, '/' separated, any bytes
  std::string sha256;     // 64 hexadecimal digits
  CodeHashes code;        // empty strings if the file does not tell
};

struct Sums {
  std::vector<SumsEntry> entries;  // sorted by path, each path once
  const SumsEntry* Find(std::string_view path) const;
};

std::string FormatSums(const Sums& sums);

// `shown` names the file in errors. InvalidArgument: not in this format, or merged or edited by hand; the message has the line
// and the way out. CRLF line ends are accepted: git may have made them.
absl::StatusOr<Sums> ParseSums(std::string_view text, std::string_view shown);

// nullopt if there is no such file.
absl::StatusOr<std::optional<Sums>> ReadSums(const std::string& path);

// Up and down scripts of every versioned migration; repeatable ones are meant to change. InvalidArgument if the set is not a
// whole folder.
absl::StatusOr<Sums> ComputeSums(const MigrationSet& set);

// Writes <set.root>/pawl.sums and returns its path. After a crash the old or the new content is there, never a part.
absl::StatusOr<std::string> WriteSums(const MigrationSet& set);

// A file with these bytes, byte for byte or but for line ends that a checkout converted.
bool Matches(const SumsEntry& entry, std::string_view text);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_SUMS_H_
