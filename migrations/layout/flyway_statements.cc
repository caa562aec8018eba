#include "migrations/layout/flyway_statements.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "migrations/layout/text.h"

namespace pawl {
namespace {

bool IsWordByte(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }

// Gives each statement's first five words, upper-cased and separated by one blank.
class StatementHeads {
 public:
  explicit StatementHeads(std::string_view text) : s_(text) {}

  bool Next(std::string* head) {
    head->clear();
    int words = 0;
    bool any = false;
    while (i_ < s_.size()) {
      const char c = s_[i_];
      if (c == ';') {
        ++i_;
        if (any) return true;
      } else if (absl::ascii_isspace(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0xEF) {  // BOM bytes too
        ++i_;
      } else if (c == '-' && At(1) == '-') {
        i_ = Find("\n", i_);
      } else if (c == '/' && At(1) == '*') {
        SkipBlockComment();
      } else if (c == '\'' || c == '"') {
        any = true;
        SkipQuoted(c);
      } else if (c == '$' && SkipDollarQuoted()) {
        any = true;
      } else if (IsWordByte(c)) {
        any = true;
        const size_t begin = i_;
        while (i_ < s_.size() && IsWordByte(s_[i_])) ++i_;
        if (++words <= 5) {
          if (!head->empty()) *head += ' ';
          for (char w : s_.substr(begin, i_ - begin)) *head += absl::ascii_toupper(static_cast<unsigned char>(w));
        }
      } else {
        any = true;
        ++i_;
      }
    }
    return any;
  }

 private:
  char At(size_t n) const { return i_ + n < s_.size() ? s_[i_ + n] : '\0'; }
  size_t Find(std::string_view what, size_t from) const {
    const size_t at = s_.find(what, from);
    return at == std::string_view::npos ? s_.size() : at;
  }
  void SkipBlockComment() {
    int depth = 0;
    do {
      if (s_[i_] == '/' && At(1) == '*') ++depth, i_ += 2;
      else if (s_[i_] == '*' && At(1) == '/') --depth, i_ += 2;
      else ++i_;
    } while (depth > 0 && i_ < s_.size());
  }
  void SkipQuoted(char quote) {
    const size_t close = s_.find(quote, i_ + 1);
    i_ = close == std::string_view::npos ? s_.size() : close + 1;
  }
  bool SkipDollarQuoted() {
    size_t end = i_ + 1;
    while (end < s_.size() && IsWordByte(s_[end])) ++end;
    if (end >= s_.size() || s_[end] != '$') return false;
    const std::string_view tag = s_.substr(i_, end + 1 - i_);
    const size_t close = Find(tag, end + 1);
    i_ = close == s_.size() ? close : close + tag.size();
    return true;
  }

  std::string_view s_;
  size_t i_ = 0;
};

bool IsNonTransactional(std::string_view head) {
  for (std::string_view verb : {"CREATE ", "DROP "}) {
    if (!absl::StartsWith(head, verb)) continue;
    std::string_view rest = head.substr(verb.size());
    for (std::string_view kind : {"DATABASE", "TABLESPACE", "SUBSCRIPTION"}) {
      if (absl::StartsWith(rest, kind)) return true;
    }
    if (absl::StartsWith(rest, "UNIQUE ")) rest.remove_prefix(7);
    return absl::StartsWith(rest, "INDEX CONCURRENTLY");
  }
  if (absl::StartsWith(head, "REINDEX ")) {
    std::string_view rest = head.substr(8);
    if (absl::StartsWith(rest, "VERBOSE ")) rest.remove_prefix(8);
    return absl::StartsWith(rest, "SCHEMA") || absl::StartsWith(rest, "DATABASE") || absl::StartsWith(rest, "SYSTEM");
  }
  return absl::StartsWith(head, "VACUUM") || absl::StartsWith(head, "ALTER SYSTEM") || absl::StartsWith(head, "DISCARD ALL");
}

}  // namespace

bool HasOnlyNonTransactionalStatements(std::string_view text) {
  StatementHeads heads(text);
  std::string head;
  bool any = false;
  while (heads.Next(&head)) {
    if (!IsNonTransactional(head)) return false;  // nearly always the first statement
    any = true;
  }
  return any;
}

}  // namespace pawl
