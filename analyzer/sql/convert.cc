// Statements of the raw tree; queries are in convert_query.cc, tables in convert_table.cc.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/scanner.h"
#include "analyzer/sql/internal/converter.h"

namespace pawl::sql {

ObjectType Converter::Type(::ObjectType t) {
  switch (t) {
    case OBJECT_TABLE: return ObjectType::kTable;
    case OBJECT_INDEX: return ObjectType::kIndex;
    case OBJECT_VIEW: return ObjectType::kView;
    case OBJECT_MATVIEW: return ObjectType::kMaterializedView;
    case OBJECT_SEQUENCE: return ObjectType::kSequence;
    case OBJECT_FOREIGN_TABLE: return ObjectType::kForeignTable;
    case OBJECT_SCHEMA: return ObjectType::kSchema;
    case OBJECT_DATABASE: return ObjectType::kDatabase;
    case OBJECT_TYPE: return ObjectType::kType;
    case OBJECT_DOMAIN: return ObjectType::kDomain;
    case OBJECT_EXTENSION: return ObjectType::kExtension;
    case OBJECT_FUNCTION: return ObjectType::kFunction;
    case OBJECT_PROCEDURE: return ObjectType::kProcedure;
    case OBJECT_ROUTINE: return ObjectType::kRoutine;
    case OBJECT_AGGREGATE: return ObjectType::kAggregate;
    case OBJECT_TRIGGER: return ObjectType::kTrigger;
    case OBJECT_RULE: return ObjectType::kRule;
    case OBJECT_POLICY: return ObjectType::kPolicy;
    case OBJECT_COLUMN: return ObjectType::kColumn;
    case OBJECT_TABCONSTRAINT: return ObjectType::kConstraint;
    case OBJECT_DOMCONSTRAINT: return ObjectType::kDomainConstraint;
    case OBJECT_ATTRIBUTE: return ObjectType::kAttribute;
    case OBJECT_ROLE: return ObjectType::kRole;
    case OBJECT_TABLESPACE: return ObjectType::kTablespace;
    case OBJECT_COLLATION: return ObjectType::kCollation;
    case OBJECT_STATISTIC_EXT: return ObjectType::kStatistics;
    case OBJECT_PUBLICATION: return ObjectType::kPublication;
    case OBJECT_FOREIGN_SERVER: return ObjectType::kForeignServer;
    case OBJECT_FDW: return ObjectType::kForeignDataWrapper;
    case OBJECT_OPCLASS: return ObjectType::kOperatorClass;
    default: return ObjectType::kOther;
  }
}

Name Converter::ObjectName(const Node* object) {
  if (object == nullptr) return {};
  switch (nodeTag(object)) {
    case T_List: return NameOf(reinterpret_cast<const ::List*>(object), -1);
    case T_RangeVar: return RelName(reinterpret_cast<const RangeVar*>(object));
    case T_TypeName: {
      const auto* t = reinterpret_cast<const ::TypeName*>(object);
      return NameOf(t->names, t->location);
    }
    case T_ObjectWithArgs: return NameOf(reinterpret_cast<const ObjectWithArgs*>(object)->objname, -1);
    case T_String: {
      Name n;
      n.name = Str(object);
      return n;
    }
    default: return {};
  }
}

// How many words stand between DROP and the first name: "TABLE", "MATERIALIZED VIEW", "TEXT SEARCH PARSER".
int Converter::WordsOfType(Scanner scanner) const {
  const Token first = scanner.NextCode(), second = scanner.NextCode();
  if (scanner.Is(first, "text") || (scanner.Is(first, "foreign") && scanner.Is(second, "data"))) return 3;
  if (scanner.Is(first, "operator")) return scanner.Is(second, "class") || scanner.Is(second, "family") ? 2 : 1;
  for (std::string_view w : {"materialized", "foreign", "event", "access", "procedural"}) {
    if (scanner.Is(first, w)) return 2;
  }
  return 1;
}

// The tree has no places for the names of a DROP. They stand behind DROP, the type, CONCURRENTLY and IF EXISTS, between the commas; by their
// place and not by what they are, for an object may be called "table", and what is written need not be what the tree has (U&"...", names that
// were cut). A name that is none, such as an operator's, has no span.
void Converter::LocateNames(Scratch<Name>& names, const Statement& out, bool concurrently, bool if_exists) {
  const uint32_t end = out.span.end - base_;
  Scanner scanner(text_, {out.span.begin - base_, end});
  scanner.NextCode();
  for (int i = WordsOfType(scanner) + (concurrently ? 1 : 0) + (if_exists ? 2 : 0); i > 0; --i) scanner.NextCode();
  for (Name& name : names) {
    const Token t = scanner.NextCode();
    if (t.kind != TokenKind::kIdentifier && t.kind != TokenKind::kQuotedIdentifier) return;
    const Span s = NameSpanAt(text_, t.span.begin, end);
    name.span = {base_ + s.begin, base_ + s.end};
    scanner.MoveTo(s.end);
    int depth = 0;
    for (Token k = scanner.NextCode(); k.kind != TokenKind::kComma || depth > 0; k = scanner.NextCode()) {
      if (k.kind == TokenKind::kEnd) return;
      if (k.kind == TokenKind::kOpen) ++depth;
      if (k.kind == TokenKind::kClose) --depth;
    }
  }
}

void Converter::ConvertCreateTableAs(const CreateTableAsStmt* s, Statement& out) {
  CreateTable* t = Set<CreateTable>(out, StatementKind::kCreateTable);
  t->name = RelName(s->into->rel);
  t->if_not_exists = s->if_not_exists;
  t->temporary = s->into->rel->relpersistence == 't';
  t->unlogged = s->into->rel->relpersistence == 'u';
  t->materialized_view = s->objtype == OBJECT_MATVIEW;
  t->with_no_data = s->into->skipData;
  t->as_query = ConvertQuery(s->query);
  if (t->as_query == nullptr) t->as_query = arena_.New<Query>();  // CREATE TABLE AS EXECUTE
}

void Converter::ConvertIndex(const IndexStmt* s, Statement& out) {
  CreateIndex* t = Set<CreateIndex>(out, StatementKind::kCreateIndex);
  t->name = Str(s->idxname);
  t->table = RelName(s->relation);
  t->unique = s->unique;
  t->concurrently = s->concurrent;
  t->if_not_exists = s->if_not_exists;
  t->only = !s->relation->inh;
  t->nulls_not_distinct = s->nulls_not_distinct;
  t->method = s->accessMethod == nullptr ? std::string_view("btree") : Str(s->accessMethod);
  t->tablespace = Str(s->tableSpace);
  t->where = ConvertExpr(s->whereClause);
  Scratch<IndexElement> elements;
  for (IndexElem* e : Nodes<IndexElem>{s->indexParams}) {
    IndexElement i;
    i.column = Str(e->name);
    i.expression = ConvertExpr(e->expr);
    i.opclass = NameOf(e->opclass, -1).name;
    i.collation = NameOf(e->collation, -1).name;
    i.descending = e->ordering == SORTBY_DESC;
    elements.push_back(i);
  }
  t->elements = arena_.CopyAll(elements);
  Scratch<std::string_view> include;
  for (IndexElem* e : Nodes<IndexElem>{s->indexIncludingParams}) include.push_back(Str(e->name));
  t->include = arena_.CopyAll(include);
  Scanner scanner(text_, {out.span.begin - base_, out.span.end - base_});
  for (Token k = scanner.NextCode(); k.kind == TokenKind::kIdentifier; k = scanner.NextCode()) {
    if (!scanner.Is(k, "index")) continue;
    t->keyword_span = {base_ + k.span.begin, base_ + k.span.end};
    break;
  }
}

void Converter::ConvertDrop(const DropStmt* s, Statement& out) {
  Drop* d = Set<Drop>(out, StatementKind::kDrop);
  d->type = Type(s->removeType);
  d->concurrently = s->concurrent;
  d->if_exists = s->missing_ok;
  d->cascade = s->behavior == DROP_CASCADE;
  const bool on_table = d->type == ObjectType::kTrigger || d->type == ObjectType::kRule || d->type == ObjectType::kPolicy;
  Scratch<Name> names, tables;
  for (Node* o : Nodes<Node>{s->objects}) {
    if (on_table && IsA(o, List)) {
      // (schema.) table . trigger
      auto* l = reinterpret_cast<::List*>(o);
      const int n = l->length;
      Name table, name;
      if (n > 0) name.name = Str(static_cast<Node*>(l->elements[n - 1].ptr_value));
      if (n > 1) table.name = Str(static_cast<Node*>(l->elements[n - 2].ptr_value));
      if (n > 2) table.schema = Str(static_cast<Node*>(l->elements[n - 3].ptr_value));
      names.push_back(name);
      tables.push_back(table);
    } else {
      names.push_back(ObjectName(o));
    }
  }
  LocateNames(names, out, s->concurrent, s->missing_ok);
  d->names = arena_.CopyAll(names);
  d->tables = arena_.CopyAll(tables);
}

void Converter::ConvertRename(const RenameStmt* s, Statement& out) {
  Rename* r = Set<Rename>(out, StatementKind::kRename);
  r->type = Type(s->renameType);
  r->name = s->relation != nullptr ? RelName(s->relation) : ObjectName(s->object);
  r->new_name = Str(s->newname);
  r->if_exists = s->missing_ok;
  switch (s->renameType) {
    case OBJECT_SCHEMA:
    case OBJECT_DATABASE:
    case OBJECT_ROLE:
    case OBJECT_TABLESPACE:
      r->name.name = Str(s->subname);
      break;
    default:
      r->old_name = Str(s->subname);
  }
}

void Converter::ConvertSetSchema(const AlterObjectSchemaStmt* s, Statement& out) {
  SetSchema* t = Set<SetSchema>(out, StatementKind::kSetSchema);
  t->type = Type(s->objectType);
  t->name = s->relation != nullptr ? RelName(s->relation) : ObjectName(s->object);
  t->new_schema = Str(s->newschema);
  t->if_exists = s->missing_ok;
}

// The inside of the string constant at `location`, or of the first one after the keyword that stands there.
Span Converter::BodyAt(int location, const char* after_keyword) {
  if (location < 0) return {};
  Scanner scanner(text_, {static_cast<uint32_t>(location), static_cast<uint32_t>(text_.size())});
  Token t = scanner.NextCode();
  if (after_keyword != nullptr && scanner.Is(t, after_keyword)) t = scanner.NextCode();
  const std::string_view s = scanner.Text(t);
  if (t.kind == TokenKind::kDollarString) {
    const uint32_t tag = static_cast<uint32_t>(s.find('$', 1) + 1);
    if (t.unterminated || s.size() < 2 * tag) return {};
    return {base_ + t.span.begin + tag, base_ + t.span.end - tag};
  }
  if (t.kind == TokenKind::kString && s.starts_with('\'') && s.size() >= 2) return {base_ + t.span.begin + 1, base_ + t.span.end - 1};
  return {};
}

// The queries of a BEGIN ATOMIC body (lists in a list), a RETURN, or a rule's actions.
List<const Query*> Converter::Queries(const Node* body) {
  if (body == nullptr) return {};  // DO NOTHING
  Scratch<const Query*> v;
  const auto add = [&](const Node* n) {
    if (n == nullptr) return;
    if (IsA(n, ReturnStmt)) {
      Query* q = arena_.New<Query>();
      q->values = arena_.CopyAll(Scratch<const Expr*>{ConvertExpr(reinterpret_cast<const ReturnStmt*>(n)->returnval)});
      v.push_back(q);
    } else if (const Query* q = ConvertQuery(n)) {
      v.push_back(q);
    }
  };
  if (IsA(body, List)) {
    for (Node* n : Nodes<Node>{reinterpret_cast<const ::List*>(body)}) {
      if (n != nullptr && IsA(n, List)) {
        for (Node* inner : Nodes<Node>{reinterpret_cast<const ::List*>(n)}) add(inner);
      } else {
        add(n);
      }
    }
  } else {
    add(body);
  }
  return arena_.CopyAll(v);
}

void Converter::ConvertFunction(const CreateFunctionStmt* s, Statement& out) {
  CreateFunction* f = Set<CreateFunction>(out, StatementKind::kCreateFunction);
  f->name = NameOf(s->funcname, -1);
  f->procedure = s->is_procedure;
  f->replace = s->replace;
  f->argument_count = static_cast<uint16_t>(Nodes<Node>{s->parameters}.size());
  f->returns = ConvertType(s->returnType);
  f->language = s->sql_body != nullptr ? "sql" : "";
  if (s->sql_body != nullptr) f->queries = Queries(s->sql_body);
  for (DefElem* o : Nodes<DefElem>{s->options}) {
    const std::string_view name = o->defname;
    if (name == "language" && o->arg != nullptr) f->language = Str(o->arg);
    if (name == "volatility" && o->arg != nullptr) f->volatility = *strVal(o->arg);
    if (name == "security" && o->arg != nullptr) f->security_definer = boolVal(o->arg);
    if (name == "as") f->body = BodyAt(o->location, "as");
    if (name == "set" && o->arg != nullptr && IsA(o->arg, VariableSetStmt)) {
      const char* variable = reinterpret_cast<VariableSetStmt*>(o->arg)->name;
      if (variable != nullptr && std::strcmp(variable, "search_path") == 0) f->sets_search_path = true;
    }
  }
}

void Converter::ConvertDo(const DoStmt* s, Statement& out) {
  DoBlock* d = Set<DoBlock>(out, StatementKind::kDo);
  d->language = "plpgsql";
  for (DefElem* o : Nodes<DefElem>{s->args}) {
    if (std::strcmp(o->defname, "language") == 0) d->language = Str(o->arg);
    if (std::strcmp(o->defname, "as") == 0) d->body = BodyAt(o->location, nullptr);
  }
}

void Converter::ConvertVariableSet(const VariableSetStmt* s, Statement& out) {
  VariableSet* v = Set<VariableSet>(out, StatementKind::kVariableSet);
  v->name = Str(s->name);
  v->local = s->is_local;
  v->reset = s->kind == VAR_RESET || s->kind == VAR_RESET_ALL || s->kind == VAR_SET_DEFAULT;
  Scratch<std::string_view> values;
  for (Node* a : Nodes<Node>{s->args}) {
    const Expr* e = ConvertExpr(a);
    if (e->kind == ExprKind::kCast && !e->arguments.empty()) e = e->arguments[0];
    values.push_back(e->text);
  }
  v->values = arena_.CopyAll(values);
  if (!values.empty()) v->value = values[0];
}

void Converter::Convert(const Node* node, Statement& out) {
  begin_ = out.span.begin;
  depth_ = 0;
  exact_ends_ = true;
  switch (nodeTag(node)) {
    case T_CreateStmt: return ConvertCreateTable(reinterpret_cast<const CreateStmt*>(node), out);
    case T_CreateForeignTableStmt:
      ConvertCreateTable(&reinterpret_cast<const CreateForeignTableStmt*>(node)->base, out);
      const_cast<CreateTable&>(out.As<CreateTable>()).foreign = true;
      const_cast<CreateTable&>(out.As<CreateTable>()).server = Str(reinterpret_cast<const CreateForeignTableStmt*>(node)->servername);
      return;
    case T_CreateTableAsStmt: return ConvertCreateTableAs(reinterpret_cast<const CreateTableAsStmt*>(node), out);
    case T_IndexStmt: return ConvertIndex(reinterpret_cast<const IndexStmt*>(node), out);
    case T_AlterTableStmt: return ConvertAlterTable(reinterpret_cast<const AlterTableStmt*>(node), out);
    case T_DropStmt: return ConvertDrop(reinterpret_cast<const DropStmt*>(node), out);
    case T_RenameStmt: return ConvertRename(reinterpret_cast<const RenameStmt*>(node), out);
    case T_AlterObjectSchemaStmt: return ConvertSetSchema(reinterpret_cast<const AlterObjectSchemaStmt*>(node), out);
    case T_CreateFunctionStmt: return ConvertFunction(reinterpret_cast<const CreateFunctionStmt*>(node), out);
    case T_DoStmt: return ConvertDo(reinterpret_cast<const DoStmt*>(node), out);
    case T_VariableSetStmt: return ConvertVariableSet(reinterpret_cast<const VariableSetStmt*>(node), out);
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt: {
      const Query* q = ConvertQuery(node);
      if (q != nullptr && q->select_into) {
        CreateTable* t = Set<CreateTable>(out, StatementKind::kCreateTable);
        t->name = q->target;
        t->as_query = q;
        return;
      }
      out.kind = q == nullptr ? StatementKind::kOther : StatementKind::kQuery;
      out.node = q;
      return;
    }
    default:
      if (!ConvertUtility(node, out)) {
        out.kind = StatementKind::kOther;
        out.tag = "utility";
      }
  }
}

}  // namespace pawl::sql
