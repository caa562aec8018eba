#include "analyzer/finding/diff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

constexpr uint32_t kContext = 3;

// Lines [begin, end) of the old text, counted from 0, and what stands there now. Lines keep their line ends.
struct Change {
  uint32_t begin = 0;
  uint32_t end = 0;
  std::vector<std::string> lines;
};

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

class Differ {
 public:
  explicit Differ(std::string_view original) : original_(original), lines_(SplitLines(original)) {
    starts_.reserve(lines_.size() + 1);
    for (std::string_view l : lines_) starts_.push_back(static_cast<uint32_t>(l.data() - original.data()));
    starts_.push_back(static_cast<uint32_t>(original.size()));
  }

  std::vector<Change> Changes(absl::Span<const TextEdit> edits) const {
    std::vector<Change> out;
    for (size_t i = 0; i < edits.size();) {
      // Edits that share a line are one change.
      Change c;
      c.begin = LineOf(edits[i].span.begin);
      c.end = EndLine(edits[i]);
      size_t last = i;
      while (last + 1 < edits.size() && LineOf(edits[last + 1].span.begin) < c.end) c.end = std::max(c.end, EndLine(edits[++last]));
      uint32_t at = starts_[c.begin];
      std::string text;
      for (; i <= last; ++i) {
        absl::StrAppend(&text, original_.substr(at, edits[i].span.begin - at), edits[i].text);
        at = edits[i].span.end;
      }
      absl::StrAppend(&text, original_.substr(at, starts_[c.end] - at));
      Trim(text, &c);
      if (c.begin < c.end || !c.lines.empty()) out.push_back(std::move(c));
    }
    return out;
  }

  // One hunk of changes[first, last]; `shift`: lines that earlier hunks added.
  void Hunk(const std::vector<Change>& changes, size_t first, size_t last, int64_t* shift, std::string* out) const {
    const uint32_t begin = changes[first].begin - std::min(changes[first].begin, kContext);
    const uint32_t end = std::min<uint32_t>(changes[last].end + kContext, static_cast<uint32_t>(lines_.size()));
    int64_t added = 0;
    for (size_t i = first; i <= last; ++i) added += static_cast<int64_t>(changes[i].lines.size()) - (changes[i].end - changes[i].begin);
    const int64_t old_count = end - begin, new_count = old_count + added;
    absl::StrAppend(out, "@@ -", Range(begin, old_count), " +", Range(begin + *shift, new_count), " @@\n");
    uint32_t at = begin;
    for (size_t i = first; i <= last; ++i) {
      while (at < changes[i].begin) Line(' ', lines_[at++], out);
      while (at < changes[i].end) Line('-', lines_[at++], out);
      for (std::string_view l : changes[i].lines) Line('+', l, out);
    }
    while (at < end) Line(' ', lines_[at++], out);
    *shift += added;
  }

 private:
  // The line that holds the byte; past the last line for the end of a text that ends with a line end.
  uint32_t LineOf(uint32_t offset) const {
    const auto it = std::upper_bound(starts_.begin(), starts_.end() - 1, offset);
    const uint32_t line = it == starts_.begin() ? 0 : static_cast<uint32_t>(it - starts_.begin() - 1);
    if (offset >= original_.size() && (original_.empty() || original_.back() == '\n')) return static_cast<uint32_t>(lines_.size());
    return line;
  }

  // Past the last line that the edit touches. Whole lines replaced by whole lines touch no other.
  uint32_t EndLine(const TextEdit& e) const {
    const uint32_t line = LineOf(e.span.end);
    const bool whole = starts_[std::min<size_t>(line, lines_.size())] == e.span.end && starts_[LineOf(e.span.begin)] == e.span.begin &&
                       (e.text.empty() || e.text.back() == '\n');
    return whole ? line : std::min<uint32_t>(line + 1, static_cast<uint32_t>(lines_.size()));
  }

  // `text` replaces the lines of `c`: leaves out what is the same at both ends.
  void Trim(std::string_view text, Change* c) const {
    const std::vector<std::string_view> now = SplitLines(text);
    size_t first = 0, last = now.size();
    while (first < last && c->begin < c->end && now[first] == lines_[c->begin]) ++first, ++c->begin;
    while (first < last && c->begin < c->end && now[last - 1] == lines_[c->end - 1]) --last, --c->end;
    c->lines.assign(now.begin() + static_cast<std::ptrdiff_t>(first), now.begin() + static_cast<std::ptrdiff_t>(last));
  }

  // As GNU diff: the count is left out when it is 1, and an empty range names the line before it.
  static std::string Range(int64_t begin, int64_t count) {
    if (count == 1) return absl::StrCat(begin + 1);
    return absl::StrCat(count == 0 ? begin : begin + 1, ",", count);
  }

  static void Line(char mark, std::string_view line, std::string* out) {
    out->push_back(mark);
    out->append(line);
    if (line.empty() || line.back() != '\n') out->append("\n\\ No newline at end of file\n");
  }

  std::string_view original_;
  std::vector<std::string_view> lines_;
  std::vector<uint32_t> starts_;  // of each line, and the end
};

// As git writes a path: in double quotes with escapes if it has control characters, quotes or backslashes; a tab behind it if it
// has blanks, so that patch knows where it ends.
std::string DiffPath(std::string_view side, std::string_view path) {
  const bool quoted = std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == '"' || c == '\\' || c == 127; });
  if (!quoted) return absl::StrCat(side, path, path.find(' ') == std::string_view::npos ? "" : "\t");
  std::string out = absl::StrCat("\"", side);
  for (char c : path) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 32 || u == 127) {
      out += '\\';
      for (int shift : {6, 3, 0}) out += static_cast<char>('0' + ((u >> shift) & 7));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string UnifiedDiff(std::string_view path, std::string_view original, absl::Span<const TextEdit> edits) {
  const Differ differ(original);
  const std::vector<Change> changes = differ.Changes(edits);
  if (changes.empty()) return "";
  while (!path.empty() && (path.front() == '/' || path.substr(0, 2) == "./")) path.remove_prefix(1);
  std::string out = absl::StrCat("--- ", DiffPath("a/", path), "\n+++ ", DiffPath("b/", path), "\n");
  int64_t shift = 0;
  for (size_t first = 0; first < changes.size();) {
    size_t last = first;
    while (last + 1 < changes.size() && changes[last + 1].begin - changes[last].end <= 2 * kContext) ++last;
    differ.Hunk(changes, first, last, &shift, &out);
    first = last + 1;
  }
  return out;
}

}  // namespace pawl
