// Fixes into text: from the findings of one file to edits that can be made together, and from rounds of edits to one new text.
//
// How a caller fixes a file (lint is called again after each round, because edits that overlap wait for the next one):
//
//     EditHistory history(file.text());
//     for (int round = 0; round < kMaxFixRounds; ++round) {
//       FixRound fixes = CollectFixes(*current, findings, FixScope::kSafe);
//       if (fixes.edits.empty()) break;
//       history.Apply(fixes.edits);
//       ... current = a SourceFile of history.Text(), linted again ...
//     }
//     WriteFileAtomically(path, history.Text())   or   UnifiedDiff(path, file.text(), history.Edits())
#ifndef PAWL_ANALYZER_FINDING_FIX_H_
#define PAWL_ANALYZER_FINDING_FIX_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"

namespace pawl {

inline constexpr int kMaxFixRounds = 10;

enum class FixScope : uint8_t { kSafe, kAll };

struct FixRound {
  std::vector<TextEdit> edits;   // ascending, not overlapping; line ends as the file has them
  uint32_t applied = 0;          // findings whose fix is in `edits`, whole
  uint32_t waiting = 0;          // their edits overlap with some that are in: for the next round
  uint32_t broken = 0;           // edits outside the file or overlapping each other: a rule's bug, never applied
};

// Takes the fixes of `file`'s unsuppressed findings, the one that begins first winning where two overlap (of equals, the first in
// `findings`). An insertion overlaps with whatever it touches, an edit with an equal one never: that is made once. "\n" in
// inserted text becomes "\r\n" where the file has that; nothing goes before a byte order mark; UTF-16 files are left alone.
FixRound CollectFixes(const SourceFile& file, absl::Span<const Finding> findings, FixScope scope);

// `edits`: ascending, not overlapping, within `text`.
std::string ApplyEdits(std::string_view text, absl::Span<const TextEdit> edits);

// What rounds of edits make of a text, and the one list of edits that does the same at once. Keeps a view of the original.
class EditHistory {
 public:
  explicit EditHistory(std::string_view original);

  void Apply(absl::Span<const TextEdit> edits);  // spans in Text() as it stands; ascending, not overlapping
  std::string Text() const;
  bool changed() const;
  std::vector<TextEdit> Edits() const;           // spans in the original; ascending, not overlapping

 private:
  struct Piece {
    bool kept = false;           // a span of the original; else `text`
    Span span;
    std::string text;
    uint32_t size() const { return kept ? span.size() : static_cast<uint32_t>(text.size()); }
  };
  static Piece Part(const Piece& p, uint32_t from, uint32_t to);

  std::string_view original_;
  std::vector<Piece> pieces_;
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_FIX_H_
