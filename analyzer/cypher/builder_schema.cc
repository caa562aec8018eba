#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {

void Builder::Command(G::CommandContext* c, cypher::Statement& out) {
  if (c->create != nullptr) {
    if (c->create->constraint != nullptr) return Constraint(c->create, c->create->constraint, out);
    if (c->create->index != nullptr) return Index(c->create, c->create->index, out);
  }
  if (c->drop != nullptr && c->drop->administration == nullptr) return DropOf(c->drop, out);
  AdministrationOf(c, out);
}

void Builder::NameOrParameter(G::NameOrParameterContext* c, Name& name, const Expr*& parameter) {
  if (c == nullptr) return;
  if (c->p != nullptr) {
    parameter = Parameter(c->p);
    Use(Form::kOther5, Of(c));
  } else {
    name = NameOf(c->label);
  }
}

List<Name> Builder::PropertyKeys(const std::vector<G::SchemaPropertyContext*>& v, std::string_view variable) {
  std::vector<Name> keys;
  for (G::SchemaPropertyContext* p : v) {
    keys.push_back(NameOf(p->key));
    (void)variable;
  }
  return arena_.Copy(keys);
}

void Builder::Options(G::SchemaOptionsContext* c, List<MapEntry>& entries, Span& span) {
  if (c == nullptr) return;
  span = Of(c);
  if (c->m == nullptr) return;
  const Expr* e = MapExpr(c->m);
  entries = e->entries;
}

void Builder::PredicateOf(G::ConstraintPredicateContext* c, ConstraintKind& kind, EntityKind entity, List<Name>& properties, std::string_view& type) {
  properties = PropertyKeys(c->target->properties, {});
  if (c->exists != nullptr) {
    kind = ConstraintKind::kExistence;
    if (properties.size() > 1) Fail(Of(c->target), "an existence constraint takes one property", "write one constraint for each property");
  } else if (c->typed != nullptr) {
    kind = ConstraintKind::kType;
    type = Written(c->typed);
    Use(Form::kPropertyTypeConstraint, Of(c));
    TypeForms(c->typed);
    if (properties.size() > 1) Fail(Of(c->target), "a property type constraint takes one property", "write one constraint for each property");
  } else if (c->null != nullptr) {
    kind = ConstraintKind::kExistence;
    if (properties.size() > 1) Fail(Of(c->target), "an existence constraint takes one property", "write one constraint for each property");
  } else {
    kind = c->kind->getType() == Lex::UNIQUE ? ConstraintKind::kUnique : ConstraintKind::kKey;
    const bool node = c->entity == nullptr ? entity == EntityKind::kNode : c->entity->getType() == Lex::NODE;
    if (node != (entity == EntityKind::kNode)) {
      Fail(Of(c->entity), absl::StrCat("`", TokenText(c->entity->getType()), "` does not fit the pattern behind `FOR`"));
    }
    if (entity == EntityKind::kRelationship) Use(Form::kRelationshipKey, Of(c));
    if ((c->entity != nullptr) != (kind == ConstraintKind::kKey)) Use(Form::kOther5, Of(c));  // NODE UNIQUE; KEY without NODE
  }
}

void Builder::Constraint(G::CreateCommandContext* create, G::CreateConstraintContext* c, cypher::Statement& out) {
  auto* k = Make<CreateConstraint>();
  out.kind = StatementKind::kCreateConstraint;
  out.node = k;
  const uint32_t behind_keyword = Of(c->start).end;
  k->keyword_span = {Of(create).begin, behind_keyword};
  k->or_replace = create->replace != nullptr;
  k->if_not_exists = c->guard != nullptr;
  NameOrParameter(c->label, k->name, k->name_parameter);
  k->name_at = behind_keyword;
  k->if_not_exists_at = c->label != nullptr ? Of(c->label).end : behind_keyword;
  k->on_span = Of(c->scope);
  k->assert_span = Of(c->verb);
  k->predicate_span = Of(c->predicate_);
  const bool relationship = c->target->bracket != nullptr;
  k->entity = relationship ? EntityKind::kRelationship : EntityKind::kNode;
  k->variable = NameOf(c->target->variable);
  if (c->target->label == nullptr) {
    Fail(Of(c->target), relationship ? "a constraint needs a relationship type" : "a constraint needs a label",
         relationship ? "write it behind a colon: `()-[r:TYPE]-()`" : "write it behind a colon: `(n:Label)`");
  } else {
    k->label = NameOf(c->target->label->names[0]);
    if (c->target->label->names.size() > 1) Fail(Of(c->target->label), "a constraint takes one label or type only", "write one constraint for each");
  }
  PredicateOf(c->predicate_, k->kind, k->entity, k->properties, k->type);
  Options(c->opts, k->options, k->options_span);
  const bool on = c->scope->getType() == Lex::ON, assertion = c->verb->getType() == Lex::ASSERT;
  k->legacy = on || assertion;
  if (on) Use(Form::kConstraintOn, k->on_span, k->on_span, "FOR");
  if (assertion) Use(Form::kConstraintOn, k->assert_span, k->assert_span, "REQUIRE");
  if (c->predicate_->exists != nullptr) {
    Use(Form::kExistenceByExists, k->predicate_span, k->predicate_span, absl::StrCat(Written(c->predicate_->target), " IS NOT NULL"));
  }
}

void Builder::Index(G::CreateCommandContext* create, G::CreateIndexContext* c, cypher::Statement& out) {
  auto* k = Make<CreateIndex>();
  out.kind = StatementKind::kCreateIndex;
  out.node = k;
  const size_t kind = c->kind != nullptr ? c->kind->getType() : static_cast<size_t>(Lex::RANGE);
  k->kind_written = c->kind != nullptr;
  k->kind = kind == Lex::TEXT ? IndexKind::kText : kind == Lex::POINT ? IndexKind::kPoint : kind == Lex::VECTOR ? IndexKind::kVector
          : kind == Lex::BTREE ? IndexKind::kBtree : kind == Lex::FULLTEXT ? IndexKind::kFulltext : kind == Lex::LOOKUP ? IndexKind::kLookup : IndexKind::kRange;
  const uint32_t behind_keyword = Of(c->keyword).end;
  k->keyword_span = {Of(create).begin, behind_keyword};
  k->or_replace = create->replace != nullptr;
  k->if_not_exists = c->guard != nullptr;
  NameOrParameter(c->label, k->name, k->name_parameter);
  k->name_at = behind_keyword;
  k->if_not_exists_at = c->label != nullptr ? Of(c->label).end : behind_keyword;
  if (kind == Lex::BTREE) Use(Form::kBtreeIndex, Of(c->kind), Of(c->kind), "RANGE");
  if (kind == Lex::VECTOR) Use(Form::kVectorIndex, k->keyword_span);
  if (c->legacyLabel != nullptr) {
    k->legacy = true;
    k->on_span = Of(c->on);
    k->labels = arena_.CopyAll(std::vector<Name>{NameOf(c->legacyLabel)});
    k->properties = Names(c->legacyProperties->names);
    k->target_span = {k->on_span.begin, Of(c->legacyProperties).end};
    std::string instead = absl::StrCat("FOR (n:", Written(c->legacyLabel), ") ON (");
    for (size_t i = 0; i < c->legacyProperties->names.size(); ++i) absl::StrAppend(&instead, i == 0 ? "n." : ", n.", Written(c->legacyProperties->names[i]));
    Use(Form::kIndexOn, k->target_span, k->target_span, absl::StrCat(instead, ")"));
    if (k->or_replace || c->kind != nullptr) Fail(Of(c->on), "`CREATE INDEX ON` takes neither `OR REPLACE` nor a kind of index");
    return;
  }
  k->on_span = Of(c->on);
  const bool relationship = c->target->bracket != nullptr;
  k->entity = relationship ? EntityKind::kRelationship : EntityKind::kNode;
  k->variable = NameOf(c->target->variable);
  if (c->target->label != nullptr) k->labels = Names(c->target->label->names);
  k->target_span = Of(c->target);
  const bool fulltext = k->kind == IndexKind::kFulltext, lookup = k->kind == IndexKind::kLookup;
  if (lookup) {
    if (!k->labels.empty()) Fail(Of(c->target->label), "a token lookup index takes no label or type: it holds them all");
    if (c->columns->function != nullptr && c->columns->each == nullptr && !relationship) Fail(Of(c->columns), "expected `EACH` before `labels(n)`");
    if (c->columns->function == nullptr) {
      Fail(Of(c->columns), "a token lookup index is made on `labels(n)` or `type(r)`", relationship ? "write `ON EACH type(r)`" : "write `ON EACH labels(n)`");
    }
  } else {
    if (k->labels.empty()) {
      Fail(Of(c->target), relationship ? "an index needs a relationship type" : "an index needs a label",
           relationship ? "write it behind a colon: `()-[r:TYPE]-()`" : "write it behind a colon: `(n:Label)`");
    }
    if (c->columns->function != nullptr) Fail(Of(c->columns), "only a token lookup index is made on a function", "write the properties: `ON (n.key)`");
    if (k->labels.size() > 1 && !fulltext) {
      if (k->kind == IndexKind::kVector) {
        Use(Form::kVectorWith, Of(c->target->label));
      } else {
        Fail(Of(c->target->label), absl::StrCat("a ", ToString(k->kind), " index takes one label or type only"), "write one index for each");
      }
    }
    if (fulltext != (c->columns->each != nullptr)) {
      Fail(Of(c->columns), fulltext ? "a full-text index is made `ON EACH [n.key, ...]`" : "`ON EACH [...]` belongs to full-text indexes",
           fulltext ? "write `ON EACH [n.key]`" : "write `ON (n.key)`");
    }
  }
  k->properties = c->columns->properties != nullptr ? PropertyKeys(c->columns->properties->properties, k->variable.text) : PropertyKeys(c->columns->list, k->variable.text);
  if (c->with != nullptr) {
    k->with_properties = PropertyKeys(c->with->properties, k->variable.text);
    Use(Form::kVectorWith, Of(c->with));
  }
  Options(c->opts, k->options, k->options_span);
}

void Builder::DropOf(G::DropCommandContext* c, cypher::Statement& out) {
  auto* k = Make<DropSchema>();
  out.kind = StatementKind::kDropSchema;
  out.node = k;
  k->constraint = c->what->getType() == Lex::CONSTRAINT;
  k->keyword_span = {Of(c).begin, Of(c->what).end};
  k->if_exists = c->guard != nullptr;
  NameOrParameter(c->label, k->name, k->name_parameter);
  k->if_exists_at = c->label != nullptr ? Of(c->label).end : k->keyword_span.end;
  if (c->on == nullptr) return;
  k->legacy = true;
  k->on_span = Of(c->on);
  if (c->legacyLabel != nullptr) {
    k->entity = EntityKind::kNode;
    k->label = NameOf(c->legacyLabel);
    k->properties = Names(c->legacyProperties->names);
    Use(Form::kDropIndexOn, {k->on_span.begin, Of(c).end});
    return;
  }
  k->entity = c->target->bracket != nullptr ? EntityKind::kRelationship : EntityKind::kNode;
  if (c->target->label != nullptr) k->label = NameOf(c->target->label->names[0]);
  std::string_view type;
  PredicateOf(c->predicate_, k->constraint_kind, k->entity, k->properties, type);
  Use(Form::kDropConstraintOn, {k->on_span.begin, Of(c).end});
}

}  // namespace pawl::cypher
