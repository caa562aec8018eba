// Turns ANTLR's contexts of one statement into our AST. Not a public interface.
#ifndef PAWL_ANALYZER_CYPHER_INTERNAL_BUILDER_H_
#define PAWL_ANALYZER_CYPHER_INTERNAL_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/cypher/ast.h"
#include "analyzer/cypher/internal/tokens.h"
#include "analyzer/source/arena.h"
#include "analyzer/source/span.h"
#include "grammars/CypherParser.h"

namespace pawl::cypher {

using G = grammar::CypherParser;

// The text that is parsed and where it stands in its file. `offsets`, if not empty, has the outer offset of each byte of the text
// and of its end: a string literal with escapes.
struct Text {
  std::string_view bytes;
  uint32_t base = 0;
  const std::vector<uint32_t>* offsets = nullptr;

  uint32_t Outer(uint32_t at) const { return offsets == nullptr ? base + at : (*offsets)[at < offsets->size() ? at : offsets->size() - 1]; }
  Span Outer(Span s) const { return {Outer(s.begin), Outer(s.end)}; }
};

// A mistake that the grammar lets pass. Spans are of the outer file.
struct BuildError {
  bool present = false;
  Span span;
  std::string message;
  std::string help;
};

class Builder {
 public:
  Builder(Arena& arena, const Text& text, const std::vector<Token>& tokens) : arena_(arena), text_(text), tokens_(tokens) {}

  // Sets kind and node of `out`.
  void Statement(G::StatementContext* c, cypher::Statement& out);

  const BuildError& error() const { return error_; }
  std::vector<FormUse>& forms() { return forms_; }
  // Procedure calls seen, for the Cypher in their string arguments.
  std::vector<Clause*>& calls() { return calls_; }

 private:
  // builder_expression.cc, builder_atom.cc
  const Expr* Expression(G::ExpressionContext* c);
  const Expr* Comparison(G::ComparisonContext* c);
  const Expr* Predicate(G::PredicateContext* c, const Expr* left);
  const Expr* Arithmetic(G::ArithmeticContext* c);
  const Expr* Operand(G::OperandContext* c);
  const Expr* Atom(G::AtomContext* c);
  const Expr* VariableAtom(G::VariableAtomContext* c);
  const Expr* Literal(const Token& t);
  const Expr* Call(G::OperandContext* c, size_t call_suffix);
  const Expr* MapExpr(G::MapContext* c);
  const Expr* Parameter(G::ParameterContext* c);
  const Expr* Case(G::CaseAtomContext* c);
  const Expr* Subquery(G::SubqueryAtomContext* c);
  const Expr* Trim(G::TrimAtomContext* c);
  const Expr* FoldLogic(const std::vector<const Expr*>& operands, const std::vector<size_t>& operators, size_t from, size_t to, int level);
  List<const Expr*> Expressions(const std::vector<G::ExpressionContext*>& v);
  List<MapEntry> Entries(G::MapContext* c);
  std::string_view StringValue(Span literal);
  void TypeForms(G::TypeContext* c);

  // builder_pattern.cc
  const Pattern* PatternOf(G::PatternContext* c, G::MatchModeContext* how);
  PathPattern* Path(G::PathPatternContext* c);
  void PathBody(G::PathBodyContext* c, PathPattern& out);
  void Shortest(G::ShortestPathContext* c, PathPattern& out);
  const Pattern* SinglePath(const PathPattern* path);
  const Pattern* PatternExpr(G::PatternExpressionContext* c);
  List<PathElement> Elements(const std::vector<G::PathElementContext*>& v, bool groups);
  const NodePattern* Node(G::NodePatternContext* c);
  const RelationshipPattern* Relationship(G::RelationshipPatternContext* c, G::RepetitionContext* repeat);
  const PathPattern* Group(G::GroupPatternContext* c, G::RepetitionContext* repeat);
  void DecimalOnly(const antlr4::Token* t);
  Quantifier Repetition(G::RepetitionContext* c);
  Properties PropertyMap(G::PropertyMapContext* c);
  Labels LabelsOf(G::LabelsContext* c, bool relationship);
  const LabelExpr* Disjunction(G::LabelDisjunctionContext* c);
  const LabelExpr* Conjunction(G::LabelConjunctionContext* c);
  const LabelExpr* Factor(G::LabelFactorContext* c);
  std::string_view Selector(G::PathSelectorContext* c);

  // builder_clause.cc, builder_write.cc
  const Query* QueryOf(G::QueryContext* c);
  const Query* Regular(G::RegularQueryContext* c);
  const Query* Arm(G::QueryArmContext* c);
  List<const Clause*> Clauses(const std::vector<G::ClauseContext*>& v);
  Clause* NewClause(ClauseKind kind, antlr4::ParserRuleContext* c, size_t keywords);
  Clause* ClauseOf(G::ClauseContext* c);
  void CheckShow(const std::vector<Clause*>& clauses);
  bool Join(G::ClauseContext* c, std::vector<Clause*>& clauses);
  Clause* Use(G::UseClauseContext* c);
  Clause* Match(G::MatchClauseContext* c);
  Clause* ProjectionClause(G::ProjectionClauseContext* c);
  Clause* Create(G::CreateClauseContext* c);
  Clause* Merge(G::MergeClauseContext* c);
  Clause* Foreach(G::ForeachClauseContext* c);
  Clause* Load(G::LoadClauseContext* c);
  Clause* CallClause(G::CallClauseContext* c, bool optional);
  Clause* Show(G::ShowClauseContext* c);
  List<SetItem> SetItems(G::SetClauseContext* c);
  SetItem Assigned(G::OperandContext* target, const Token* op, G::ExpressionContext* value, Span span);
  const InTransactions* Transactions(G::InTransactionsContext* c);
  void ImportingWith(Clause& call, G::CallClauseContext* c);

  // builder_administration.cc
  void AdministrationOf(antlr4::ParserRuleContext* c, cypher::Statement& out);
  void AdministrationForms(size_t first, size_t last);
  void ShowForms(G::ShowClauseContext* c, std::string_view words);

  // builder_schema.cc
  void Command(G::CommandContext* c, cypher::Statement& out);
  void Constraint(G::CreateCommandContext* create, G::CreateConstraintContext* c, cypher::Statement& out);
  void Index(G::CreateCommandContext* create, G::CreateIndexContext* c, cypher::Statement& out);
  void DropOf(G::DropCommandContext* c, cypher::Statement& out);
  void PredicateOf(G::ConstraintPredicateContext* c, ConstraintKind& kind, EntityKind entity, List<Name>& properties, std::string_view& type);
  List<Name> PropertyKeys(const std::vector<G::SchemaPropertyContext*>& v, std::string_view variable);
  void NameOrParameter(G::NameOrParameterContext* c, Name& name, const Expr*& parameter);
  void Options(G::SchemaOptionsContext* c, List<MapEntry>& entries, Span& span);

  // Shared.
  static const Token& Tok(const antlr4::Token* t) { return *static_cast<const Token*>(t); }
  Span Of(const antlr4::Token* t) const { return text_.Outer(Tok(t).span); }
  Span Of(const antlr4::ParserRuleContext* c) const { return text_.Outer(Span{Tok(c->start).span.begin, End(c)}); }
  Span Of(const antlr4::ParserRuleContext* a, const antlr4::ParserRuleContext* b) const { return text_.Outer(Span{Tok(a->start).span.begin, End(b)}); }
  // End of the last token of a context; an empty one ends where it begins.
  uint32_t End(const antlr4::ParserRuleContext* c) const {
    const Token& first = Tok(c->start);
    if (c->stop == nullptr || Tok(c->stop).index < first.index) return first.span.begin;
    return Tok(c->stop).span.end;
  }
  // The source between, as written.
  std::string_view Written(const antlr4::ParserRuleContext* c) const {
    const uint32_t begin = Tok(c->start).span.begin;
    return text_.bytes.substr(begin, End(c) - begin);
  }
  std::string_view Written(const Token& t) const { return text_.bytes.substr(t.span.begin, t.span.size()); }
  Name NameAt(const antlr4::Token* t);
  Name NameOf(const antlr4::ParserRuleContext* c) { return c == nullptr ? Name{} : NameAt(c->start); }
  List<Name> Names(const std::vector<G::NameContext*>& v);
  uint64_t Number(const antlr4::Token* t) const;

  // Keeps the first mistake.
  void Fail(Span outer, std::string_view message, std::string_view help = {});
  FormUse& Use(Form form, Span outer);
  void Use(Form form, Span outer, Span replace, std::string_view replacement);
  Expr* New(ExprKind kind, Span span);
  const Expr* Operator(std::string_view text, const Expr* a, const Expr* b);

  template <typename T>
  T* Make() {
    return arena_.New<T>();
  }

  Arena& arena_;
  const Text& text_;
  const std::vector<Token>& tokens_;
  BuildError error_;
  bool inserting_ = false;   // in INSERT, whose patterns know less
  std::vector<FormUse> forms_;
  std::vector<Clause*> calls_;
};

// ASCII case is ignored.
bool SameWord(std::string_view a, std::string_view b);

}  // namespace pawl::cypher

#endif  // PAWL_ANALYZER_CYPHER_INTERNAL_BUILDER_H_
