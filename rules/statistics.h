// How large the tables of a database are, as its own statistics say (`pawl schema dump --statistics`), and what follows from it.
#ifndef PAWL_RULES_STATISTICS_H_
#define PAWL_RULES_STATISTICS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "analyzer/effects/effects.h"
#include "analyzer/finding/finding.h"

namespace pawl {

struct TableSize {
  int64_t rows = -1;   // the planner's estimate; -1: never analysed
  int64_t bytes = 0;   // with indexes and TOAST; of a partitioned table all its partitions
};

// Up to here a table is small. Writing it anew with its indexes takes about a fifth of a second.
inline constexpr int64_t kSmallTable = 10 << 20;  // bytes

// Immutable once filled; then safe to read from several threads.
class TableStatistics {
 public:
  explicit TableStatistics(int64_t small_table = kSmallTable) : small_table_(small_table) {}

  void Add(std::string_view schema, std::string_view table, TableSize size);
  // Of a catalogue key, "schema.table"; null: not known, which says nothing about its size.
  const TableSize* Find(std::string_view key) const;
  bool IsSmall(const TableSize& size) const { return size.bytes <= small_table_; }

 private:
  absl::flat_hash_map<std::string, TableSize> tables_;
  int64_t small_table_;
};

// Seconds that work on so many bytes takes on servers that people have, roughly: from a fast one with nothing else to do to a
// slow or busy one. Both 0 where the work does not grow with the table.
struct Duration {
  double least_s = 0;
  double most_s = 0;
};
Duration RoughDuration(Work work, int64_t bytes);

// "roughly 12 to 30 minutes", "less than a second".
std::string DurationWords(const Duration& d);
// "84 GB", as pg_size_pretty counts: 1 GB is 1024 MB.
std::string SizeWords(int64_t bytes);
// "410 million rows".
std::string RowWords(int64_t rows);

// Says in a finding how large the tables are that `effects`, of the statement it is about, work through. False: all of them are
// known and small, so that a finding whose harm is the time it takes is not worth having. `effects` may be those of a statement
// that works through nothing; then nothing is said and nothing is small.
bool AddSizes(const TableStatistics& statistics, const Effects& effects, Finding* finding);

}  // namespace pawl

#endif  // PAWL_RULES_STATISTICS_H_
