// Finds where a script uses a value of an enum: literals that the server turns into that enum when it parses or runs a statement.
#ifndef PAWL_RULES_SQL_TRANSACTIONS_ENUM_USE_H_
#define PAWL_RULES_SQL_TRANSACTIONS_ENUM_USE_H_

#include <cstdint>
#include <string_view>

#include "analyzer/catalog/catalog.h"
#include "analyzer/sql/ast.h"

namespace pawl {

// A literal counts where it is cast to the enum, or assigned to or compared with a column that has the enum's type or whose type is
// not known. Literals of text columns, of function arguments and of select lists do not count. Not thread-safe; for one value.
class EnumUse {
 public:
  EnumUse(const sql::Name& type, std::string_view value, const Catalog& catalog) : type_(type), value_(value), catalog_(catalog) {}

  void Visit(const sql::Statement& s);

  uint32_t count() const { return count_; }
  Span first() const { return first_; }                      // of the literal
  const sql::Statement* statement() const { return in_; }    // that holds the first one

 private:
  // The relations that a column may belong to, innermost query first.
  struct Scope {
    const sql::Query* query = nullptr;
    const sql::Name* table = nullptr;   // of an ALTER TABLE, CREATE INDEX ...
    const Scope* outer = nullptr;
  };

  void VisitQuery(const sql::Query& q, const Scope* outer, int depth);
  void VisitInsert(const sql::Query& q, const Scope& scope, int depth);
  void VisitExpression(const sql::Expr* e, const Scope& scope, int depth);
  // `e` becomes a value of the enum: its literals count, those below other operators and calls are looked at on their own.
  void VisitValue(const sql::Expr* e, const Scope& scope, int depth);
  void VisitColumn(const sql::Column& c, const Scope& scope);
  void Found(const sql::Expr& e);

  bool IsType(const sql::TypeName* t) const { return t != nullptr && !t->array && t->name == type_.name; }
  // Known and of another type: no. Of the enum, or not known: yes.
  bool MayHaveType(const CatalogTable* table, std::string_view column) const;
  bool MayHaveType(const Scope& scope, const sql::Expr& column) const;

  const sql::Name& type_;
  std::string_view value_;
  const Catalog& catalog_;
  const sql::Statement* now_ = nullptr;
  const sql::Statement* in_ = nullptr;
  Span first_;
  uint32_t count_ = 0;
};

}  // namespace pawl

#endif  // PAWL_RULES_SQL_TRANSACTIONS_ENUM_USE_H_
