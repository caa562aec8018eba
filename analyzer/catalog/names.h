// Names and texts as PostgreSQL makes them: catalogue keys, generated constraint and index names, folded expression text.
#ifndef PAWL_ANALYZER_CATALOG_NAMES_H_
#define PAWL_ANALYZER_CATALOG_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/sql/ast.h"

namespace pawl {

// "schema.name" without an allocation for ordinary lengths. The view lives until the next Join.
class KeyBuffer {
 public:
  std::string_view Join(std::string_view schema, std::string_view name) {
    const size_t n = schema.size() + 1 + name.size();
    if (n > sizeof(small_)) {
      large_ = absl::StrCat(schema, ".", name);
      return large_;
    }
    schema.copy(small_, schema.size());
    small_[schema.size()] = '.';
    name.copy(small_ + schema.size() + 1, name.size());
    return {small_, n};
  }

 private:
  char small_[136];
  std::string large_;
};

// The two halves of a catalogue key. A name may hold dots, a schema in practice does not: the first dot parts them.
inline std::string_view SchemaOf(std::string_view key) { return key.substr(0, key.find('.')); }
inline std::string_view NameOf(std::string_view key) {
  const size_t dot = key.find('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

// name1_name2_label cut to 63 bytes, the longer of the first two parts first. `name2` may be empty.
// Source: makeObjectName, src/backend/commands/indexcmds.c; truncation keeps whole UTF-8 characters.
std::string MakeObjectName(std::string_view name1, std::string_view name2, std::string_view label);

// "a_b_c" from column names, as for the middle part of a generated name. Source: ChooseIndexNameAddition.
std::string NameAddition(const std::vector<std::string_view>& columns);

// The name that an index element without a column contributes ("lower", "expr"). Source: FigureIndexColname, parse_target.c.
std::string_view ExpressionName(const sql::Expr& e);

// `name`, with a number behind it if `names` has it already. Source: ChooseIndexColumnNames.
std::string UniqueIn(const std::vector<std::string>& names, std::string_view name);

// White space runs and comments become one blank; text outside quotes becomes lower case when `fold_case`.
std::string FoldText(std::string_view text, bool fold_case);

// The first parenthesis of `text` up to its closing one, both included; strings, quoted names and comments are skipped over.
// "" if there is none.
std::string_view FirstParenthesis(std::string_view text);

// The columns that `e` reads, each once, in order. Whole-row references and sub-queries give none.
void CollectColumns(const sql::Expr& e, std::vector<std::string_view>* columns);

// The columns that `e` being true proves not null: col IS NOT NULL, NOT (col IS NULL), alone or as parts of an AND. That is
// what SET NOT NULL accepts as proof (NotNullImpliedByRelConstraints, tablecmds.c, 12+).
void CollectNotNull(const sql::Expr& e, std::vector<std::string_view>* columns);

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_NAMES_H_
