#include "tools/statistics_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace pawl {

absl::StatusOr<std::unique_ptr<const TableStatistics>> ParseStatistics(std::string_view text, std::string_view path, int64_t small_table) {
  const auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("--statistics: `", path, "` ", what, "; write it with `pawl schema dump --statistics`"));
  };
  const nlohmann::json root = nlohmann::json::parse(text, nullptr, false);
  if (root.is_discarded()) return wrong("is not JSON");
  const auto list = root.is_object() ? root.find("statistics") : root.end();
  if (!root.is_object() || list == root.end()) return wrong("holds no table sizes");
  if (!list->is_array()) return wrong("has a `statistics` that is no list");
  auto statistics = std::make_unique<TableStatistics>(small_table);
  size_t index = 0;
  for (const nlohmann::json& t : *list) {
    const auto text_of = [&](const char* key) -> const std::string* {
      const auto it = t.is_object() ? t.find(key) : t.end();
      return t.is_object() && it != t.end() && it->is_string() ? it->get_ptr<const std::string*>() : nullptr;
    };
    const auto number_of = [&](const char* key, int64_t* out) {
      const auto it = t.find(key);
      if (it == t.end() || !it->is_number_integer()) return false;
      *out = it->get<int64_t>();
      return *out >= 0;
    };
    const std::string* schema = text_of("schema");
    const std::string* table = text_of("table");
    TableSize size;
    if (schema == nullptr || table == nullptr || !number_of("bytes", &size.bytes)) return wrong(absl::StrCat("has no schema, table or bytes in entry ", index, " of `statistics`"));
    if (!number_of("rows", &size.rows)) size.rows = -1;
    statistics->Add(*schema, *table, size);
    ++index;
  }
  return statistics;
}

absl::StatusOr<std::unique_ptr<const TableStatistics>> ReadStatistics(const std::string& path, int64_t small_table) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (in) text << in.rdbuf();
  if (!in) return absl::NotFoundError(absl::StrCat("--statistics: cannot read `", path, "`: ", std::strerror(errno == 0 ? EIO : errno)));
  return ParseStatistics(text.str(), path, small_table);
}

}  // namespace pawl
