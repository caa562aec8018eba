// Statements that lock relations but that no rule reads one by one (ast.h, OtherObject).
#include <cstring>

#include "analyzer/sql/internal/converter.h"

namespace pawl::sql {

bool Converter::ConvertOther(const Node* node, Statement& out) {
  OtherObject o;
  const auto relation = [&](const RangeVar* r) {
    if (r != nullptr) o.relations = arena_.CopyAll(Scratch<Name>{RelName(r)});
  };
  const auto query = [&](const Node* q) {
    if (const Query* converted = ConvertQuery(q)) o.queries = arena_.CopyAll(Scratch<const Query*>{converted});
  };
  const auto expressions = [&](const Node* a, const Node* b) {
    Scratch<const Expr*> v;
    for (const Node* n : {a, b}) {
      if (n != nullptr) v.push_back(ConvertExpr(n));
    }
    o.expressions = arena_.CopyAll(v);
  };
  const auto publication = [&](const char* name, const ::List* objects) {
    o.type = ObjectType::kPublication;
    o.name.name = Str(name);
    Scratch<Name> tables;
    Scratch<const Expr*> conditions;
    Scratch<List<std::string_view>> columns;
    int i = 0;
    for (PublicationObjSpec* p : Nodes<PublicationObjSpec>{objects}) {
      if (p->pubtable == nullptr) continue;
      if (i < 64 && p->pubtable->relation != nullptr && !p->pubtable->relation->inh) o.only |= uint64_t{1} << i;
      ++i;
      tables.push_back(RelName(p->pubtable->relation));
      conditions.push_back(ConvertExpr(p->pubtable->whereClause));
      columns.push_back(Strings(p->pubtable->columns));
    }
    o.relations = arena_.CopyAll(tables);
    o.expressions = arena_.CopyAll(conditions);
    o.columns = arena_.CopyAll(columns);
  };
  const auto roles = [&](const ::List* list) {
    Scratch<std::string_view> v;
    for (RoleSpec* r : Nodes<RoleSpec>{list}) v.push_back(Str(r->rolename));
    o.roles = arena_.CopyAll(v);
  };
  switch (nodeTag(node)) {
    case T_CreateStatsStmt: {
      const auto* s = reinterpret_cast<const CreateStatsStmt*>(node);
      out.tag = "CreateStatsStmt";
      o.type = ObjectType::kStatistics;
      o.name = NameOf(s->defnames, -1);
      Scratch<Name> tables;
      for (Node* n : Nodes<Node>{s->relations}) {
        if (IsA(n, RangeVar)) tables.push_back(RelName(reinterpret_cast<const RangeVar*>(n)));
      }
      o.relations = arena_.CopyAll(tables);
      break;
    }
    case T_AlterStatsStmt:
      out.tag = "AlterStatsStmt";
      o.type = ObjectType::kStatistics;
      o.name = NameOf(reinterpret_cast<const AlterStatsStmt*>(node)->defnames, -1);
      break;
    case T_RuleStmt: {
      const auto* s = reinterpret_cast<const RuleStmt*>(node);
      out.tag = "RuleStmt";
      o.type = ObjectType::kRule;
      o.name.name = Str(s->rulename);
      relation(s->relation);
      expressions(s->whereClause, nullptr);
      o.queries = Queries(reinterpret_cast<const Node*>(s->actions));
      o.text = s->event == CMD_INSERT ? "insert" : s->event == CMD_UPDATE ? "update" : s->event == CMD_DELETE ? "delete" : "select";
      o.instead = s->instead;
      break;
    }
    case T_AlterPolicyStmt: {
      const auto* s = reinterpret_cast<const AlterPolicyStmt*>(node);
      out.tag = "AlterPolicyStmt";
      o.type = ObjectType::kPolicy;
      o.name.name = Str(s->policy_name);
      relation(s->table);
      expressions(s->qual, s->with_check);
      break;
    }
    case T_CreatePublicationStmt: {
      const auto* s = reinterpret_cast<const CreatePublicationStmt*>(node);
      out.tag = "CreatePublicationStmt";
      publication(s->pubname, s->pubobjects);
      break;
    }
    case T_AlterPublicationStmt: {
      const auto* s = reinterpret_cast<const AlterPublicationStmt*>(node);
      out.tag = "AlterPublicationStmt";
      publication(s->pubname, s->pubobjects);
      o.text = s->pubobjects == nullptr ? "" : s->action == AP_AddObjects ? "add" : s->action == AP_DropObjects ? "drop" : "set";
      break;
    }
    case T_AlterSeqStmt: {
      const auto* s = reinterpret_cast<const AlterSeqStmt*>(node);
      out.tag = "AlterSeqStmt";
      o.type = ObjectType::kSequence;
      o.name = RelName(s->sequence);
      const Name owner = OwnerOf(s->options);
      if (!owner.empty()) o.relations = arena_.CopyAll(Scratch<Name>{owner});
      break;
    }
    case T_AlterObjectDependsStmt: {
      const auto* s = reinterpret_cast<const AlterObjectDependsStmt*>(node);
      out.tag = "AlterObjectDependsStmt";
      o.type = Type(s->objectType);
      relation(s->relation);
      o.name = ObjectName(s->object);
      break;
    }
    case T_AlterTableMoveAllStmt: {
      const auto* s = reinterpret_cast<const AlterTableMoveAllStmt*>(node);
      out.tag = "AlterTableMoveAllStmt";
      o.type = Type(s->objtype);
      o.text = Str(s->orig_tablespacename);
      o.new_text = Str(s->new_tablespacename);
      roles(s->roles);
      break;
    }
    case T_DropOwnedStmt: {
      const auto* s = reinterpret_cast<const DropOwnedStmt*>(node);
      out.tag = "DropOwnedStmt";
      roles(s->roles);
      o.cascade = s->behavior == DROP_CASCADE;
      break;
    }
    case T_ReassignOwnedStmt: {
      const auto* s = reinterpret_cast<const ReassignOwnedStmt*>(node);
      out.tag = "ReassignOwnedStmt";
      roles(s->roles);
      if (s->newrole != nullptr) o.new_text = Str(s->newrole->rolename);
      break;
    }
    case T_SecLabelStmt: {
      const auto* s = reinterpret_cast<const SecLabelStmt*>(node);
      out.tag = "SecLabelStmt";
      o.type = Type(s->objtype);
      o.name = ObjectName(s->object);
      if (const Name table = PartOf(s->object); !table.empty()) o.relations = arena_.CopyAll(Scratch<Name>{table});
      break;
    }
    case T_PrepareStmt: {
      const auto* s = reinterpret_cast<const PrepareStmt*>(node);
      out.tag = "PrepareStmt";
      o.name.name = Str(s->name);
      query(s->query);
      break;
    }
    case T_DeclareCursorStmt: {
      const auto* s = reinterpret_cast<const DeclareCursorStmt*>(node);
      out.tag = "DeclareCursorStmt";
      o.name.name = Str(s->portalname);
      query(s->query);
      break;
    }
    case T_AlterExtensionContentsStmt: {
      const auto* s = reinterpret_cast<const AlterExtensionContentsStmt*>(node);
      out.tag = "AlterExtensionContentsStmt";
      o.type = Type(s->objtype);
      o.name = ObjectName(s->object);
      break;
    }
    case T_CreateForeignServerStmt: {
      const auto* s = reinterpret_cast<const CreateForeignServerStmt*>(node);
      out.tag = "CreateForeignServerStmt";
      o.type = ObjectType::kForeignServer;
      o.name.name = Str(s->servername);
      o.text = Str(s->fdwname);
      break;
    }
    default:
      return false;
  }
  OtherObject* kept = arena_.New<OtherObject>();
  *kept = o;
  out.kind = StatementKind::kOther;
  out.node = kept;
  return true;
}

// The table in [schema.]table.part; empty for what is no list.
Name Converter::PartOf(const Node* object) {
  Name table;
  if (object == nullptr || !IsA(object, List)) return table;
  const auto* parts = reinterpret_cast<const ::List*>(object);
  const int n = parts->length;
  if (n > 1) table.name = Str(static_cast<Node*>(parts->elements[n - 2].ptr_value));
  if (n > 2) table.schema = Str(static_cast<Node*>(parts->elements[n - 3].ptr_value));
  return table;
}

// The table of OWNED BY schema.table.column; empty for NONE or if there is none.
Name Converter::OwnerOf(const ::List* options) {
  Name table;
  for (DefElem* o : Nodes<DefElem>{options}) {
    if (std::strcmp(o->defname, "owned_by") != 0 || o->arg == nullptr || !IsA(o->arg, List)) continue;
    table = PartOf(o->arg);
  }
  return table;
}

}  // namespace pawl::sql
