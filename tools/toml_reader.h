// Typed reading of TOML tables that collects every problem instead of stopping at the first. For tools/config.cc.
#ifndef PAWL_TOOLS_TOML_READER_H_
#define PAWL_TOOLS_TOML_READER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "toml++/toml.hpp"

namespace pawl {

// "pawl.toml:3:7: ..." lines, in the order of the file once sorted.
class TomlProblems {
 public:
  explicit TomlProblems(std::string_view file) : file_(file) {}
  void Add(const toml::source_region& where, std::string_view message);
  bool empty() const { return problems_.empty(); }
  std::string Text();  // by line and column

 private:
  struct Problem {
    uint32_t line, column;
    std::string message;
  };
  std::string file_;
  std::vector<Problem> problems_;
};

// One table. Each getter marks its key as known; Finish() reports the keys that nobody asked for, with the nearest known one.
class TomlTable {
 public:
  // `name`: for messages, "[lint]". `table` and `problems` must live as long.
  TomlTable(const toml::table& table, std::string_view name, TomlProblems* problems) : table_(table), name_(name), problems_(problems) {}

  const toml::node* Find(std::string_view key);
  void String(std::string_view key, std::string* out);                     // not empty
  void Bool(std::string_view key, bool* out);
  void Int(std::string_view key, int64_t low, int64_t high, int64_t* out);
  void Strings(std::string_view key, std::vector<std::string>* out);       // a list, or one string
  void Duration(std::string_view key, int64_t* milliseconds);              // "500ms", "3s", "10m", "2h"
  // A string for which `parse` is true; `choices` for the message: "`error`, `warning` or `note`".
  void Choice(std::string_view key, std::string_view choices, const std::function<bool(std::string_view)>& parse);
  // 16, "16", "12, 16", ["12", "16"]; as text, one element a version.
  void Versions(std::string_view key, std::vector<std::string>* out);
  const toml::table* Table(std::string_view key);                          // null if absent, or no table (reported)
  const toml::array* Array(std::string_view key);

  void Problem(const toml::node& at, std::string_view message) { problems_->Add(at.source(), message); }
  void WrongType(const toml::node& at, std::string_view key, std::string_view wanted);
  void Finish();

 private:
  const toml::table& table_;
  std::string_view name_;
  TomlProblems* problems_;
  std::vector<std::string_view> known_;
};

}  // namespace pawl

#endif  // PAWL_TOOLS_TOML_READER_H_
