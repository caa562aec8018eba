// What a project has agreed on, for rules that judge by it: names of objects and types that it does not want (pawl.toml, [lint]).
#ifndef PAWL_RULES_CONVENTIONS_H_
#define PAWL_RULES_CONVENTIONS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace pawl {

enum class NamedKind : uint8_t { kSchema, kTable, kView, kColumn, kIndex, kPrimaryKey, kForeignKey, kUnique, kCheck, kSequence, kFunction, kTrigger, kType, kCount };
inline constexpr size_t kNamedKinds = static_cast<size_t>(NamedKind::kCount);
std::string_view ToString(NamedKind k);                    // as in pawl.toml: "schema" ... "primary-key" ... "type"
std::optional<NamedKind> ParseNamedKind(std::string_view s);
std::string_view Words(NamedKind k);                       // for messages: "primary key"

struct Conventions {
  // Types that no column may have, canonical as CatalogColumn::type or without the modifiers: "money", "varchar(255)", "hstore".
  std::vector<std::string> forbidden_types;
  // By kind: the whole name must match. Null: the one of kAny, and without that lower case, digits and underscores.
  std::array<std::shared_ptr<const re2::RE2>, kNamedKinds> names;
  std::shared_ptr<const re2::RE2> any_name;

  // Takes "varchar (255)" as somebody writes it.
  void Forbid(std::string_view type);
  // `kind`: as ToString gives, or "any". Returns what is wrong with it, "" if nothing.
  std::string AddName(std::string_view kind, std::string_view pattern);
};

// The pattern that a name must match and does not, as text; "" if it is as it should be. `conventions` may be null.
std::string_view BrokenPattern(const Conventions* conventions, NamedKind kind, std::string_view name);

// The entry of forbidden_types that stands for this type, "" if none. `type` as TypeText(): "varchar(50)", "int4[]".
std::string_view ForbiddenType(const Conventions* conventions, std::string_view type);

}  // namespace pawl

#endif  // PAWL_RULES_CONVENTIONS_H_
