// cypher-version-dependent-result: the same text gives one result in Cypher 5 and another in Cypher 25.
//
// The list is that of the Cypher manual, "Neo4j 2025.06", "Updated in Cypher 25".
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherVersionDependentResult;

namespace {

using namespace cypher_rules;
using cypher::Clause;
using cypher::ClauseKind;
using cypher::Expr;
using cypher::ExprKind;

void Report(const CypherContext& context, Span at, std::string what, std::string difference, std::string help) {
  context.Report(kCypherVersionDependentResult, at, absl::StrCat(what, " means one thing in Cypher 5 and another in Cypher 25"))
      .Why(absl::StrCat(difference, "; which of the two runs depends on the default language of each database"))
      .Help(absl::StrCat("begin the statement with `CYPHER 5` or `CYPHER 25`", help.empty() ? "" : absl::StrCat(", or ", help)));
}

bool IsAggregate(const Expr& e) {
  if (e.kind != ExprKind::kCall || !e.schema.empty()) return false;
  for (std::string_view name : {"count", "sum", "avg", "min", "max", "collect", "stDev", "stDevP", "percentileCont", "percentileDisc"}) {
    if (absl::EqualsIgnoreCase(e.text, name)) return true;
  }
  return false;
}

// What an expression holds directly: an aggregate, and variables outside aggregates.
void Parts(const Expr* e, bool& aggregate, std::vector<const Expr*>& variables, int depth = 0) {
  if (e == nullptr || depth > 60) return;
  if (IsAggregate(*e)) {
    aggregate = true;
    return;
  }
  if (e->kind == ExprKind::kVariable) variables.push_back(e);
  for (const Expr* a : e->arguments) Parts(a, aggregate, variables, depth + 1);
}

// COUNT, COLLECT, EXISTS { ... agg + g }: g comes from outside, and Cypher 5 groups by it, so that no row gives no group.
void Subquery(const CypherContext& context, const Expr& e) {
  if (e.kind != ExprKind::kSubquery || e.query == nullptr) return;
  std::vector<std::string_view> own;
  for (const Clause* c : e.query->clauses) {
    if (c->pattern != nullptr) {
      for (const cypher::PathPattern* p : c->pattern->paths) {
        own.push_back(p->variable.text);
        for (const cypher::PathElement& el : p->elements) {
          if (el.node != nullptr) own.push_back(el.node->variable.text);
          if (el.relationship != nullptr) own.push_back(el.relationship->variable.text);
        }
      }
    }
    own.push_back(c->variable.text);
    for (const cypher::YieldItem& y : c->yields) own.push_back(y.alias.empty() ? y.name.text : y.alias.text);
    if (c->projection == nullptr) continue;
    for (const cypher::ProjectionItem& i : c->projection->items) {
      bool aggregate = false;
      std::vector<const Expr*> variables;
      Parts(i.expression, aggregate, variables);
      for (const Expr* v : variables) {
        if (!aggregate || std::find(own.begin(), own.end(), v->text) != own.end()) continue;
        Report(context, i.span, absl::StrCat("`", context.Text(i.span), "`"),
               absl::StrCat("in Cypher 5 ", Ticked(v->text), " from outside the ", e.text, " { } is a grouping key, so that no rows give "
                                                                                           "no result; in Cypher 25 it is a constant, "
                                                                                           "and no rows give one"),
               absl::StrCat("aggregate first and add ", Ticked(v->text), " in the next clause"));
        return;
      }
    }
    for (const cypher::ProjectionItem& i : c->projection->items) own.push_back(i.alias.text);
  }
}

bool Yields(const Clause& c, std::string_view column) {
  if (c.yield_star) return true;
  return std::any_of(c.yields.begin(), c.yields.end(), [&](const cypher::YieldItem& y) { return y.name.text == column; });
}

// A comparison with one of these texts, anywhere in the statement.
const Expr* Literal(const cypher::Statement& s, std::initializer_list<std::string_view> texts) {
  const Expr* found = nullptr;
  VisitExpressions(s, [&](const Expr& e) {
    if (found != nullptr || e.kind != ExprKind::kLiteral || e.literal != cypher::LiteralKind::kString) return;
    if (std::find(texts.begin(), texts.end(), e.text) != texts.end()) found = &e;
  });
  return found;
}

void Check(const CypherContext& context) {
  const LintSettings& settings = *context.script.settings;
  const cypher::Statement& s = context.statement;
  if (s.kind != cypher::StatementKind::kQuery || s.prefix.version != 0 || !Runs(s)) return;
  // A server that has only the one, or a default that is known.
  if (settings.neo4j_newest != 0 && (settings.neo4j_newest < 202506 || settings.cypher_version == cypher::Version::k25)) return;
  VisitExpressions(s, [&](const Expr& e) {
    Subquery(context, e);
    if (e.kind == ExprKind::kCall && absl::EqualsIgnoreCase(e.schema, "graph") && (absl::EqualsIgnoreCase(e.text, "byName") ||
        absl::EqualsIgnoreCase(e.text, "propertiesByName")) && !e.arguments.empty() &&
        e.arguments[0]->kind == ExprKind::kLiteral && absl::StrContains(e.arguments[0]->text, '`')) {
      Report(context, e.arguments[0]->span, absl::StrCat("`", e.text, "()` with backticks in the name"), "Cypher 5 takes the backticks "
                                                                                                         "for quotes, Cypher 25 for part "
                                                                                                         "of the name", "");
    }
  });
  VisitClauses(s, [&](const ClauseVisit& v) {
    const Clause& c = *v.clause;
    if (c.kind == ClauseKind::kCallProcedure && (c.name.text == "nodeTypeProperties" || c.name.text == "relTypeProperties") &&
        c.schema == "db.schema" && (Yields(c, "propertyTypes") || !c.has_yield)) {
      // Without YIELD somebody looks at it; nothing in the script depends on the result.
      if (c.has_yield) Report(context, c.name.span, absl::StrCat("`propertyTypes` of `db.schema.", c.name.text, "()`"),
          "it holds names of Java types in Cypher 5 and of Cypher types in Cypher 25", "");
    }
    if (c.kind != ClauseKind::kShow) return;
    if (absl::StrContains(c.name.text, "CONSTRAINT")) {
      if (const Expr* e = Literal(s, {"UNIQUENESS", "RELATIONSHIP_UNIQUENESS", "NODE_PROPERTY_UNIQUENESS",
          "RELATIONSHIP_PROPERTY_UNIQUENESS"})) {
        Report(context, e->span, absl::StrCat("the constraint type '", e->text, "'"), "the column `type` holds UNIQUENESS in Cypher 5 "
                                                                                      "and NODE_PROPERTY_UNIQUENESS in Cypher 25",
                                                                                          "compare with both texts: `type IN "
                                                                                          "['UNIQUENESS', 'NODE_PROPERTY_UNIQUENESS']`");
      }
    }
    if (absl::StrContains(c.name.text, "TRANSACTION")) {
      if (const Expr* e = Literal(s, {""})) {
        Report(context, e->span, "an empty text among the columns of `SHOW TRANSACTIONS`", "what there is not is an empty text in Cypher "
                                                                                           "5 and null in Cypher 25", "write `coalesce(currentQuery, '')`");
      }
    }
  });
}

}  // namespace

constinit const Rule kCypherVersionDependentResult = {
    .info = {
        .name = "cypher-version-dependent-result",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "the statement means one thing in Cypher 5 and another in Cypher 25",
        .page = {
            .what = "Both languages accept the statement, and they give different results: a variable from outside beside an aggregate "
                    "in `COUNT { }`, `COLLECT { }` or `EXISTS { }`; the column `type` of "
                    "`SHOW CONSTRAINTS`; `propertyTypes` of `db.schema.nodeTypeProperties()`; empty texts in `SHOW TRANSACTIONS`; quoted "
                    "names in `graph.byName()`.",
            .why = "Since Neo4j 2025.06 each database has a default language, and a statement that does not name its own is read in that "
                   "one. The migration then does different things in different "
                   "places, and nothing fails.",
            .instead = "Begin the statement with `CYPHER 5` or `CYPHER 25`, or write it so that both agree.",
            .fix_safety = "",
            .versions = "Silent where only servers older than 2025.06, or the language `25`, are configured.",
            .limits = "Knows the differences that the manual lists for Neo4j 2025.06.",
            .references = "Cypher manual, \"Additions, deprecations, removals, and compatibility\", \"Updated in Cypher 25\"",
            .elsewhere = "",
            .bad = "SHOW CONSTRAINTS YIELD name, type WHERE type = 'UNIQUENESS' RETURN count(name);\n",
            .good = "CYPHER 5 SHOW CONSTRAINTS YIELD name, type WHERE type = 'UNIQUENESS' RETURN count(name);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
