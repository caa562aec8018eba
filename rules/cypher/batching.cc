#include "rules/cypher/batching.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {
namespace {

using namespace cypher;

constexpr std::string_view kBatch = "} IN TRANSACTIONS OF 10000 ROWS";

bool Simple(ClauseKind k) {
  return k == ClauseKind::kCreate || k == ClauseKind::kInsert || k == ClauseKind::kMerge || k == ClauseKind::kSet || k == ClauseKind::kRemove || k == ClauseKind::kDelete || k == ClauseKind::kForeach;
}

// What to add to a MATCH without a WHERE so that it finds only what is left to do: the one item of a SET or REMOVE says it.
std::string Guard(const CypherContext& context, const std::vector<const Clause*>& writes) {
  if (writes.size() != 1 || writes[0]->items.size() != 1) return "";
  const SetItem& i = writes[0]->items[0];
  if (i.target == nullptr || i.target->kind != ExprKind::kVariable) return "";
  const bool remove = writes[0]->kind == ClauseKind::kRemove;
  const std::string_view target = context.Text(i.target->span);
  if (i.kind == SetKind::kProperty) {
    const std::string property = absl::StrCat(target, ".", context.Text(i.key.span));
    if (remove) return absl::StrCat(" WHERE ", property, " IS NOT NULL");
    if (i.value == nullptr || i.value->kind != ExprKind::kLiteral || i.value->literal == LiteralKind::kNull) return "";
    return absl::StrCat(" WHERE ", property, " IS NULL OR ", property, " <> ", context.Text(i.value->span));
  }
  if (i.kind == SetKind::kLabels && i.labels.names.size() == 1 && !i.labels.dynamic) {
    return absl::StrCat(" WHERE ", remove ? "" : "NOT ", target, ":", context.Text(i.labels.names[0].span));
  }
  return "";
}

void Names(const Clause& c, std::vector<std::string_view>& out) {
  VisitExpressions(c, [&](const Expr& e) {
    VisitParts(e, [&](const Expr& part) {
      if (part.kind == ExprKind::kVariable) out.push_back(part.text);
    });
    VisitPatterns(e, [&](const Pattern& p) {
      for (const PathPattern* path : p.paths) {
        for (const PathElement& el : path->elements) {
          if (el.node != nullptr) out.push_back(el.node->variable.text);
        }
      }
    });
  });
  if (c.pattern != nullptr) {
    for (const PathPattern* path : c.pattern->paths) {
      for (const PathElement& el : path->elements) out.push_back(el.node != nullptr ? el.node->variable.text : el.relationship != nullptr ? el.relationship->variable.text : std::string_view());
    }
  }
  for (const Clause* inner : c.clauses) Names(*inner, out);
}

std::vector<const Clause*> From(const Query& query, size_t first) { return std::vector<const Clause*>(query.clauses.begin() + static_cast<ptrdiff_t>(first), query.clauses.end()); }

bool Fits(const Query& query, size_t first) {
  if (first == 0 || first >= query.clauses.size()) return false;
  // Behind LOAD CSV the row alone is imported, so that what is matched for it may stand inside.
  const bool csv = query.clauses[first - 1]->kind == ClauseKind::kLoadCsv || query.clauses[0]->kind == ClauseKind::kLoadCsv;
  for (size_t i = first; i < query.clauses.size(); ++i) {
    const ClauseKind k = query.clauses[i]->kind;
    if (!Simple(k) && !(csv && i + 1 < query.clauses.size() && (k == ClauseKind::kMatch || k == ClauseKind::kWith || k == ClauseKind::kUnwind))) return false;
  }
  for (size_t i = 0; i < first; ++i) {
    const ClauseKind k = query.clauses[i]->kind;
    if (k != ClauseKind::kMatch && k != ClauseKind::kWith && k != ClauseKind::kUnwind && k != ClauseKind::kLoadCsv && k != ClauseKind::kFilter) return false;
  }
  return true;
}

std::string QuotedName(std::string_view name) {
  const bool plain = !name.empty() && (absl::ascii_isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_') &&
                     std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; });
  return plain ? std::string(name) : absl::StrCat("`", name, "`");
}

}  // namespace

std::string OpenSubquery(const CypherContext& context, const std::vector<std::string>& variables) {
  const int oldest = context.script.settings->neo4j_oldest;
  const std::string names = absl::StrJoin(variables, ", ");
  if (context.statement.version == Version::k44 || (oldest != 0 && oldest < 523)) return variables.empty() ? "CALL {" : absl::StrCat("CALL { WITH ", names);
  return absl::StrCat("CALL (", names, ") {");
}

std::vector<std::string> UsedVariables(const CypherContext& context, const std::vector<const Clause*>& clauses, const Rows& before) {
  (void)context;
  std::vector<std::string_view> used;
  for (const Clause* c : clauses) Names(*c, used);
  std::vector<std::string> out;
  for (const Variable& v : before.variables) {
    if (std::find(used.begin(), used.end(), v.name) != used.end()) out.push_back(QuotedName(v.name));
  }
  return out;
}

std::vector<TextEdit> BatchingEdits(const CypherContext& context, const Query& query, size_t first, const Rows& before) {
  const Statement& s = context.statement;
  if (s.embedded || &s.As<Query>() != &query || !Fits(query, first)) return {};
  if (context.facts.wrapped && context.script.set->layout != Layout::kNeo4jMigrations) return {};
  const std::vector<const Clause*> writes = From(query, first);
  const std::vector<const Clause*> driving(query.clauses.begin(), query.clauses.begin() + static_cast<ptrdiff_t>(first));
  std::vector<TextEdit> edits;
  const bool csv = std::any_of(driving.begin(), driving.end(), [](const Clause* c) { return c->kind == ClauseKind::kLoadCsv; });
  if (!csv && !Shrinks(driving, writes)) {
    const Clause& last = *driving.back();
    const std::string guard = last.kind == ClauseKind::kMatch && !last.optional && last.where == nullptr && driving.size() == 1 ? Guard(context, writes) : "";
    if (guard.empty()) return {};
    edits.push_back({{last.span.end, last.span.end}, guard});
  }
  const uint32_t from = writes.front()->span.begin, to = writes.back()->span.end;
  const std::string_view between = context.Text({driving.back()->span.end, from});
  const bool lines = between.find('\n') != std::string_view::npos;
  const std::vector<std::string> names = UsedVariables(context, writes, before);
  const std::string open = OpenSubquery(context, names);
  edits.push_back({{from, from}, absl::StrCat(open, lines ? "\n  " : " ")});
  edits.push_back({{to, to}, absl::StrCat(lines ? "\n" : " ", kBatch)});
  return edits;
}

std::string BatchedForm(const CypherContext& context, const Query& query, size_t first, const Rows& before) {
  if (!Fits(query, first)) return "";
  const std::vector<const Clause*> writes = From(query, first);
  const std::string_view driving = context.Text({query.clauses[0]->span.begin, query.clauses[first - 1]->span.end});
  const std::string_view body = context.Text({writes.front()->span.begin, writes.back()->span.end});
  std::string out = absl::StrCat(driving, " ", OpenSubquery(context, UsedVariables(context, writes, before)), " ", body, " ", kBatch);
  if (out.size() > 160 || out.find('\n') != std::string::npos || out.find("//") != std::string::npos) return "";
  return out;
}

std::string RunnerAdvice(const CypherContext& context) {
  if (!context.facts.wrapped) return "";
  if (context.script.set->layout == Layout::kNeo4jMigrations) return ". In a file of its own: one such statement makes the runner run every statement of its file by itself";
  return ". The server refuses it inside the transaction that the runner holds open: give it a file of its own that runs without one";
}

}  // namespace pawl
