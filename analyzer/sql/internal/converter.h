// From libpg_query's raw tree to our AST. Include after the standard headers (see pg_tree.h).
#ifndef PAWL_ANALYZER_SQL_INTERNAL_CONVERTER_H_
#define PAWL_ANALYZER_SQL_INTERNAL_CONVERTER_H_

#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "analyzer/source/arena.h"
#include "analyzer/sql/ast.h"
#include "analyzer/sql/internal/pg_tree.h"
#include "analyzer/sql/scanner.h"

namespace pawl::sql {

// Lists while they grow: nearly all are short, and a heap allocation for each would cost more than filling them.
template <typename T>
using Scratch = absl::InlinedVector<T, 8>;

// One parse call's tree. `text` is the buffer that was parsed; a location in it is `base` bytes further on in the file.
// Expressions nested deeper than kMaxDepth become kOther without parts: the parser accepts 200,000 levels, a stack does not.
// What the statements of one large file share, so that 100,000 INSERTs do not each keep a copy.
struct Shared {
  std::string_view file;             // the file's bytes; "": constants are copied
  List<std::string_view> columns;    // of the last INSERT
};

class Converter {
 public:
  // `as_run`: ParseOptions::as_run.
  Converter(Arena& arena, std::string_view text, uint32_t base, Shared* shared = nullptr, bool as_run = false)
      : arena_(arena), text_(text), base_(base), shared_(shared), as_run_(as_run) {}

  // `statement` has its span (file offsets) already; fills in kind, tag and node.
  void Convert(const Node* node, Statement& statement);

 private:
  static constexpr int kMaxDepth = 200;

  // --- convert.cc: statements
  void ConvertCreateTable(const CreateStmt* s, Statement& out);
  void ConvertCreateTableAs(const CreateTableAsStmt* s, Statement& out);
  void ConvertIndex(const IndexStmt* s, Statement& out);
  void ConvertDrop(const DropStmt* s, Statement& out);
  void ConvertRename(const RenameStmt* s, Statement& out);
  void ConvertSetSchema(const AlterObjectSchemaStmt* s, Statement& out);
  List<const Query*> Queries(const Node* body);
  void ConvertFunction(const CreateFunctionStmt* s, Statement& out);
  bool ConvertOther(const Node* node, Statement& out);
  Name PartOf(const Node* object);
  Name OwnerOf(const ::List* options);
  void ConvertDo(const DoStmt* s, Statement& out);
  void ConvertVariableSet(const VariableSetStmt* s, Statement& out);
  bool ConvertUtility(const Node* node, Statement& out);
  Name ObjectName(const Node* object);            // List of String, String, TypeName, ObjectWithArgs, RangeVar
  static ObjectType Type(::ObjectType t);
  void LocateNames(Scratch<Name>& names, const Statement& out, bool concurrently, bool if_exists);
  int WordsOfType(Scanner scanner) const;
  Span BodyAt(int location, const char* after_keyword);

  // --- convert_table.cc: columns, constraints, ALTER TABLE
  void ConvertAlterTable(const AlterTableStmt* s, Statement& out);
  void ConvertAlterCommand(const AlterTableCmd* c, Span span, AlterCommand& out);
  const Column* ConvertColumn(const ColumnDef* d, uint32_t statement_end);
  const Constraint* ConvertConstraint(const ::Constraint* c, std::string_view column, uint32_t end);
  const PartitionBound* ConvertBound(const PartitionBoundSpec* b);
  uint32_t ElementEnd(uint32_t begin, uint32_t limit);   // buffer offsets: up to a comma or closing parenthesis of this level

  // --- convert_query.cc: queries and expressions
  const Query* ConvertQuery(const Node* node);
  void AddWith(const WithClause* with, QueryClauses& clauses);
  void AddHidden(const Node* node, Scratch<const Query*>& subqueries);
  void AddHidden(const ::List* list, Scratch<const Query*>& subqueries);
  void AddFunction(const Node* node, Scratch<const Query*>& subqueries);
  void AddSubqueries(const Expr* e, Scratch<const Query*>& subqueries);
  void AddFrom(const Node* item, QueryClauses& clauses, Scratch<Name>& sources, Scratch<std::string_view>& aliases, Scratch<const Query*>& subqueries, Scratch<const Expr*>& conditions);
  List<Assignment> Assignments(const ::List* targets);
  const Expr* ConvertExpr(const Node* node);
  List<const Expr*> ConvertExprs(const ::List* list);
  const Expr* And(const Scratch<const Expr*>& parts);
  const TypeName* ConvertType(const ::TypeName* t);

  template <typename T>
  T* Set(Statement& out, StatementKind kind) {
    T* node = arena_.New<T>();
    out.kind = kind;
    out.node = node;
    return node;
  }
  std::string_view Str(const char* s) { return s == nullptr ? std::string_view() : arena_.Copy(s); }
  std::string_view Str(const Node* string_node);
  // The text of a constant at `location`: where the file has it as it is, a view of that.
  std::string_view ConstantText(std::string_view value, int location);
  List<std::string_view> InsertColumns(const ::List* targets);
  List<std::string_view> Strings(const ::List* list);
  Name RelName(const RangeVar* r);
  Name NameOf(const ::List* strings, int location);
  uint32_t At(int location) const { return location < 0 ? begin_ : base_ + static_cast<uint32_t>(location); }
  Span TokenAt(int location) const;              // the token there, in file offsets

  Arena& arena_;
  std::string_view text_;
  uint32_t base_;
  Shared* shared_ = nullptr;
  const bool as_run_;
  uint32_t begin_ = 0;                           // of the statement, file offset
  // Ends of columns, types and constants are found by scanning. In CREATE TABLE and rows of values nobody points at them:
  // their spans then are their first token, or empty at their place.
  bool exact_ends_ = true;
  int depth_ = 0;
};

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_INTERNAL_CONVERTER_H_
