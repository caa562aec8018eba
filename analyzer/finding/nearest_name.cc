#include "analyzer/finding/nearest_name.h"

#include <algorithm>
#include <array>

namespace pawl {
namespace {

constexpr size_t kLongest = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == '_' ? '-' : c; }

}  // namespace

// Optimal string alignment distance, three rows.
uint32_t EditDistance(std::string_view a, std::string_view b, uint32_t limit) {
  const size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > limit || a.size() > kLongest || b.size() > kLongest) return limit + 1;
  using Row = std::array<uint32_t, kLongest + 1>;
  Row rows[3];
  Row *before = &rows[0], *previous = &rows[1], *current = &rows[2];
  for (size_t j = 0; j <= b.size(); ++j) (*previous)[j] = static_cast<uint32_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    (*current)[0] = static_cast<uint32_t>(i);
    uint32_t least = (*current)[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      uint32_t best = std::min({(*previous)[j] + 1, (*current)[j - 1] + 1, (*previous)[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) && Lower(a[i - 2]) == Lower(b[j - 1])) {
        best = std::min(best, (*before)[j - 2] + 1);
      }
      (*current)[j] = best;
      least = std::min(least, best);
    }
    if (least > limit + 1) return limit + 1;  // + 1: a swap can still win one back from the row before
    Row* recycled = before;
    before = previous;
    previous = current;
    current = recycled;
  }
  return std::min((*previous)[b.size()], limit + 1);
}

std::string_view NearestName(std::string_view typed, absl::Span<const std::string_view> candidates) {
  std::string_view best;
  uint32_t least = 0;
  for (std::string_view candidate : candidates) {
    const uint32_t limit = std::max<uint32_t>(1, static_cast<uint32_t>(std::min(typed.size(), candidate.size()) / 3));
    const uint32_t distance = EditDistance(typed, candidate, limit);
    if (distance > limit || 2 * distance > std::max(typed.size(), candidate.size()) || (!best.empty() && distance >= least)) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

}  // namespace pawl
