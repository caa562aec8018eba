// Columns, constraints, partition bounds and ALTER TABLE of the raw tree.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/scanner.h"
#include "analyzer/sql/internal/converter.h"

namespace pawl::sql {
namespace {

ConstraintKind KindOf(ConstrType t) {
  switch (t) {
    case CONSTR_NULL: return ConstraintKind::kNull;
    case CONSTR_NOTNULL: return ConstraintKind::kNotNull;
    case CONSTR_DEFAULT: return ConstraintKind::kDefault;
    case CONSTR_IDENTITY: return ConstraintKind::kIdentity;
    case CONSTR_GENERATED: return ConstraintKind::kGenerated;
    case CONSTR_PRIMARY: return ConstraintKind::kPrimaryKey;
    case CONSTR_UNIQUE: return ConstraintKind::kUnique;
    case CONSTR_EXCLUSION: return ConstraintKind::kExclusion;
    case CONSTR_FOREIGN: return ConstraintKind::kForeignKey;
    default: return ConstraintKind::kCheck;
  }
}

bool IsAttribute(ConstrType t) { return t >= CONSTR_ATTR_DEFERRABLE; }

AlterKind KindOf(AlterTableType t) {
  switch (t) {
    case AT_AddColumn: return AlterKind::kAddColumn;
    case AT_DropColumn: return AlterKind::kDropColumn;
    case AT_AlterColumnType: return AlterKind::kColumnType;
    case AT_ColumnDefault: return AlterKind::kSetDefault;
    case AT_SetNotNull: return AlterKind::kSetNotNull;
    case AT_DropNotNull: return AlterKind::kDropNotNull;
    case AT_SetExpression: return AlterKind::kSetExpression;
    case AT_DropExpression: return AlterKind::kDropExpression;
    case AT_AddIdentity: return AlterKind::kAddIdentity;
    case AT_SetIdentity: return AlterKind::kSetIdentity;
    case AT_DropIdentity: return AlterKind::kDropIdentity;
    case AT_SetStatistics: return AlterKind::kSetStatistics;
    case AT_SetStorage: return AlterKind::kSetStorage;
    case AT_SetCompression: return AlterKind::kSetCompression;
    case AT_SetOptions:
    case AT_ResetOptions: return AlterKind::kSetOptions;
    case AT_AddConstraint: return AlterKind::kAddConstraint;
    case AT_DropConstraint: return AlterKind::kDropConstraint;
    case AT_ValidateConstraint: return AlterKind::kValidateConstraint;
    case AT_AlterConstraint: return AlterKind::kAlterConstraint;
    case AT_AttachPartition: return AlterKind::kAttachPartition;
    case AT_DetachPartition: return AlterKind::kDetachPartition;
    case AT_DetachPartitionFinalize: return AlterKind::kDetachFinalize;
    case AT_AddInherit: return AlterKind::kInherit;
    case AT_DropInherit: return AlterKind::kNoInherit;
    case AT_AddOf: return AlterKind::kOfType;
    case AT_DropOf: return AlterKind::kNotOf;
    case AT_SetLogged: return AlterKind::kSetLogged;
    case AT_SetUnLogged: return AlterKind::kSetUnlogged;
    case AT_SetAccessMethod: return AlterKind::kSetAccessMethod;
    case AT_SetTableSpace: return AlterKind::kSetTablespace;
    case AT_ClusterOn: return AlterKind::kClusterOn;
    case AT_DropCluster: return AlterKind::kNoCluster;
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_EnableTrigAll:
    case AT_EnableTrigUser: return AlterKind::kEnableTrigger;
    case AT_DisableTrig:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser: return AlterKind::kDisableTrigger;
    case AT_EnableRule:
    case AT_EnableAlwaysRule:
    case AT_EnableReplicaRule: return AlterKind::kEnableRule;
    case AT_DisableRule: return AlterKind::kDisableRule;
    case AT_EnableRowSecurity: return AlterKind::kEnableRowSecurity;
    case AT_DisableRowSecurity: return AlterKind::kDisableRowSecurity;
    case AT_ForceRowSecurity: return AlterKind::kForceRowSecurity;
    case AT_NoForceRowSecurity: return AlterKind::kNoForceRowSecurity;
    case AT_ReplicaIdentity: return AlterKind::kReplicaIdentity;
    case AT_SetRelOptions: return AlterKind::kSetRelOptions;
    case AT_ResetRelOptions: return AlterKind::kResetRelOptions;
    case AT_ChangeOwner: return AlterKind::kOwner;
    default: return AlterKind::kOther;
  }
}

}  // namespace

uint32_t Converter::ElementEnd(uint32_t begin, uint32_t limit) {
  Scanner scanner(text_, {begin, limit});
  if (!exact_ends_) return scanner.Next().span.end;
  int depth = 0;
  uint32_t end = begin;
  for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == TokenKind::kOpen) ++depth;
    if (t.kind == TokenKind::kClose && depth-- == 0) break;
    if (depth == 0 && (t.kind == TokenKind::kComma || t.kind == TokenKind::kSemicolon)) break;
    end = t.span.end;
  }
  return end;
}

const Constraint* Converter::ConvertConstraint(const ::Constraint* c, std::string_view column, uint32_t end) {
  Constraint* out = arena_.New<Constraint>();
  out->kind = KindOf(c->contype);
  out->name = Str(c->conname);
  out->column_constraint = !column.empty();
  out->columns = Strings(c->contype == CONSTR_FOREIGN ? c->fk_attrs : c->keys);
  if (c->contype == CONSTR_EXCLUSION) {
    Scratch<std::string_view> columns;
    for (::List* pair : Nodes<::List>{c->exclusions}) {
      const auto* e = static_cast<const IndexElem*>(pair->elements[0].ptr_value);
      if (e->name != nullptr) columns.push_back(Str(e->name));
    }
    out->columns = arena_.CopyAll(columns);
  }
  if (out->columns.empty() && !column.empty()) out->columns = arena_.CopyAll(Scratch<std::string_view>{column});
  out->using_index = Str(c->indexname);
  out->expression = ConvertExpr(c->raw_expr);
  if (c->pktable != nullptr) out->referenced = RelName(c->pktable);
  out->referenced_columns = Strings(c->pk_attrs);
  if (c->fk_del_action != 0) out->on_delete = c->fk_del_action;
  if (c->fk_upd_action != 0) out->on_update = c->fk_upd_action;
  out->not_valid = c->skip_validation;
  const bool enforceable = c->contype == CONSTR_CHECK || c->contype == CONSTR_FOREIGN;
  out->not_enforced = enforceable && !c->is_enforced;
  out->deferrable = c->deferrable;
  out->deferred = c->initdeferred;
  out->no_inherit = c->is_no_inherit;
  out->stored = c->contype == CONSTR_GENERATED && c->generated_kind != 'v';
  out->nulls_not_distinct = c->nulls_not_distinct;
  out->without_overlaps = c->without_overlaps;
  const uint32_t begin = At(c->location);
  out->span = {begin, end > begin ? end : begin};
  return out;
}

const Column* Converter::ConvertColumn(const ColumnDef* d, uint32_t limit) {
  Column* out = arena_.New<Column>();
  out->name = Str(d->colname);
  out->type = ConvertType(d->typeName);
  out->compression = Str(d->compression);
  if (d->collClause != nullptr) out->collation = NameOf(d->collClause->collname, -1).name;
  const uint32_t begin = d->location < 0 ? 0 : static_cast<uint32_t>(d->location);
  const uint32_t end = base_ + ElementEnd(begin, limit);
  out->span = {base_ + begin, end};
  out->name_span = exact_ends_ ? TokenAt(static_cast<int>(begin)) : out->span;
  Scratch<const Constraint*> constraints;
  Scratch<::Constraint*> raw;
  for (::Constraint* c : Nodes<::Constraint>{d->constraints}) raw.push_back(c);
  for (size_t i = 0; i < raw.size(); ++i) {
    if (IsAttribute(raw[i]->contype)) {
      // DEFERRABLE, NOT ENFORCED after REFERENCES belong to the constraint before them.
      auto* previous = constraints.empty() ? nullptr : const_cast<Constraint*>(constraints.back());
      if (previous != nullptr && raw[i]->contype == CONSTR_ATTR_DEFERRABLE) previous->deferrable = true;
      if (previous != nullptr && raw[i]->contype == CONSTR_ATTR_DEFERRED) previous->deferred = true;
      if (previous != nullptr && raw[i]->contype == CONSTR_ATTR_NOT_ENFORCED) previous->not_enforced = true;
      continue;
    }
    uint32_t constraint_end = end;
    for (size_t j = i + 1; j < raw.size(); ++j) {
      if (raw[j]->location > raw[i]->location) {
        constraint_end = base_ + static_cast<uint32_t>(raw[j]->location);
        while (constraint_end > base_ && std::strchr(" \t\r\n", text_[constraint_end - base_ - 1]) != nullptr) --constraint_end;
        break;
      }
    }
    constraints.push_back(ConvertConstraint(raw[i], out->name, constraint_end));
  }
  out->constraints = arena_.CopyAll(constraints);
  return out;
}

const PartitionBound* Converter::ConvertBound(const PartitionBoundSpec* b) {
  if (b == nullptr) return nullptr;
  PartitionBound* out = arena_.New<PartitionBound>();
  out->is_default = b->is_default;
  out->strategy = b->strategy;
  out->list = ConvertExprs(b->listdatums);
  out->lower = ConvertExprs(b->lowerdatums);
  out->upper = ConvertExprs(b->upperdatums);
  out->span = TokenAt(b->location);
  return out;
}

void Converter::ConvertCreateTable(const CreateStmt* s, Statement& out) {
  CreateTable* t = Set<CreateTable>(out, StatementKind::kCreateTable);
  exact_ends_ = false;
  t->name = RelName(s->relation);
  t->if_not_exists = s->if_not_exists;
  t->temporary = s->relation->relpersistence == 't';
  t->unlogged = s->relation->relpersistence == 'u';
  t->tablespace = Str(s->tablespacename);
  t->access_method = Str(s->accessMethod);
  t->of_type = s->ofTypename != nullptr;
  if (s->ofTypename != nullptr) t->type_name = NameOf(s->ofTypename->names, -1);
  const uint32_t limit = out.span.end - base_;
  Scratch<const Column*> columns;
  Scratch<const Constraint*> constraints;
  Scratch<Name> like, inherits;
  for (Node* e : Nodes<Node>{s->tableElts}) {
    if (IsA(e, ColumnDef)) {
      columns.push_back(ConvertColumn(reinterpret_cast<ColumnDef*>(e), limit));
    } else if (IsA(e, Constraint)) {
      auto* c = reinterpret_cast<::Constraint*>(e);
      const uint32_t begin = c->location < 0 ? 0 : static_cast<uint32_t>(c->location);
      constraints.push_back(ConvertConstraint(c, {}, base_ + ElementEnd(begin, limit)));
    } else if (IsA(e, TableLikeClause)) {
      like.push_back(RelName(reinterpret_cast<TableLikeClause*>(e)->relation));
    }
  }
  for (RangeVar* r : Nodes<RangeVar>{s->inhRelations}) inherits.push_back(RelName(r));
  t->columns = arena_.CopyAll(columns);
  t->constraints = arena_.CopyAll(constraints);
  t->like = arena_.CopyAll(like);
  if (s->partbound != nullptr) {
    t->bound = ConvertBound(s->partbound);
    if (!inherits.empty()) t->partition_of = inherits[0];
  } else {
    t->inherits = arena_.CopyAll(inherits);
  }
  if (s->partspec != nullptr) {
    t->partition_strategy = static_cast<char>(s->partspec->strategy);
    Scratch<const Expr*> key;
    for (PartitionElem* p : Nodes<PartitionElem>{s->partspec->partParams}) {
      if (p->expr != nullptr) {
        key.push_back(ConvertExpr(p->expr));
      } else {
        Expr* e = arena_.New<Expr>();
        e->kind = ExprKind::kColumn;
        e->text = Str(p->name);
        e->span = TokenAt(p->location);
        key.push_back(e);
      }
    }
    t->partition_key = arena_.CopyAll(key);
  }
}

void Converter::ConvertAlterCommand(const AlterTableCmd* c, Span span, AlterCommand& out) {
  out.kind = KindOf(c->subtype);
  out.name = Str(c->name);
  out.cascade = c->behavior == DROP_CASCADE;
  out.span = span;
  Node* def = c->def;
  switch (c->subtype) {
    case AT_AddColumn:
      out.column = ConvertColumn(reinterpret_cast<ColumnDef*>(def), span.end - base_);
      out.name = out.column->name;
      out.if_not_exists = c->missing_ok;
      break;
    case AT_ColumnDefault:
      if (def == nullptr) out.kind = AlterKind::kDropDefault;
      else out.expression = ConvertExpr(def);
      break;
    case AT_AlterColumnType: {
      auto* d = reinterpret_cast<ColumnDef*>(def);
      out.type = ConvertType(d->typeName);
      out.expression = ConvertExpr(d->raw_default);
      if (d->collClause != nullptr) out.collation = NameOf(d->collClause->collname, -1).name;
      break;
    }
    case AT_AddConstraint: {
      auto* k = reinterpret_cast<::Constraint*>(def);
      out.constraint = ConvertConstraint(k, {}, span.end);
      if (!out.constraint->using_index.empty()) out.kind = AlterKind::kAddIndexConstraint;
      out.name = out.constraint->name;
      break;
    }
    case AT_AlterConstraint: {
      auto* k = reinterpret_cast<ATAlterConstraint*>(def);
      out.name = Str(k->conname);
      if (k->alterEnforceability) out.enforced = k->is_enforced ? 'e' : 'n';
      if (k->alterInheritability) out.inherit = k->noinherit ? 'n' : 'i';
      break;
    }
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions: {
      Scratch<std::string_view> names;
      for (DefElem* o : Nodes<DefElem>{reinterpret_cast<::List*>(def)}) names.push_back(Str(o->defname));
      out.options = arena_.CopyAll(names);
      break;
    }
    case AT_SetIdentity: {
      Scratch<std::string_view> names;
      for (DefElem* o : Nodes<DefElem>{reinterpret_cast<::List*>(def)}) names.push_back(Str(o->defname));
      out.options = arena_.CopyAll(names);
      break;
    }
    case AT_SetExpression: out.expression = ConvertExpr(def); break;
    case AT_AddOf: {
      auto* n = reinterpret_cast<::TypeName*>(def);
      out.other = NameOf(n->names, n->location);
      break;
    }
    case AT_AttachPartition:
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize: {
      auto* p = reinterpret_cast<PartitionCmd*>(def);
      out.other = RelName(p->name);
      out.bound = ConvertBound(p->bound);
      out.concurrently = p->concurrent;
      break;
    }
    case AT_AddInherit:
    case AT_DropInherit:
      out.other = RelName(reinterpret_cast<RangeVar*>(def));
      break;
    case AT_ChangeOwner:
      if (c->newowner != nullptr) out.name = Str(c->newowner->rolename);
      break;
    case AT_EnableAlwaysTrig: out.trigger_mode = 'a'; break;
    case AT_EnableReplicaTrig: out.trigger_mode = 'r'; break;
    case AT_EnableTrigAll:
    case AT_DisableTrigAll: out.name = "all"; break;
    case AT_EnableTrigUser:
    case AT_DisableTrigUser:
      out.name = "user";
      out.user_triggers = true;
      break;
    default:
      break;
  }
  if (c->subtype != AT_AddColumn) out.if_exists = c->missing_ok;
}

void Converter::ConvertAlterTable(const AlterTableStmt* s, Statement& out) {
  AlterTable* t = Set<AlterTable>(out, StatementKind::kAlterTable);
  t->type = Type(s->objtype);
  t->name = RelName(s->relation);
  t->only = !s->relation->inh;
  t->if_exists = s->missing_ok;
  Scratch<AlterCommand> commands;
  const uint32_t limit = out.span.end - base_;
  uint32_t at = t->name.span.end > base_ ? t->name.span.end - base_ : out.span.begin - base_;
  for (AlterTableCmd* c : Nodes<AlterTableCmd>{s->cmds}) {
    Scanner scanner(text_, {at, limit});
    Token first = scanner.NextCode();
    if (first.kind == TokenKind::kOperator && scanner.Text(first) == "*") first = scanner.NextCode();  // ALTER TABLE t *
    const uint32_t begin = first.span.begin;
    const uint32_t end = ElementEnd(begin, limit);
    AlterCommand& command = commands.emplace_back();
    ConvertAlterCommand(c, {base_ + begin, base_ + end}, command);
    Scanner after(text_, {end, limit});
    const Token comma = after.NextCode();
    at = comma.kind == TokenKind::kComma ? comma.span.end : end;
  }
  t->commands = arena_.CopyAll(commands);
}

}  // namespace pawl::sql
