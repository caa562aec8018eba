#include "analyzer/finding/fingerprint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "rules/rule.h"

namespace pawl {
namespace {

// Multiply-and-fold over eight bytes at a time, in the manner of wyhash. The constants are odd numbers with balanced bits; they
// are part of the format of baselines and may not change.
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
constexpr uint64_t kSeed = 0xA0761D6478BD642Fu;

uint64_t Mix(uint64_t h, uint64_t word) {
  const unsigned __int128 product = static_cast<unsigned __int128>(h ^ word) * kMultiplier;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ (h << 23 | h >> 41);
}

uint64_t ReadWord(const char* p, size_t n) {  // little-endian on every machine
  uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (n == 8) {
      std::memcpy(&word, p, 8);
      return word;
    }
  }
  for (size_t i = 0; i < n; ++i) word |= uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
  return word;
}

// Hashes a stream of bytes through a small buffer.
class Hasher {
 public:
  void Put(char c) {
    buffer_[used_++] = c;
    if (used_ == kSize) Flush();
  }
  void Put(std::string_view s) {
    while (!s.empty()) {
      const size_t n = std::min(s.size(), kSize - used_);
      std::memcpy(buffer_ + used_, s.data(), n);
      used_ += n;
      s.remove_prefix(n);
      if (used_ == kSize) Flush();
    }
  }
  // For writing in place: at least one byte of room from here to End(), then the end of what was written there.
  char* Begin() { return buffer_ + used_; }
  char* End() { return buffer_ + kSize; }
  void Took(const char* end) {
    used_ = static_cast<size_t>(end - buffer_);
    if (used_ == kSize) Flush();
  }
  uint64_t Finish() {
    Flush();
    return Mix(Mix(h_, size_), kSeed);
  }

 private:
  static constexpr size_t kSize = 256;  // a multiple of eight: only the stream's last word may be short

  void Flush() {
    size_ += used_;
    size_t at = 0;
    for (; at + 8 <= used_; at += 8) h_ = Mix(h_, ReadWord(buffer_ + at, 8));
    if (at < used_) h_ = Mix(h_, ReadWord(buffer_ + at, used_ - at));
    used_ = 0;
  }

  char buffer_[kSize];
  size_t used_ = 0;
  uint64_t size_ = 0;
  uint64_t h_ = kSeed;
};

// As a Hasher would, without copying.
uint64_t HashBytes(std::string_view s) {
  uint64_t h = kSeed;
  size_t at = 0;
  for (; at + 8 <= s.size(); at += 8) h = Mix(h, ReadWord(s.data() + at, 8));
  if (at < s.size()) h = Mix(h, ReadWord(s.data() + at, s.size() - at));
  return Mix(Mix(h, s.size()), kSeed);
}

enum Class : uint8_t { kPlain, kWord, kUpper, kSpace, kQuote, kDash, kSlash };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> t{};
  for (int c = 0; c < 256; ++c) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c >= 0x80) t[c] = kWord;
    if (c >= 'A' && c <= 'Z') t[c] = kUpper;
    if (c == ' ' || (c >= 9 && c <= 13)) t[c] = kSpace;
  }
  t['\''] = t['"'] = t['`'] = kQuote;
  t['-'] = kDash;
  t['/'] = kSlash;
  return t;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

// Bytes of words as they are hashed: in lower case. 0: no byte of a word.
constexpr std::array<char, 256> MakeWordBytes() {
  std::array<char, 256> t{};
  for (int c = 0; c < 256; ++c) {
    if (kClasses[c] == kWord) t[c] = static_cast<char>(c);
    if (kClasses[c] == kUpper) t[c] = static_cast<char>(c + 32);
  }
  return t;
}
constexpr std::array<char, 256> kWordBytes = MakeWordBytes();

// Past the comment that begins at `at`, or `at` if none does.
size_t SkipComment(std::string_view s, size_t at, bool sql) {
  const std::string_view two = s.substr(at, 2);
  if (two == (sql ? "--" : "//")) {
    const size_t newline = s.find('\n', at);
    return newline == std::string_view::npos ? s.size() : newline;
  }
  if (two != "/*") return at;
  int depth = 1;
  for (size_t i = at + 2; i + 1 < s.size(); ++i) {
    if (s[i] == '*' && s[i + 1] == '/') {
      ++i;
      if (--depth == 0) return i + 1;
    } else if (sql && s[i] == '/' && s[i + 1] == '*') {  // only SQL's comments nest
      ++depth;
      ++i;
    }
  }
  return s.size();
}

// What is in dollar quotes is read like code: so a body may be laid out anew too.
void PutNormalised(std::string_view s, bool sql, Hasher* h, bool* any) {
  while (!s.empty() && (s.back() == ';' || kClasses[static_cast<unsigned char>(s.back())] == kSpace)) s.remove_suffix(1);
  bool word_before = false;  // the last byte put belongs to a word
  bool gap = false;          // white space or a comment since then
  for (size_t at = 0; at < s.size();) {
    const char c = s[at];
    const uint8_t kind = kClasses[static_cast<unsigned char>(c)];
    if (kind == kSpace) {
      gap = true;
      ++at;
      continue;
    }
    if (kind == kDash || kind == kSlash) {
      const size_t past = SkipComment(s, at, sql);
      if (past != at) {
        gap = true;
        at = past;
        continue;
      }
    }
    const bool word = kind == kWord || kind == kUpper;
    if (gap && word && word_before) h->Put(' ');
    gap = false;
    *any = true;
    if (kind == kQuote) {
      const size_t close = s.find(c, at + 1);  // a doubled quote is two strings in a row: the bytes are the same
      const size_t past = close == std::string_view::npos ? s.size() : close + 1;
      h->Put(s.substr(at, past - at));
      at = past;
      word_before = false;
      continue;
    }
    word_before = word;
    if (!word) {
      h->Put(c);
      ++at;
      continue;
    }
    do {  // once, but for words that the buffer has no room for
      char* to = h->Begin();
      const size_t stop = std::min(s.size(), at + static_cast<size_t>(h->End() - to));
      char lower;
      while (at < stop && (lower = kWordBytes[static_cast<unsigned char>(s[at])]) != 0) {
        *to++ = lower;
        ++at;
      }
      h->Took(to);
    } while (at < s.size() && kWordBytes[static_cast<unsigned char>(s[at])] != 0);
  }
}

uint64_t Combine(std::string_view rule, uint64_t path, uint64_t statement) { return Mix(Mix(HashBytes(rule), path), statement); }

std::string_view HashedText(const Finding& f) {
  if (f.file == nullptr) return f.message;
  return f.file->Slice(f.statement.empty() ? f.span : f.statement);
}

uint64_t PathHash(const Finding& f) { return f.file == nullptr ? 0 : HashBytes(StablePath(f.file->path())); }

std::string_view RuleName(const Finding& f) { return f.rule == nullptr ? std::string_view() : f.rule->name; }

}  // namespace

uint64_t HashStatement(std::string_view statement, Engine engine) {
  Hasher h;
  bool any = false;
  PutNormalised(statement, engine == Engine::kPostgresql, &h, &any);
  return any ? h.Finish() : HashBytes(statement);  // nothing but a comment: the finding is about that comment
}

std::string_view StablePath(std::string_view path) {
  if (!path.empty() && path.front() == '/') {
    static const std::string here = [] {
      std::error_code error;
      return absl::StrCat(std::filesystem::current_path(error).string(), "/");
    }();
    if (here.size() > 1 && path.substr(0, here.size()) == here) path.remove_prefix(here.size());
    return path;
  }
  while (path.substr(0, 2) == "./") {
    path.remove_prefix(2);
    while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  }
  return path;
}

uint64_t BaseFingerprint(const Finding& f) { return Combine(RuleName(f), PathHash(f), HashStatement(HashedText(f), f.engine)); }

uint64_t NthFingerprint(uint64_t base, uint32_t ordinal) { return ordinal == 0 ? base : Mix(base, ordinal); }

void SetFingerprints(absl::Span<Finding> findings) {
  absl::flat_hash_map<uint64_t, uint32_t> seen;  // in the current file
  const SourceFile* file = nullptr;
  uint64_t path = 0, statement = 0;
  std::string_view text;
  for (size_t i = 0; i < findings.size(); ++i) {
    Finding& f = findings[i];
    const bool new_file = i == 0 || f.file != file;
    if (new_file) {
      file = f.file;
      path = PathHash(f);
      seen.clear();
    }
    const std::string_view now = HashedText(f);
    if (new_file || now.data() != text.data() || now.size() != text.size()) {
      text = now;
      statement = HashStatement(text, f.engine);
    }
    const uint64_t base = Combine(RuleName(f), path, statement);
    f.fingerprint = NthFingerprint(base, seen[base]++);
  }
}

std::string FormatFingerprint(uint64_t fingerprint) { return absl::StrCat(absl::Hex(fingerprint, absl::kZeroPad16)); }

bool ParseFingerprint(std::string_view s, uint64_t* fingerprint) {
  if (s.size() != 16) return false;
  uint64_t value = 0;
  for (char c : s) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return false;
    value = value << 4 | static_cast<uint64_t>(digit);
  }
  *fingerprint = value;
  return true;
}

}  // namespace pawl
