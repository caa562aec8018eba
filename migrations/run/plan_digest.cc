#include "migrations/run/plan_digest.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

constexpr size_t kLongest = 20000, kExcerpt = 1000;  // bytes

bool IsUtf8(std::string_view text) {
  for (const char *p = text.data(), *end = p + text.size(); p < end;) {
    const int n = Utf8Length(p, end);
    if (n <= 0) return false;
    p += n;
  }
  return true;
}

}  // namespace

bool IsShownWhole(std::string_view sql) { return sql.size() <= kLongest && IsUtf8(sql); }
std::string_view Excerpt(std::string_view sql) { return sql.size() <= kLongest ? sql : sql.substr(0, kExcerpt); }

PlanDigester::PlanDigester(std::string_view component, std::string_view engine, std::string_view target_identity, Direction direction, const PlanSettings& settings) {
  hash_.Update("pawl plan 2\n");
  for (std::string_view s : {component, engine, target_identity, std::string_view(direction == Direction::kUp ? "up" : "down")}) Field(s);
  Field(absl::StrCat(settings.lock_timeout_ms, " ", settings.statement_timeout_ms, " ", settings.window_ms, " ", settings.retries));
}

void PlanDigester::Migration(std::string_view key, std::string_view name, std::string_view checksum) {
  for (std::string_view s : {key, name, checksum}) Field(s);
}

void PlanDigester::BeginPart(std::string_view begin) { Field(begin); }
void PlanDigester::Statement(std::string_view sql) { Field(Sha256Hex(sql)); }

void PlanDigester::Excerpted(std::string_view sql_sha256, std::string_view excerpt) {
  Field(sql_sha256);
  // A character that is cut, or no UTF-8, is another one in JSON.
  std::string ascii;
  std::copy_if(excerpt.begin(), excerpt.end(), std::back_inserter(ascii), [](char c) { return static_cast<unsigned char>(c) < 128; });
  Field(ascii);
}

void PlanDigester::CopyData(std::string_view sha256) { Field(sha256); }

std::string PlanDigester::Finish() { return absl::StrCat("sha256:", hash_.FinishHex()); }

void PlanDigester::Field(std::string_view text) {
  hash_.Update(absl::StrCat(text.size(), ":"));
  hash_.Update(text);
}

}  // namespace pawl
