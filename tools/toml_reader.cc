#include "tools/toml_reader.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/finding/nearest_name.h"

namespace pawl {
namespace {

std::string_view TypeName(const toml::node& n) {
  switch (n.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a decimal number";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

const std::string* AsString(const toml::node& n) {
  const auto* value = n.as_string();
  return value == nullptr ? nullptr : &value->get();
}

// "10m" -> 600000; false if it is no duration.
bool ParseDuration(std::string_view s, int64_t* milliseconds) {
  size_t digits = 0;
  while (digits < s.size() && absl::ascii_isdigit(static_cast<unsigned char>(s[digits]))) ++digits;
  int64_t value = 0;
  if (!absl::SimpleAtoi(s.substr(0, digits), &value)) return false;
  const std::string_view unit = absl::StripAsciiWhitespace(s.substr(digits));
  const int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" || unit == "min" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  if (factor == 0 || value > std::numeric_limits<int32_t>::max() / factor) return false;  // servers take 32 bits of milliseconds
  *milliseconds = value * factor;
  return true;
}

bool IsVersion(std::string_view s) {
  bool digit = false;
  for (char c : s) {
    if (c == '.' && !digit) return false;
    if (c != '.' && !absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    digit = c != '.';
  }
  return digit;
}

}  // namespace

void TomlProblems::Add(const toml::source_region& where, std::string_view message) {
  problems_.push_back({static_cast<uint32_t>(where.begin.line), static_cast<uint32_t>(where.begin.column), std::string(message)});
}

std::string TomlProblems::Text() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.line != b.line ? a.line < b.line : a.column < b.column; });
  std::string out;
  for (const Problem& p : problems_) absl::StrAppend(&out, out.empty() ? "" : "\n", file_, ":", p.line, ":", p.column, ": ", p.message);
  return out;
}

const toml::node* TomlTable::Find(std::string_view key) {
  known_.push_back(key);
  return table_.get(key);
}

void TomlTable::WrongType(const toml::node& at, std::string_view key, std::string_view wanted) {
  Problem(at, absl::StrCat("`", key, "` must be ", wanted, ", not ", TypeName(at)));
}

void TomlTable::String(std::string_view key, std::string* out) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  const std::string* s = AsString(*n);
  if (s == nullptr) return WrongType(*n, key, "a string");
  if (s->empty()) return Problem(*n, absl::StrCat("`", key, "` is empty; leave it out, or give it a value"));
  *out = *s;
}

void TomlTable::Bool(std::string_view key, bool* out) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  if (!n->is_boolean()) return WrongType(*n, key, "true or false");
  *out = n->as_boolean()->get();
}

void TomlTable::Int(std::string_view key, int64_t low, int64_t high, int64_t* out) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  if (!n->is_integer()) return WrongType(*n, key, "a whole number");
  const int64_t value = n->as_integer()->get();
  if (value < low || value > high) return Problem(*n, absl::StrCat("`", key, "` must be between ", low, " and ", high));
  *out = value;
}

void TomlTable::Strings(std::string_view key, std::vector<std::string>* out) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  if (const std::string* s = AsString(*n)) {
    out->push_back(*s);
    return;
  }
  const toml::array* list = n->as_array();
  if (list == nullptr) return WrongType(*n, key, "a list of strings");
  for (const toml::node& item : *list) {
    if (const std::string* s = AsString(item)) {
      out->push_back(*s);
    } else {
      WrongType(item, key, "a list of strings");
    }
  }
}

void TomlTable::Duration(std::string_view key, int64_t* milliseconds) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  const std::string* s = AsString(*n);
  if (s == nullptr) return WrongType(*n, key, "a time in quotes, like \"3s\" or \"10m\"");
  if (!ParseDuration(*s, milliseconds)) Problem(*n, absl::StrCat("`", key, "`: `", *s, "` is not a time; write 500ms, 3s, 10m or 2h"));
}

void TomlTable::Choice(std::string_view key, std::string_view choices, const std::function<bool(std::string_view)>& parse) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  const std::string* s = AsString(*n);
  if (s == nullptr) return WrongType(*n, key, "a string");
  if (!parse(*s)) Problem(*n, absl::StrCat("`", key, "`: `", *s, "` is not one of ", choices));
}

void TomlTable::Versions(std::string_view key, std::vector<std::string>* out) {
  const toml::node* n = Find(key);
  if (n == nullptr) return;
  auto add = [&](const toml::node& item) {
    if (item.is_integer()) {
      const int64_t value = item.as_integer()->get();
      if (value < 1) return Problem(item, absl::StrCat("`", key, "`: ", value, " is not a version"));
      out->push_back(absl::StrCat(value));
    } else if (const std::string* s = AsString(item)) {
      for (std::string_view part : absl::StrSplit(*s, ',')) {
        part = absl::StripAsciiWhitespace(part);
        if (!IsVersion(part)) return Problem(item, absl::StrCat("`", key, "`: `", part, "` is not a version; write \"16\" or \"5.26\""));
        out->push_back(std::string(part));
      }
    } else {
      // 5.20 as a number is 5.2.
      WrongType(item, key, "a version in quotes, like \"16\", or a list of them");
    }
  };
  if (const toml::array* list = n->as_array()) {
    for (const toml::node& item : *list) add(item);
  } else {
    add(*n);
  }
}

const toml::table* TomlTable::Table(std::string_view key) {
  const toml::node* n = Find(key);
  if (n == nullptr) return nullptr;
  if (!n->is_table()) WrongType(*n, key, "a table");
  return n->as_table();
}

const toml::array* TomlTable::Array(std::string_view key) {
  const toml::node* n = Find(key);
  if (n == nullptr) return nullptr;
  if (!n->is_array()) WrongType(*n, key, "a list");
  return n->as_array();
}

void TomlTable::Finish() {
  for (const auto& [key, value] : table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string message = absl::StrCat(name_, " has no key `", name, "`");
    const std::string_view nearest = NearestName(name, known_);
    if (nearest.empty()) {
      absl::StrAppend(&message, "; it has ");
      for (size_t i = 0; i < known_.size(); ++i) absl::StrAppend(&message, i == 0 ? "" : ", ", "`", known_[i], "`");
    } else {
      absl::StrAppend(&message, "; did you mean `", nearest, "`?");
    }
    problems_->Add(key.source(), message);
  }
}

}  // namespace pawl
