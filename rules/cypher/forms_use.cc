#include "rules/cypher/forms_use.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pawl::cypher_rules {
namespace {

using namespace cypher;

class Collector {
 public:
  Collector(const CypherContext& context, Standing standing) : context_(context), s_(context.statement), standing_(standing) {}

  std::vector<OldUse> Run() {
    for (const FormUse& use : s_.forms) Of(use);
    if (legacy_constraint_) Constraint();
    Options();
    Version();
    if (s_.kind == StatementKind::kQuery) Query();
    std::stable_sort(uses_.begin(), uses_.end(), [](const OldUse& a, const OldUse& b) { return a.span.begin < b.span.begin; });
    return std::move(uses_);
  }

 private:
  bool removed() const { return standing_ == Standing::kRemoved; }
  const LintSettings& settings() const { return *context_.script.settings; }

  std::string When(const FormInfo& info) const {
    if (!removed() || info.removed.empty()) return {};
    return absl::StartsWith(info.removed, "Cypher") ? std::string(info.removed) : absl::StrCat("Neo4j ", info.removed);
  }

  OldUse& Add(Span span, std::string what, std::string instead, std::string since) { return uses_.emplace_back(OldUse{span,
      std::move(what), std::move(instead), std::move(since), {}, true, false}); }

  // [r:A|:B], [:A|:B*] and [:A|:B {k: 1}] went with 5.0, [:A|:B] is only deprecated (measured on 5.26.30).
  Form Exactly(const FormUse& use) const {
    if (use.form != Form::kColonTypeAlternatives) return use.form;
    const std::string_view text = context_.script.file->text();
    const size_t open = text.rfind('[', use.span.begin), close = text.find(']', use.span.begin);
    if (open == std::string_view::npos || close == std::string_view::npos || open < s_.span.begin || close > s_.span.end) return use.form;
    const size_t colon = text.find(':', open);
    const bool variable = !absl::StripAsciiWhitespace(text.substr(open + 1, colon - open - 1)).empty();
    const bool more = text.substr(use.span.begin, close - use.span.begin).find_first_of("*{$") != std::string_view::npos;
    return variable || more ? Form::kColonTypeProperties : use.form;
  }

  void Of(const FormUse& use) {
    const Form form = Exactly(use);
    if (StandingIn(form, s_.version) != standing_) return;
    const FormInfo& info = Info(form);
    std::string instead = info.instead.empty() ? "" : absl::StrCat("write ", info.instead);
    switch (form) {
      // Wrong everywhere and always: syntax-error's.
      case Form::kNotEqualsOfC:
      case Form::kColonLabelAlternatives:
        return;
      // A constraint is one thing to put right.
      case Form::kConstraintOn:
      case Form::kExistenceByExists:
        if (s_.kind == StatementKind::kCreateConstraint) {
          legacy_constraint_ = true;
          return;
        }
        break;
      case Form::kIndexOn: return Index(use);
      case Form::kDropIndexOn:
      case Form::kDropConstraintOn:
        return Drop(use);
      case Form::kPeriodicCommit: return PeriodicCommit(use);
      // Deprecated with 5.23, which also brought what takes their place.
      case Form::kImportingWith:
      case Form::kCallWithoutScope:
        if (OlderThan(settings(), 523)) return;
        break;
      case Form::kBtreeIndex: instead = "write `CREATE INDEX`, or `CREATE TEXT INDEX` and `CREATE POINT INDEX` where queries search in "
                                        "strings or by distance"; break;
      // 4.4 does not have what replaces it today.
      case Form::kSizeOfPattern:
        if (s_.version == cypher::Version::k44) instead = "write `size([pattern | 1])`";
        break;
      case Form::kUnicodeEscapeName: instead = "put the name in backticks"; break;
      default: break;
    }
    OldUse& old = Add(use.span, std::string(info.what), std::move(instead), When(info));
    old.note = use.form == Form::kCallWithoutScope;
    // What 4.4 still takes may have no successor there yet.
    const bool successor_later = s_.version == cypher::Version::k44 && (use.form == Form::kSizeOfPattern ||
        use.form == Form::kBtreeIndex || use.form == Form::kUsingBtree);
    const bool has_options = use.form == Form::kBtreeIndex && !s_.As<CreateIndex>().options_span.empty();
    if (use.has_replacement && s_.exact_spans && !successor_later && !has_options) old.edits = {{use.replace_span,
        std::string(use.replacement)}};
    if (use.form == Form::kCreateUnique) old.safe = false;  // close to MERGE, but not the same
  }

  // ON -> FOR, ASSERT -> REQUIRE, exists(n.p) -> n.p IS NOT NULL; with a name and IF NOT EXISTS, since nothing could drop it otherwise.
  void Constraint() {
    const auto& c = s_.As<CreateConstraint>();
    if (s_.version == cypher::Version::k44 && settings().neo4j_oldest != 0 && settings().neo4j_oldest < 404) return;  // FOR ... REQUIRE came with 4.4
    OldUse& old = Add({c.keyword_span.begin, c.assert_span.end}, "`CREATE CONSTRAINT ON ... ASSERT`",
                      absl::StrCat("write `CREATE CONSTRAINT ", c.name.empty() ? NameFor(c, context_.graph) : Written(c.name.text),
                          " IF NOT EXISTS FOR ... REQUIRE ...`"), removed() ? "Neo4j 5.0" : "");
    if (!c.legacy) old.what = std::string(Info(Form::kExistenceByExists).what);
    if (!s_.exact_spans) return;
    if (c.name.empty() && c.name_parameter == nullptr) {
      old.edits.push_back({{c.name_at, c.name_at}, absl::StrCat(" ", NameFor(c, context_.graph), c.if_not_exists ? "" : " IF NOT EXISTS")});
    } else if (!c.if_not_exists && c.if_not_exists_at > 0) {
      old.edits.push_back({{c.if_not_exists_at, c.if_not_exists_at}, " IF NOT EXISTS"});
    }
    for (const FormUse& use : s_.forms) {
      if ((use.form == Form::kConstraintOn || use.form == Form::kExistenceByExists) &&
          use.has_replacement) old.edits.push_back({use.replace_span, std::string(use.replacement)});
    }
  }

  void Index(const FormUse& use) {
    const auto& i = s_.As<CreateIndex>();
    const std::string name = i.name.empty() ? NameFor(i, context_.graph) : Written(i.name.text);
    OldUse& old = Add({i.keyword_span.begin, use.span.end}, std::string(Info(use.form).what), absl::StrCat("write `CREATE INDEX ", name,
        " IF NOT EXISTS ", use.replacement, "`"), When(Info(use.form)));
    if (!s_.exact_spans || !use.has_replacement) return;
    if (i.name.empty()) {
      old.edits.push_back({{i.name_at, i.name_at}, absl::StrCat(" ", name, i.if_not_exists ? "" : " IF NOT EXISTS")});
    } else if (!i.if_not_exists && i.if_not_exists_at > 0) {
      old.edits.push_back({{i.if_not_exists_at, i.if_not_exists_at}, " IF NOT EXISTS"});
    }
    old.edits.push_back({use.replace_span, std::string(use.replacement)});
  }

  // Only the name drops it today; the history may know it.
  void Drop(const FormUse& use) {
    const auto& d = s_.As<DropSchema>();
    std::string name;
    const auto same = [&](const std::vector<std::string>& properties) {
      return std::equal(properties.begin(), properties.end(), d.properties.begin(), d.properties.end(), [](const std::string& a,
          const Name& b) { return a == b.text; });
    };
    if (d.constraint) {
      for (const GraphConstraint& c : context_.graph.constraints()) {
        if (c.label == d.label.text && c.entity == d.entity && same(c.properties) && (d.constraint_kind == ConstraintKind::kUnknown ||
            c.kind == d.constraint_kind)) name = c.name;
      }
    } else {
      for (const GraphIndex& i : context_.graph.indexes()) {
        if (i.labels.size() == 1 && i.labels[0] == d.label.text && same(i.properties)) name = i.name;
      }
    }
    const char* what = d.constraint ? "CONSTRAINT" : "INDEX";
    const std::string find = absl::StrCat("`SHOW ", d.constraint ? "CONSTRAINTS" : "INDEXES", " YIELD name, labelsOrTypes, properties "
                                                                                              "WHERE labelsOrTypes = ['", d.label.text,
                                                                                                  "']`");
    OldUse& old = Add({d.keyword_span.begin, use.span.end}, std::string(Info(use.form).what),
                      name.empty() ? absl::StrCat("write `DROP ", what, " name IF EXISTS`; ", find, " tells the name")
                          : absl::StrCat("write `DROP ", what, " ", Written(name), " IF EXISTS`"), When(Info(use.form)));
    if (!name.empty() && s_.exact_spans) old.edits = {{use.span, absl::StrCat(Written(name), " IF EXISTS")}};
  }

  // USING PERIODIC COMMIT n LOAD CSV ... AS row REST -> LOAD CSV ... AS row CALL (row) { REST } IN TRANSACTIONS OF n ROWS.
  void PeriodicCommit(const FormUse& use) {
    const std::string_view written = context_.Text(use.span);
    std::string rows;
    for (const char c : written) {
      if (absl::ascii_isdigit(static_cast<unsigned char>(c))) rows += c;
    }
    const std::string of = rows.empty() ? "" : absl::StrCat(" OF ", rows, " ROWS");
    OldUse& old = Add(use.span, std::string(Info(use.form).what), absl::StrCat("write `LOAD CSV ... AS row CALL (row) { ... } IN "
                                                                               "TRANSACTIONS", of, "`"), When(Info(use.form)));
    old.safe = false;  // a transaction of its own for the statement is needed as before, but errors are reported otherwise
    if (!s_.exact_spans || s_.embedded || s_.kind != StatementKind::kQuery || OlderThan(settings(), 523) ||
        s_.version == cypher::Version::k44) return;
    const auto& q = s_.As<cypher::Query>();
    if (q.clauses.size() < 2 || q.clauses[0]->kind != ClauseKind::kLoadCsv || q.clauses[0]->variable.empty() ||
        q.clauses.back()->kind == ClauseKind::kReturn) return;
    if (use.span.end > q.clauses[0]->span.begin && use.span.begin < q.clauses[0]->span.begin) return;
    const Span load = q.clauses[0]->span, rest{q.clauses[1]->span.begin, q.clauses.back()->span.end};
    if (use.span.begin >= load.begin && use.span.end > load.begin && use.span.begin != load.begin) return;
    const uint32_t keyword = q.clauses[0]->keyword_span.begin;
    old.edits = {{{use.span.begin, std::max(use.span.begin, keyword)}, ""},
                 {{rest.begin, rest.begin}, absl::StrCat("CALL (", Written(q.clauses[0]->variable.text), ") { ")},
                 {{rest.end, rest.end}, absl::StrCat(" } IN TRANSACTIONS", of)}};
  }

  // OPTIONS {indexProvider: '...'}
  void Options() {
    List<MapEntry> options;
    if (s_.kind == StatementKind::kCreateIndex) options = s_.As<CreateIndex>().options;
    if (s_.kind == StatementKind::kCreateConstraint) options = s_.As<CreateConstraint>().options;
    for (const MapEntry& o : options) {
      if (!absl::EqualsIgnoreCase(o.key.text, "indexProvider") || o.value == nullptr) continue;
      const std::string_view provider = o.value->kind == ExprKind::kLiteral ? o.value->text : std::string_view();
      const bool btree = absl::StartsWith(provider, "native-btree") || absl::StartsWith(provider, "lucene+native");
      const bool gone = btree ? s_.version != cypher::Version::k44 : s_.version == cypher::Version::k25;
      if (gone != removed()) continue;
      if (!gone && (s_.version == cypher::Version::k44 || OlderThan(settings(), 526))) continue;
      const Span span{o.key.span.begin, o.value->span.end};
      OldUse& old = Add(span, btree ? absl::StrCat("the index provider `", provider, "`") : std::string("the option `indexProvider`"),
          "leave it out: the server takes the provider of the kind of index", !gone ? "" : btree ? "Neo4j 5.0" : "Cypher 25");
      if (options.size() != 1 || !s_.exact_spans) continue;
      const Span all = s_.kind == StatementKind::kCreateIndex ? s_.As<CreateIndex>().options_span : s_.As<CreateConstraint>().options_span;
      const std::string_view text = context_.script.file->text();
      uint32_t begin = all.begin;
      while (begin > 0 && absl::ascii_isspace(static_cast<unsigned char>(text[begin - 1]))) --begin;
      old.edits = {{{begin, all.end}, ""}};
      old.safe = btree || provider != "text-1.0";
    }
  }

  // CYPHER 4.4
  void Version() {
    if (!removed() || (s_.prefix.version != 3 && s_.prefix.version != 4) || settings().cypher_version == cypher::Version::k44) return;
    OldUse& old = Add(s_.prefix.version_span, absl::StrCat("the language version ", context_.Text(s_.prefix.version_span)),
        "write `CYPHER 5`, or leave the version out", "Neo4j 5.0");
    if (s_.exact_spans) old.edits = {{s_.prefix.version_span, "5"}};
  }

  bool Judges(const OldCall& old) const { return removed() ? RemovedIn(old, s_.version) : DeprecatedIn(old, s_.version,
      settings().neo4j_oldest); }
  std::string Since(const OldCall& old) const { return removed() ? ReleaseWords(old.removed) : ""; }

  void Query() {
    VisitClauses(s_, [&](const ClauseVisit& v) {
      const Clause& c = *v.clause;
      if (c.kind == ClauseKind::kCallProcedure) {
        const OldCall* old = FindOldProcedure(QualifiedName(c.schema, c.name.text));
        if (old != nullptr && Judges(*old)) {
          OldUse& use = Add(c.name.span, absl::StrCat("the procedure `", old->name, "()`"), absl::StrCat(absl::StartsWith(old->instead,
              "nothing") ? "" : "write ", old->instead), Since(*old));
          use.edits = ReplaceCall(context_, v, *old);
        }
      }
      if (c.kind == ClauseKind::kSet) Entities(c.items);
      for (const MergeAction& a : c.actions) Entities(a.items);
      if (c.pattern != nullptr && (c.kind == ClauseKind::kCreate || c.kind == ClauseKind::kMerge)) Itself(v);
    });
    VisitExpressions(s_, [&](const Expr& e) {
      if (e.kind != ExprKind::kCall || !e.schema.empty()) return;
      const OldCall* old = FindOldFunction(e.text);
      if (old == nullptr || !Judges(*old)) return;
      OldUse& use = Add(e.name_span, absl::StrCat("the function `", old->name, "()`"), absl::StrCat("write ", old->instead), Since(*old));
      if (s_.exact_spans) use.edits = {{e.name_span, std::string(old->replacement)}};
    });
  }

  // SET a = b and SET a += b with a node or relationship b.
  void Entities(const List<SetItem>& items) {
    if (s_.version == cypher::Version::k44 || (s_.version == cypher::Version::k25) != removed()) return;
    for (const SetItem& i : items) {
      if ((i.kind != SetKind::kReplaceAll && i.kind != SetKind::kMerge) || i.value == nullptr ||
          i.value->kind != ExprKind::kVariable) continue;
      if (!have_entities_) entities_ = EntityVariables(s_);
      have_entities_ = true;
      if (std::find(entities_.begin(), entities_.end(), i.value->text) == entities_.end()) continue;
      OldUse& old = Add(i.span, absl::StrCat("`", context_.Text(i.span), "` with a node or relationship on the right"),
          absl::StrCat("write `properties(", Written(i.value->text), ")`"), removed() ? "Cypher 25" : "");
      if (s_.exact_spans) old.edits = {{i.value->span, absl::StrCat("properties(", context_.Text(i.value->span), ")")}};
    }
  }

  // CREATE (a {x: 1}), (b {x: a.x}): b's map reads what the same clause makes. Deprecated; MERGE: removed in Cypher 25.
  void Itself(const ClauseVisit& v) {
    const Clause& c = *v.clause;
    const bool merge = c.kind == ClauseKind::kMerge;
    const bool gone = merge && s_.version == cypher::Version::k25;
    if (s_.version == cypher::Version::k44 || gone != removed() || OlderThan(settings(), merge ? 520 : 518)) return;
    std::vector<std::string_view> made;
    const auto bound = [&](std::string_view name) {
      for (size_t i = 0; i < v.index && i < v.query->clauses.size(); ++i) {
        const Clause& before = *v.query->clauses[i];
        if (before.variable.text == name) return true;
        if (before.pattern != nullptr) {
          for (const PathPattern* p : before.pattern->paths) {
            for (const PathElement& e : p->elements) {
              if ((e.node != nullptr && e.node->variable.text == name) || (e.relationship != nullptr &&
                  e.relationship->variable.text == name)) return true;
            }
          }
        }
        if (before.projection != nullptr) {
          for (const ProjectionItem& i : before.projection->items) {
            if (i.alias.text == name || (i.alias.empty() && i.expression != nullptr && i.expression->text == name)) return true;
          }
        }
        for (const YieldItem& y : before.yields) {
          if (y.name.text == name || y.alias.text == name) return true;
        }
      }
      for (const Name& n : v.subquery != nullptr ? v.subquery->scope : List<Name>()) {
        if (n.text == name) return true;
      }
      return v.foreach_clause != nullptr || (v.subquery != nullptr && (!v.subquery->has_scope || v.subquery->scope_star));
    };
    for (const PathPattern* p : c.pattern->paths) {
      for (const PathElement& e : p->elements) {
        const Name* name = e.node != nullptr ? &e.node->variable : e.relationship != nullptr ? &e.relationship->variable : nullptr;
        if (name != nullptr && !name->empty() && !bound(name->text)) made.push_back(name->text);
      }
    }
    if (made.empty()) return;
    for (const PathPattern* p : c.pattern->paths) {
      for (const PathElement& e : p->elements) {
        const Properties* properties = e.node != nullptr ? &e.node->properties : e.relationship != nullptr
            ? &e.relationship->properties : nullptr;
        if (properties == nullptr) continue;
        for (const MapEntry& m : properties->entries) {
          if (m.value == nullptr || m.value->kind != ExprKind::kProperty || m.value->arguments.empty() ||
              m.value->arguments[0]->kind != ExprKind::kVariable) continue;
          const std::string_view from = m.value->arguments[0]->text;
          if (std::find(made.begin(), made.end(), from) == made.end()) continue;
          Add(m.value->span, absl::StrCat("`", context_.Text(m.value->span), "`, of what the same `", merge ? "MERGE" : "CREATE",
              "` makes,"),
              absl::StrCat("compute the value before, or set it in a `SET` behind the `", merge ? "MERGE" : "CREATE", "`"), gone
                  ? "Cypher 25" : "");
          return;
        }
      }
    }
  }

  const CypherContext& context_;
  const Statement& s_;
  Standing standing_;
  std::vector<OldUse> uses_;
  std::vector<std::string_view> entities_;
  bool have_entities_ = false;
  bool legacy_constraint_ = false;
};

}  // namespace

std::vector<OldUse> OldUses(const CypherContext& context, Standing standing) {
  if (context.statement.kind == StatementKind::kSyntaxError || context.statement.kind == StatementKind::kClientCommand) return {};
  std::vector<OldUse> uses = Collector(context, standing).Run();
  for (OldUse& use : uses) std::stable_sort(use.edits.begin(), use.edits.end(), [](const TextEdit& a,
      const TextEdit& b) { return a.span.begin < b.span.begin; });
  return uses;
}

}  // namespace pawl::cypher_rules
