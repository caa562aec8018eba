#include "analyzer/source/source_file.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/strings/match.h"
#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

// Lines longer than this get checkpoints, so that a look-up never counts more than kCheckpointBytes (seed files have 10 MB on
// one line).
constexpr size_t kLongLine = 4096;
constexpr size_t kCheckpointBytes = 1024;

bool EightAscii(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return (word & 0x8080808080808080u) == 0;
}

bool ThirtyTwoAscii(const char* p) {
  uint64_t words[4];
  std::memcpy(words, p, 32);
  return ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) == 0;
}

}  // namespace

uint32_t CountCodePoints(std::string_view s) {
  const char* p = s.data();
  const char* end = p + s.size();
  uint32_t n = 0;
  while (p < end) {
    if (end - p >= 8 && EightAscii(p)) {
      p += 8;
      n += 8;
      continue;
    }
    p += static_cast<signed char>(*p) >= 0 ? 1 : std::max(1, Utf8Length(p, end));
    ++n;
  }
  return n;
}

Encoding DetectEncoding(std::string_view text) {
  Encoding e;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") e.bom = true;
  if (text.substr(0, 2) == "\xFF\xFE" || text.substr(0, 2) == "\xFE\xFF") e.utf16 = true;
  if (const void* nul = std::memchr(text.data(), 0, text.size())) {
    e.nul = true;
    e.nul_at = static_cast<uint32_t>(static_cast<const char*>(nul) - text.data());
  }
  if (std::memchr(text.data(), '\r', text.size()) != nullptr) {
    bool lf = false, crlf = false, first = true;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\n') continue;
      const bool cr = i > 0 && text[i - 1] == '\r';
      if (first) e.crlf = cr;
      first = false;
      (cr ? crlf : lf) = true;
    }
    e.mixed_line_ends = lf && crlf;
  }
  // Many ASCII bytes at a time: most files are nothing else.
  const char* p = text.data();
  const char* end = p + text.size();
  while (p < end) {
    while (end - p >= 32 && ThirtyTwoAscii(p)) p += 32;
    while (end - p >= 8 && EightAscii(p)) p += 8;
    if (p >= end) break;
    const int length = Utf8Length(p, end);
    if (length == 0) {
      e.valid_utf8 = false;
      e.invalid_at = static_cast<uint32_t>(p - text.data());
      break;
    }
    p += length;
  }
  return e;
}

SourceFile::SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)), encoding_(DetectEncoding(text_)) {}

Position SourceFile::PositionAt(uint32_t offset) const {
  const std::string_view before = text().substr(0, std::min<size_t>(offset, text_.size()));
  Position p;
  p.line += static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t newline = before.rfind('\n');
  std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  if (p.line == 1 && encoding_.bom && line.size() >= 3) line.remove_prefix(3);
  p.column += CountCodePoints(line);
  return p;
}

LineIndex::LineIndex(std::string_view text) : text_(text) {
  starts_.push_back(0);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const char* p = begin; p < end;) {
    const char* newline = static_cast<const char*>(std::memchr(p, '\n', end - p));
    const char* line_end = newline == nullptr ? end : newline;
    if (line_end - p > static_cast<ptrdiff_t>(kLongLine)) AddCheckpoints(p, line_end);
    if (newline == nullptr) break;
    p = newline + 1;
    starts_.push_back(static_cast<uint32_t>(p - begin));
  }
}

void LineIndex::AddCheckpoints(const char* p, const char* line_end) {
  const char* const begin = text_.data();
  if (p == begin && text_.substr(0, 3) == "\xEF\xBB\xBF") p += 3;
  uint32_t columns = 0;
  while (line_end - p > static_cast<ptrdiff_t>(kCheckpointBytes)) {
    const char* const target = p + kCheckpointBytes;
    while (p < target) {
      if (target - p >= 8 && EightAscii(p)) {
        p += 8;
        columns += 8;
      } else {
        p += std::max(1, Utf8Length(p, line_end));
        ++columns;
      }
    }
    checkpoints_.push_back({static_cast<uint32_t>(p - begin), columns});
  }
}

uint32_t LineIndex::LineAt(uint32_t offset) const {
  return static_cast<uint32_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin());
}

Position LineIndex::PositionAt(uint32_t offset) const {
  offset = std::min<uint32_t>(offset, static_cast<uint32_t>(text_.size()));
  Position p;
  p.line = LineAt(offset);
  uint32_t start = starts_[p.line - 1];
  if (p.line == 1 && text_.substr(0, 3) == "\xEF\xBB\xBF") start = std::min(3u, offset);
  const auto after = std::upper_bound(checkpoints_.begin(), checkpoints_.end(), offset, [](uint32_t at, const Checkpoint& c) { return at < c.offset; });
  if (after != checkpoints_.begin() && (after - 1)->offset > start) {
    start = (after - 1)->offset;
    p.column += (after - 1)->columns;
  }
  p.column += CountCodePoints(text_.substr(start, offset - start));
  return p;
}

Span LineIndex::LineSpan(uint32_t line) const {
  if (line == 0 || line > starts_.size()) return {};
  const uint32_t begin = starts_[line - 1];
  uint32_t end = line < starts_.size() ? starts_[line] - 1 : static_cast<uint32_t>(text_.size());
  if (end > begin && text_[end - 1] == '\r') --end;
  return {begin, end};
}

std::string_view LineIndex::Line(uint32_t line) const {
  const Span s = LineSpan(line);
  return text_.substr(s.begin, s.size());
}

std::string WithoutCommentMarks(std::string_view text, Span section) {
  constexpr std::string_view kRollback = "rollback ";
  std::string out(text);
  std::string_view mark;
  const size_t end = std::min<size_t>(section.end, text.size());
  size_t next = 0;
  for (size_t begin = section.begin; begin < end; begin = next) {
    next = std::min(text.find('\n', begin), end - 1) + 1;
    const std::string_view line = text.substr(begin, next - begin);
    const size_t at = std::min(line.find_first_not_of(" \t"), line.size());
    const std::string_view start = line.substr(at, 2);
    if (mark.empty() && (start == "--" || start == "//")) mark = start;
    if (mark.empty() || start != mark) continue;
    out.replace(begin + at, mark.size(), mark.size(), ' ');
    const size_t word = std::min(line.find_first_not_of(' ', at + mark.size()), line.size());
    if (absl::StartsWithIgnoreCase(line.substr(word), kRollback)) out.replace(begin + word, kRollback.size(), kRollback.size(), ' ');
  }
  return out;
}

}  // namespace pawl
