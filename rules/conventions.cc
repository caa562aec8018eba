#include "rules/conventions.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "re2/re2.h"

namespace pawl {
namespace {

struct KindName {
  std::string_view name;
  std::string_view words;
};
constexpr KindName kKindNames[kNamedKinds] = {
    {"schema", "schema"}, {"table", "table"}, {"view", "view"}, {"column", "column"}, {"index", "index"}, {"primary-key", "primary key"}, {"foreign-key", "foreign key"},
    {"unique", "unique constraint"}, {"check", "CHECK constraint"}, {"sequence", "sequence"}, {"function", "function"}, {"trigger", "trigger"}, {"type", "type"},
};

// As TypeName::name has them (ast.h): what people write for them.
constexpr std::pair<std::string_view, std::string_view> kCanonical[] = {
    {"int", "int4"}, {"integer", "int4"}, {"smallint", "int2"}, {"bigint", "int8"}, {"real", "float4"}, {"float", "float8"}, {"double precision", "float8"}, {"decimal", "numeric"},
    {"boolean", "bool"}, {"character varying", "varchar"}, {"character", "bpchar"}, {"char", "bpchar"}, {"timestamp with time zone", "timestamptz"},
    {"timestamp without time zone", "timestamp"}, {"time with time zone", "timetz"}, {"time without time zone", "time"}, {"bit varying", "varbit"},
};

constexpr std::string_view kDefaultPattern = "[a-z_][a-z0-9_]*";

bool IsPlainName(std::string_view name) {
  if (name.empty() || absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) return false;
  for (char c : name) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) && !absl::ascii_isdigit(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

}  // namespace

std::string_view ToString(NamedKind k) { return kKindNames[static_cast<size_t>(k)].name; }
std::string_view Words(NamedKind k) { return kKindNames[static_cast<size_t>(k)].words; }

std::optional<NamedKind> ParseNamedKind(std::string_view s) {
  for (size_t i = 0; i < kNamedKinds; ++i) {
    if (kKindNames[i].name == s) return static_cast<NamedKind>(i);
  }
  return std::nullopt;
}

void Conventions::Forbid(std::string_view type) {
  std::string tidy = absl::AsciiStrToLower(type);
  absl::RemoveExtraAsciiWhitespace(&tidy);
  tidy = absl::StrReplaceAll(tidy, {{" (", "("}, {"( ", "("}, {" )", ")"}, {", ", ","}, {" ,", ","}, {" [", "["}});
  const size_t end = tidy.find_first_of("([");
  const std::string_view base = std::string_view(tidy).substr(0, end);
  for (const auto& [written, canonical] : kCanonical) {
    if (base != written) continue;
    forbidden_types.push_back(absl::StrCat(canonical, std::string_view(tidy).substr(base.size())));
    return;
  }
  if (!tidy.empty()) forbidden_types.push_back(std::move(tidy));
}

std::string Conventions::AddName(std::string_view kind, std::string_view pattern) {
  const std::optional<NamedKind> k = ParseNamedKind(kind);
  if (!k && kind != "any") {
    std::string all = "`any`";
    for (const KindName& n : kKindNames) absl::StrAppend(&all, ", `", n.name, "`");
    return absl::StrCat("`", kind, "` is not one of ", all);
  }
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const RE2>(std::string(pattern), options);
  if (!compiled->ok()) return absl::StrCat("`", kind, "`: `", pattern, "` is no regular expression: ", compiled->error());
  (k ? names[static_cast<size_t>(*k)] : any_name) = std::move(compiled);
  return "";
}

std::string_view BrokenPattern(const Conventions* conventions, NamedKind kind, std::string_view name) {
  const RE2* pattern = nullptr;
  if (conventions != nullptr) pattern = conventions->names[static_cast<size_t>(kind)].get();
  if (conventions != nullptr && pattern == nullptr) pattern = conventions->any_name.get();
  if (pattern == nullptr) return IsPlainName(name) ? "" : kDefaultPattern;
  return RE2::FullMatch(name, *pattern) ? std::string_view() : std::string_view(pattern->pattern());
}

std::string_view ForbiddenType(const Conventions* conventions, std::string_view type) {
  if (conventions == nullptr) return "";
  for (const std::string& f : conventions->forbidden_types) {
    if (type == f) return f;
    // "varchar" stands for varchar of any length and for arrays of it.
    if (f.find_first_of("([") == std::string::npos && absl::StartsWith(type, f) && (type[f.size()] == '(' || type[f.size()] == '[')) return f;
    if (absl::StartsWith(type, f) && type.substr(f.size()) == "[]") return f;
  }
  return "";
}

}  // namespace pawl
