// The fingerprint that GitHub's code scanning gives a line, so that an alert stays the same alert when lines move. Must give exactly
// what github/codeql-action's src/fingerprints.ts gives, which recomputes it where the file is at hand and warns of a difference.
#ifndef PAWL_REPORT_LINE_HASH_H_
#define PAWL_REPORT_LINE_HASH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// The hashes of all lines of one file: of the first 100 characters (UTF-16 units) from a line's start on, blanks and tabs left out,
// and how many lines before had the same. Lines end at LF, CRLF and lone CR, as there.
class LineHashes {
 public:
  explicit LineHashes(std::string_view text);
  // "39fa2ee980eb94b0:1"; "" if there is no such line (they count from 1).
  std::string Of(uint32_t line) const;

 private:
  struct Entry {
    uint64_t hash;
    uint32_t count;
  };
  std::vector<Entry> lines_;
};

}  // namespace pawl

#endif  // PAWL_REPORT_LINE_HASH_H_
