#include "rules/cypher/schema.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace pawl::cypher_rules {
namespace {

using namespace cypher;

std::string PropertyWords(const std::vector<std::string_view>& properties) {
  std::string out;
  for (std::string_view p : properties) absl::StrAppend(&out, out.empty() ? "" : ", ", Ticked(p));
  return out;
}

std::vector<std::string_view> Texts(const List<Name>& names) {
  std::vector<std::string_view> out;
  for (const Name& n : names) out.push_back(n.text);
  return out;
}

bool Same(const std::vector<std::string>& a, const List<Name>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const std::string& x, const Name& y) { return x == y.text; });
}

// "OrderLine" as "order_line"; what is no letter or digit becomes "_".
void AppendSnake(std::string& out, std::string_view name) {
  bool lower = false;
  for (const char raw : name) {
    const auto c = static_cast<unsigned char>(raw);
    if (absl::ascii_isupper(c) && lower) out += '_';
    out += absl::ascii_isalnum(c) ? absl::ascii_tolower(c) : '_';
    lower = absl::ascii_islower(c) || absl::ascii_isdigit(c);
  }
}

std::string MadeName(std::string_view label, const List<Name>& properties, std::string_view kind, const Graph& graph) {
  std::string name;
  AppendSnake(name, label);
  for (const Name& p : properties) {
    name += '_';
    AppendSnake(name, p.text);
  }
  absl::StrAppend(&name, "_", kind);
  if (!name.empty() && absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) name = absl::StrCat("_", name);
  std::string free = name;
  for (int i = 2; graph.FindConstraint(free) != nullptr || graph.FindIndex(free) != nullptr; ++i) free = absl::StrCat(name, "_", i);
  return free;
}

class Variables {
 public:
  void Of(const Query& q) {
    if (++depth_ < 200) {
      for (const Clause* c : q.clauses) Of(*c);
      for (const Query* part : q.parts) Of(*part);
      for (const WhenBranch& b : q.branches) {
        if (b.query != nullptr) Of(*b.query);
      }
    }
    --depth_;
  }

  std::vector<std::string_view> Take() {
    std::erase_if(entities_, [&](std::string_view v) { return std::find(others_.begin(), others_.end(), v) != others_.end(); });
    return std::move(entities_);
  }

 private:
  void Of(const Clause& c) {
    if (c.pattern != nullptr) {
      for (const PathPattern* p : c.pattern->paths) Of(*p, false);
    }
    if (c.kind == ClauseKind::kUnwind || c.kind == ClauseKind::kForeach ||
        c.kind == ClauseKind::kLoadCsv) others_.push_back(c.variable.text);
    if (c.projection != nullptr) {
      for (const ProjectionItem& i : c.projection->items) {
        // `n AS n` and `a AS b` of two entities change nothing; all else makes a value.
        if (!i.alias.empty() && !(i.expression != nullptr && i.expression->kind == ExprKind::kVariable)) others_.push_back(i.alias.text);
      }
    }
    for (const YieldItem& y : c.yields) others_.push_back(y.alias.empty() ? y.name.text : y.alias.text);
    for (const Clause* inner : c.clauses) Of(*inner);
    if (c.query != nullptr) Of(*c.query);
  }

  void Of(const PathPattern& p, bool group) {
    if (!p.variable.empty()) others_.push_back(p.variable.text);
    for (const PathElement& e : p.elements) {
      const Name* v = e.node != nullptr ? &e.node->variable : e.relationship != nullptr ? &e.relationship->variable : nullptr;
      const bool list = group || (e.relationship != nullptr && (e.relationship->length.present || e.relationship->quantifier.present));
      if (v != nullptr && !v->empty()) (list ? others_ : entities_).push_back(v->text);
      if (e.group != nullptr && depth_ < 200) {
        ++depth_;
        Of(*e.group, true);
        --depth_;
      }
    }
  }

  std::vector<std::string_view> entities_, others_;
  int depth_ = 0;
};

// Neo4j operations manual, "Procedures" and "Removed"; Cypher manual, "Additions, deprecations, removals, and compatibility"; operations
// manual's upgrade guides for 4.x and 5.
constexpr OldCall kOldCalls[] = {
    {"db.constraints", false, 402, 500, "`SHOW CONSTRAINTS`", "SHOW CONSTRAINTS", "name type"},
    {"db.indexes", false, 402, 500, "`SHOW INDEXES`", "SHOW INDEXES", "id name state populationPercent type entityType labelsOrTypes "
                                                                      "properties"},
    {"db.indexDetails", false, 402, 500, "`SHOW INDEXES YIELD * WHERE name = ...`", "", ""},
    {"db.schemaStatements", false, 402, 500, "`SHOW INDEXES YIELD createStatement` and `SHOW CONSTRAINTS YIELD createStatement`", "", ""},
    {"db.createIndex", false, 402, 500, "`CREATE INDEX name IF NOT EXISTS FOR (n:Label) ON (n.property)`", "", ""},
    {"db.createUniquePropertyConstraint", false, 402, 500, "`CREATE CONSTRAINT name IF NOT EXISTS FOR (n:Label) REQUIRE n.property IS "
                                                           "UNIQUE`", "", ""},
    {"db.createNodeKey", false, 402, 500, "`CREATE CONSTRAINT name IF NOT EXISTS FOR (n:Label) REQUIRE n.property IS NODE KEY`", "", ""},
    {"db.index.fulltext.createNodeIndex", false, 403, 500, "`CREATE FULLTEXT INDEX name IF NOT EXISTS FOR (n:Label) ON EACH "
                                                           "[n.property]`", "", ""},
    {"db.index.fulltext.createRelationshipIndex", false, 403, 500, "`CREATE FULLTEXT INDEX name IF NOT EXISTS FOR ()-[r:TYPE]-() ON EACH "
                                                                   "[r.property]`", "", ""},
    {"db.index.fulltext.drop", false, 403, 500, "`DROP INDEX name IF EXISTS`", "", ""},
    {"db.schema", false, 305, 400, "`CALL db.schema.visualization()`", "", ""},
    {"dbms.listQueries", false, 404, 500, "`SHOW TRANSACTIONS YIELD transactionId, currentQuery, elapsedTime`", "", ""},
    {"dbms.listTransactions", false, 404, 500, "`SHOW TRANSACTIONS`", "SHOW TRANSACTIONS",
     "transactionId username startTime protocol clientAddress requestUri currentQueryId currentQuery status statusDetails database"},
    {"dbms.killQuery", false, 404, 500, "`TERMINATE TRANSACTION 'transaction-id'`, with the id that `SHOW TRANSACTIONS` gives", "", ""},
    {"dbms.killQueries", false, 404, 500, "`TERMINATE TRANSACTIONS 'transaction-id', ...`, with the ids that `SHOW TRANSACTIONS` gives",
        "", ""},
    {"dbms.killTransaction", false, 404, 500, "`TERMINATE TRANSACTION 'transaction-id'`", "", ""},
    {"dbms.killTransactions", false, 404, 500, "`TERMINATE TRANSACTIONS 'transaction-id', ...`", "", ""},
    {"dbms.listActiveLocks", false, 404, 500, "`SHOW TRANSACTIONS YIELD transactionId, activeLockCount`", "", ""},
    {"dbms.procedures", false, 403, 500, "`SHOW PROCEDURES`", "SHOW PROCEDURES", "name description mode"},
    {"dbms.functions", false, 403, 500, "`SHOW FUNCTIONS`", "SHOW FUNCTIONS", "name description"},
    {"dbms.database.state", false, 0, 500, "`SHOW DATABASE name YIELD currentStatus`", "", ""},
    {"dbms.cluster.overview", false, 0, 500, "`SHOW DATABASES` and `SHOW SERVERS`", "", ""},
    {"dbms.cluster.role", false, 0, 500, "`SHOW DATABASE name YIELD role`", "", ""},
    {"dbms.security.createUser", false, 400, 500, "`CREATE USER name IF NOT EXISTS SET PASSWORD ...`", "", ""},
    {"dbms.security.deleteUser", false, 400, 500, "`DROP USER name IF EXISTS`", "", ""},
    {"dbms.security.listUsers", false, 400, 500, "`SHOW USERS`", "", ""},
    {"dbms.security.listRoles", false, 400, 500, "`SHOW ROLES`", "", ""},
    {"dbms.security.changePassword", false, 400, 500, "`ALTER CURRENT USER SET PASSWORD FROM ... TO ...`", "", ""},
    {"dbms.security.addRoleToUser", false, 400, 500, "`GRANT ROLE role TO user`", "", ""},
    {"dbms.security.removeRoleFromUser", false, 400, 500, "`REVOKE ROLE role FROM user`", "", ""},
    {"db.create.setVectorProperty", false, 500, 25, "`CALL db.create.setNodeVectorProperty(node, key, vector)`", "", ""},
    {"db.index.vector.createNodeIndex", false, 515, 25, "`CREATE VECTOR INDEX name IF NOT EXISTS FOR (n:Label) ON n.property OPTIONS "
                                                        "{...}`", "", ""},
    {"dbms.upgrade", false, 0, 25, "nothing: the system database upgrades by itself", "", ""},
    {"dbms.upgradeStatus", false, 0, 25, "nothing: the system database upgrades by itself", "", ""},
    {"dbms.quarantineDatabase", false, 0, 25, "`CALL dbms.unquarantineDatabase(...)`, or see SHOW DATABASES", "", ""},
    {"dbms.cluster.readReplicaToggle", false, 506, 25, "`CALL dbms.cluster.secondaryReplicationDisable(...)`", "", ""},
    {"dbms.cluster.uncordonServer", false, 0, 25, "`ENABLE SERVER`", "", ""},
    {"toInt", true, 301, 400, "`toInteger()`", "toInteger", ""},
    {"upper", true, 301, 400, "`toUpper()`", "toUpper", ""},
    {"lower", true, 301, 400, "`toLower()`", "toLower", ""},
    {"rels", true, 301, 400, "`relationships()`", "relationships", ""},
    {"distance", true, 404, 500, "`point.distance()`", "point.distance", ""},
};

}  // namespace

std::string Written(std::string_view name) {
  const auto word = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  const bool plain = !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(),
      word);
  return plain ? std::string(name) : absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
}

std::string SchemaWords(std::string_view label, const List<Name>& properties) { return absl::StrCat(Ticked(label), " (",
    PropertyWords(Texts(properties)), ")"); }

std::string SchemaWords(std::string_view label, const std::vector<std::string>& properties) {
  return absl::StrCat(Ticked(label), " (", PropertyWords({properties.begin(), properties.end()}), ")");
}

std::string ConstraintWords(const GraphConstraint& c) {
  if (!c.name.empty()) return absl::StrCat("constraint ", Ticked(c.name));
  return absl::StrCat(ToString(c.kind), " constraint on ", SchemaWords(c.label, c.properties));
}

std::string IndexWords(const GraphIndex& i) {
  if (!i.name.empty()) return absl::StrCat("index ", Ticked(i.name));
  return absl::StrCat(ToString(i.kind), " index on ", SchemaWords(i.labels.empty() ? "" : i.labels[0], i.properties));
}

std::string StatementWords(const Statement& s) {
  switch (s.kind) {
    case StatementKind::kCreateConstraint: {
      const auto& c = s.As<CreateConstraint>();
      return c.name.empty() ? absl::StrCat("`CREATE CONSTRAINT` on ", SchemaWords(c.label.text, c.properties))
          : absl::StrCat("`CREATE CONSTRAINT ", Written(c.name.text), "`");
    }
    case StatementKind::kCreateIndex: {
      const auto& i = s.As<CreateIndex>();
      return i.name.empty() ? absl::StrCat("`CREATE INDEX` on ", SchemaWords(i.labels.empty() ? "" : i.labels[0].text, i.properties))
          : absl::StrCat("`CREATE INDEX ", Written(i.name.text), "`");
    }
    case StatementKind::kDropSchema: {
      const auto& d = s.As<DropSchema>();
      return absl::StrCat("`DROP ", d.constraint ? "CONSTRAINT" : "INDEX", d.name.empty() ? "" : " ", d.name.empty() ? ""
          : Written(d.name.text), "`");
    }
    case StatementKind::kAdministration: return absl::StrCat("`", s.As<Administration>().command, "`");
    case StatementKind::kQuery: {
      const auto& q = s.As<Query>();
      return q.clauses.empty() ? "query" : absl::StrCat("`", ToString(q.clauses[0]->kind), "`");
    }
    default: return "statement";
  }
}

bool SameSchema(const GraphConstraint& a, const CreateConstraint& b) { return a.entity == b.entity && a.label == b.label.text &&
    Same(a.properties, b.properties); }

bool SameSchema(const GraphConstraint& a, const CreateIndex& b) {
  return a.entity == b.entity && b.labels.size() == 1 && a.label == b.labels[0].text && Same(a.properties, b.properties);
}

bool SameSchema(const GraphIndex& a, const CreateConstraint& b) {
  return a.entity == b.entity && a.labels.size() == 1 && a.labels[0] == b.label.text && Same(a.properties, b.properties);
}

bool SameSchema(const GraphIndex& a, const CreateIndex& b) {
  return a.entity == b.entity && Same(a.labels, b.labels) && Same(a.properties, b.properties);
}

bool SameSchema(const CreateConstraint& a, const CreateConstraint& b) {
  return a.entity == b.entity && a.label.text == b.label.text && Texts(a.properties) == Texts(b.properties);
}

std::string NameFor(const CreateConstraint& c, const Graph& graph) {
  const std::string_view kind = c.kind == ConstraintKind::kUnique      ? "unique"
                                : c.kind == ConstraintKind::kKey       ? "key"
                                : c.kind == ConstraintKind::kExistence ? "exists"
                                : c.kind == ConstraintKind::kType      ? "type"
                                                                       : "constraint";
  return MadeName(c.label.text, c.properties, kind, graph);
}

std::string NameFor(const CreateIndex& i, const Graph& graph) {
  if (i.kind == IndexKind::kLookup) return i.entity == EntityKind::kRelationship ? "relationship_type_lookup" : "node_label_lookup";
  const std::string kind = i.kind == IndexKind::kRange || i.kind == IndexKind::kBtree ? "index" : absl::AsciiStrToLower(ToString(i.kind));
  return MadeName(i.labels.empty() ? "" : i.labels[0].text, i.properties, kind, graph);
}

std::vector<std::string_view> EntityVariables(const Statement& s) {
  if (s.kind != StatementKind::kQuery) return {};
  Variables v;
  v.Of(s.As<Query>());
  return v.Take();
}

bool ProcedureWrites(const Clause& call) {
  if (call.kind != ClauseKind::kCallProcedure) return false;
  const std::string name = QualifiedName(call.schema, call.name.text);
  if (absl::StartsWith(name, "apoc.create.") || absl::StartsWith(name, "apoc.merge.") || absl::StartsWith(name, "apoc.refactor."))
      return !absl::StartsWith(name, "apoc.create.v");
  for (std::string_view writes : {"apoc.periodic.iterate", "apoc.periodic.commit", "apoc.cypher.doIt", "apoc.cypher.runWrite",
      "apoc.do.when", "apoc.do.case", "apoc.nodes.delete",
                                  "db.create.setNodeVectorProperty", "db.create.setRelationshipVectorProperty",
                                      "db.create.setVectorProperty"}) {
    if (name == writes) return true;
  }
  return false;
}

bool WritesData(const Statement& s) {
  bool writes = false;
  VisitClauses(s, [&](const ClauseVisit& v) { writes = writes || v.clause->Writes() || ProcedureWrites(*v.clause); });
  return writes;
}

const Expr* IndexConfig(const List<MapEntry>& options, std::string_view key) {
  for (const MapEntry& o : options) {
    if (!absl::EqualsIgnoreCase(o.key.text, "indexConfig") || o.value == nullptr) continue;
    for (const MapEntry& e : o.value->entries) {
      if (absl::EqualsIgnoreCase(e.key.text, key)) return e.value;
    }
  }
  return nullptr;
}

bool OptionsUnknown(const List<MapEntry>& options, Span options_span) {
  if (!options_span.empty() && options.empty()) return true;  // OPTIONS $options, or {}: then nothing is set, and nobody can tell
  for (const MapEntry& o : options) {
    if (absl::EqualsIgnoreCase(o.key.text, "indexConfig") && o.value != nullptr && o.value->kind != ExprKind::kMap) return true;
  }
  return false;
}

const OldCall* FindOldProcedure(std::string_view name) {
  for (const OldCall& c : kOldCalls) {
    if (!c.function && absl::EqualsIgnoreCase(c.name, name)) return &c;
  }
  return nullptr;
}

const OldCall* FindOldFunction(std::string_view name) {
  for (const OldCall& c : kOldCalls) {
    if (c.function && absl::EqualsIgnoreCase(c.name, name)) return &c;
  }
  return nullptr;
}

bool RemovedIn(const OldCall& c, Version v) {
  if (c.removed == 0) return false;
  if (c.removed == 25) return v == Version::k25;
  if (c.removed <= 400) return true;  // 4.4 is the oldest that is known
  return v != Version::k44;
}

bool DeprecatedIn(const OldCall& c, Version v, int oldest) {
  if (c.deprecated == 0 || RemovedIn(c, v)) return false;
  // A fix for what the oldest server does not know yet would break there.
  return oldest == 0 || oldest == 500 || oldest >= c.deprecated;
}

std::string ReleaseWords(int release) {
  if (release == 25) return "Cypher 25";
  return absl::StrCat("Neo4j ", release / 100, ".", release % 100);
}

std::vector<TextEdit> ReplaceCall(const CypherContext& context, const ClauseVisit& visit, const OldCall& old) {
  const Clause& call = *visit.clause;
  // SHOW stands alone, with YIELD, WHERE and RETURN behind it at most.
  if (old.replacement.empty() || !context.statement.exact_spans || !call.arguments.empty() || visit.depth != 0 ||
      visit.index != 0) return {};
  const Query& q = *visit.query;
  if (context.statement.kind != StatementKind::kQuery || &q != &context.statement.As<Query>()) return {};
  if (q.clauses.size() > 2 || (q.clauses.size() == 2 && (q.clauses[1]->kind != ClauseKind::kReturn || !call.has_yield))) return {};
  const std::vector<std::string_view> columns = absl::StrSplit(old.columns, ' ');
  if (call.has_yield && call.yield_star) return {};
  for (const YieldItem& y : call.yields) {
    if (std::find(columns.begin(), columns.end(), y.name.text) == columns.end()) return {};
  }
  const std::string_view text = context.script.file->text();
  uint32_t end = call.name.span.end;
  const auto blanks = [&](uint32_t at) {
    while (at < call.span.end && absl::ascii_isspace(static_cast<unsigned char>(text[at]))) ++at;
    return at;
  };
  const uint32_t open = blanks(end);
  if (open < call.span.end && text[open] == '(') {
    const uint32_t close = blanks(open + 1);
    if (close >= call.span.end || text[close] != ')') return {};
    end = close + 1;
  }
  return {{{call.keyword_span.begin, end}, std::string(old.replacement)}};
}

}  // namespace pawl::cypher_rules
