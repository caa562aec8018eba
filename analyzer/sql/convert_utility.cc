// The remaining utility statements: small, flat ones.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/scanner.h"
#include "analyzer/sql/internal/converter.h"

namespace pawl::sql {
namespace {

TransactionKind KindOf(TransactionStmtKind k) {
  switch (k) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START: return TransactionKind::kBegin;
    case TRANS_STMT_COMMIT: return TransactionKind::kCommit;
    case TRANS_STMT_ROLLBACK: return TransactionKind::kRollback;
    case TRANS_STMT_SAVEPOINT: return TransactionKind::kSavepoint;
    case TRANS_STMT_RELEASE: return TransactionKind::kRelease;
    case TRANS_STMT_ROLLBACK_TO: return TransactionKind::kRollbackTo;
    case TRANS_STMT_PREPARE: return TransactionKind::kPrepare;
    default: return TransactionKind::kOther;
  }
}

// TRIGGER_TYPE_BEFORE and its like (pg_trigger.h, which libpg_query does not ship).
constexpr int kTriggerBefore = 1 << 1, kTriggerInstead = 1 << 6;
constexpr struct { int bit; TriggerEvent event; } kTriggerEvents[] = {{1 << 2, kOnInsert}, {1 << 3, kOnDelete}, {1 << 4, kOnUpdate}, {1 << 5, kOnTruncate}};

bool OptionIsOn(const DefElem* o) {
  if (o->arg == nullptr) return true;
  if (IsA(o->arg, Boolean)) return boolVal(o->arg);
  if (IsA(o->arg, Integer)) return intVal(o->arg) != 0;
  if (IsA(o->arg, String)) return std::strcmp(strVal(o->arg), "off") != 0 && std::strcmp(strVal(o->arg), "false") != 0;
  return true;
}

bool HasOption(const ::List* options, const char* name) {
  for (DefElem* o : Nodes<DefElem>{options}) {
    if (std::strcmp(o->defname, name) == 0) return OptionIsOn(o);
  }
  return false;
}

// Switched off in so many words.
bool HasOff(const ::List* options, const char* name) {
  for (DefElem* o : Nodes<DefElem>{options}) {
    if (std::strcmp(o->defname, name) == 0) return !OptionIsOn(o);
  }
  return false;
}

}  // namespace

bool Converter::ConvertUtility(const Node* node, Statement& out) {
  auto only = [&](const ::List* relations) {
    uint64_t bits = 0;
    int i = 0;
    for (RangeVar* r : Nodes<RangeVar>{relations}) {
      if (i < 64 && !r->inh) bits |= uint64_t{1} << i;
      ++i;
    }
    return bits;
  };
  auto names = [&](const ::List* relations) {
    Scratch<Name> v;
    for (RangeVar* r : Nodes<RangeVar>{relations}) v.push_back(RelName(r));
    return arena_.CopyAll(v);
  };
  switch (nodeTag(node)) {
    case T_TransactionStmt: {
      const auto* s = reinterpret_cast<const TransactionStmt*>(node);
      Transaction* t = Set<Transaction>(out, StatementKind::kTransaction);
      t->kind = KindOf(s->kind);
      t->chain = s->chain;
      return true;
    }
    case T_CopyStmt: {
      const auto* s = reinterpret_cast<const CopyStmt*>(node);
      Copy* c = Set<Copy>(out, StatementKind::kCopy);
      c->table = RelName(s->relation);
      c->from = s->is_from;
      c->stdin_data = s->is_from && s->filename == nullptr && !s->is_program;
      c->query = ConvertQuery(s->query);
      return true;
    }
    case T_TruncateStmt: {
      const auto* s = reinterpret_cast<const TruncateStmt*>(node);
      Truncate* t = Set<Truncate>(out, StatementKind::kTruncate);
      t->tables = names(s->relations);
      t->only = only(s->relations);
      t->cascade = s->behavior == DROP_CASCADE;
      return true;
    }
    case T_LockStmt: {
      const auto* s = reinterpret_cast<const LockStmt*>(node);
      LockTable* l = Set<LockTable>(out, StatementKind::kLockTable);
      l->tables = names(s->relations);
      l->only = only(s->relations);
      l->mode = s->mode;
      l->nowait = s->nowait;
      return true;
    }
    case T_ReindexStmt: {
      const auto* s = reinterpret_cast<const ReindexStmt*>(node);
      Reindex* r = Set<Reindex>(out, StatementKind::kReindex);
      r->target = s->kind == REINDEX_OBJECT_INDEX ? "INDEX" : s->kind == REINDEX_OBJECT_TABLE ? "TABLE" : s->kind == REINDEX_OBJECT_SCHEMA ? "SCHEMA" : s->kind == REINDEX_OBJECT_SYSTEM ? "SYSTEM" : "DATABASE";
      if (s->relation != nullptr) r->name = RelName(s->relation);
      else r->name.name = Str(s->name);
      r->concurrently = HasOption(s->params, "concurrently");
      return true;
    }
    case T_ClusterStmt: {
      const auto* s = reinterpret_cast<const ClusterStmt*>(node);
      Cluster* c = Set<Cluster>(out, StatementKind::kCluster);
      c->table = RelName(s->relation);
      c->index = Str(s->indexname);
      return true;
    }
    case T_VacuumStmt: {
      const auto* s = reinterpret_cast<const VacuumStmt*>(node);
      Vacuum* v = Set<Vacuum>(out, StatementKind::kVacuum);
      v->vacuum = s->is_vacuumcmd;
      v->full = HasOption(s->options, "full");
      if (HasOption(s->options, "analyze")) {
        out.tag = "ANALYZE";
      } else if (HasOff(s->options, "process_main")) {
        out.tag = "TOAST";
      } else if (HasOption(s->options, "only_database_stats")) {
        out.tag = "STATISTICS";
      }
      Scratch<Name> tables;
      for (VacuumRelation* r : Nodes<VacuumRelation>{s->rels}) {
        if (tables.size() < 64 && r->relation != nullptr && !r->relation->inh) v->only |= uint64_t{1} << tables.size();
        tables.push_back(RelName(r->relation));
      }
      v->tables = arena_.CopyAll(tables);
      return true;
    }
    case T_RefreshMatViewStmt: {
      const auto* s = reinterpret_cast<const RefreshMatViewStmt*>(node);
      Refresh* r = Set<Refresh>(out, StatementKind::kRefresh);
      r->view = RelName(s->relation);
      r->concurrently = s->concurrent;
      r->with_no_data = s->skipData;
      return true;
    }
    case T_CreateTrigStmt: {
      const auto* s = reinterpret_cast<const CreateTrigStmt*>(node);
      CreateTrigger* t = Set<CreateTrigger>(out, StatementKind::kCreateTrigger);
      t->name = Str(s->trigname);
      t->table = RelName(s->relation);
      t->function = NameOf(s->funcname, -1);
      t->from = RelName(s->constrrel);
      t->replace = s->replace;
      t->constraint = s->isconstraint;
      t->deferred = s->initdeferred;
      t->columns = Strings(s->columns);
      t->when = ConvertExpr(s->whenClause);
      t->row = s->row;
      t->timing = (s->timing & kTriggerBefore) != 0 ? 'b' : (s->timing & kTriggerInstead) != 0 ? 'i' : 'a';
      for (const auto& [bit, event] : kTriggerEvents) {
        if ((s->events & bit) != 0) t->events = static_cast<uint8_t>(t->events | event);
      }
      return true;
    }
    case T_CreateEnumStmt: {
      const auto* s = reinterpret_cast<const CreateEnumStmt*>(node);
      CreateType* t = Set<CreateType>(out, StatementKind::kCreateType);
      t->name = NameOf(s->typeName, -1);
      t->values = Strings(s->vals);
      return true;
    }
    case T_CompositeTypeStmt: {
      CreateType* t = Set<CreateType>(out, StatementKind::kCreateType);
      t->name = RelName(reinterpret_cast<const CompositeTypeStmt*>(node)->typevar);
      t->kind = 'c';
      return true;
    }
    case T_CreateRangeStmt: {
      CreateType* t = Set<CreateType>(out, StatementKind::kCreateType);
      t->name = NameOf(reinterpret_cast<const CreateRangeStmt*>(node)->typeName, -1);
      t->kind = 'r';
      return true;
    }
    case T_DefineStmt: {
      const auto* s = reinterpret_cast<const DefineStmt*>(node);
      if (s->kind != OBJECT_TYPE) return false;
      CreateType* t = Set<CreateType>(out, StatementKind::kCreateType);
      t->name = NameOf(s->defnames, -1);
      t->kind = 'b';
      return true;
    }
    case T_AlterEnumStmt: {
      const auto* s = reinterpret_cast<const AlterEnumStmt*>(node);
      AlterEnum* a = Set<AlterEnum>(out, StatementKind::kAlterEnum);
      a->name = NameOf(s->typeName, -1);
      if (s->oldVal != nullptr) {
        a->value = Str(s->oldVal);
        a->new_value = Str(s->newVal);
      } else {
        a->value = Str(s->newVal);
      }
      a->neighbour = Str(s->newValNeighbor);
      a->after = s->newValIsAfter;
      a->if_not_exists = s->skipIfNewValExists;
      return true;
    }
    case T_CreateDomainStmt: {
      const auto* s = reinterpret_cast<const CreateDomainStmt*>(node);
      CreateDomain* d = Set<CreateDomain>(out, StatementKind::kCreateDomain);
      d->name = NameOf(s->domainname, -1);
      d->type = ConvertType(s->typeName);
      Scratch<const Constraint*> constraints;
      for (::Constraint* c : Nodes<::Constraint>{s->constraints}) constraints.push_back(ConvertConstraint(c, {}, At(c->location)));
      d->constraints = arena_.CopyAll(constraints);
      return true;
    }
    case T_AlterDomainStmt: {
      const auto* s = reinterpret_cast<const AlterDomainStmt*>(node);
      AlterDomain* a = Set<AlterDomain>(out, StatementKind::kAlterDomain);
      a->name = NameOf(s->typeName, -1);
      a->kind = s->subtype;
      a->constraint_name = Str(s->name);
      if (s->def != nullptr && IsA(s->def, Constraint)) a->constraint = ConvertConstraint(reinterpret_cast<::Constraint*>(s->def), {}, out.span.end);
      a->cascade = s->behavior == DROP_CASCADE;
      a->if_exists = s->missing_ok;
      return true;
    }
    case T_CreateSeqStmt: {
      const auto* s = reinterpret_cast<const CreateSeqStmt*>(node);
      CreateSequence* c = Set<CreateSequence>(out, StatementKind::kCreateSequence);
      c->name = RelName(s->sequence);
      c->owner = OwnerOf(s->options);
      c->if_not_exists = s->if_not_exists;
      c->temporary = s->sequence->relpersistence == 't';
      return true;
    }
    case T_CreateSchemaStmt: {
      const auto* s = reinterpret_cast<const CreateSchemaStmt*>(node);
      CreateSchema* c = Set<CreateSchema>(out, StatementKind::kCreateSchema);
      c->name = s->schemaname != nullptr ? Str(s->schemaname) : s->authrole != nullptr ? Str(s->authrole->rolename) : std::string_view();
      c->if_not_exists = s->if_not_exists;
      Scratch<const Statement*> elements;
      for (Node* e : Nodes<Node>{s->schemaElts}) {
        Statement* inner = arena_.New<Statement>();
        inner->span = out.span;
        inner->full_end = out.full_end;
        inner->outer = &out;
        Convert(e, *inner);
        elements.push_back(inner);
      }
      c->elements = arena_.CopyAll(elements);
      out.kind = StatementKind::kCreateSchema;
      return true;
    }
    case T_CreateExtensionStmt: {
      const auto* s = reinterpret_cast<const CreateExtensionStmt*>(node);
      CreateExtension* c = Set<CreateExtension>(out, StatementKind::kCreateExtension);
      c->name = Str(s->extname);
      c->if_not_exists = s->if_not_exists;
      return true;
    }
    case T_ViewStmt: {
      const auto* s = reinterpret_cast<const ViewStmt*>(node);
      CreateView* v = Set<CreateView>(out, StatementKind::kCreateView);
      v->name = RelName(s->view);
      v->replace = s->replace;
      v->temporary = s->view->relpersistence == 't';
      v->query = ConvertQuery(s->query);
      return true;
    }
    case T_CreatePolicyStmt: {
      const auto* s = reinterpret_cast<const CreatePolicyStmt*>(node);
      CreatePolicy* p = Set<CreatePolicy>(out, StatementKind::kCreatePolicy);
      p->name = Str(s->policy_name);
      p->table = RelName(s->table);
      p->using_expression = ConvertExpr(s->qual);
      p->check_expression = ConvertExpr(s->with_check);
      return true;
    }
    case T_CreateRoleStmt: {
      const auto* s = reinterpret_cast<const CreateRoleStmt*>(node);
      CreateRole* r = Set<CreateRole>(out, StatementKind::kCreateRole);
      r->name = Str(s->role);
      for (DefElem* o : Nodes<DefElem>{s->options}) {
        if (std::strcmp(o->defname, "password") == 0 && o->arg != nullptr) {
          r->has_password = true;
          r->password = TokenAt(o->location);
        }
      }
      return true;
    }
    case T_AlterRoleStmt: {
      const auto* s = reinterpret_cast<const AlterRoleStmt*>(node);
      CreateRole* r = Set<CreateRole>(out, StatementKind::kCreateRole);
      r->alter = true;
      if (s->role != nullptr) r->name = Str(s->role->rolename);
      for (DefElem* o : Nodes<DefElem>{s->options}) {
        if (std::strcmp(o->defname, "password") == 0 && o->arg != nullptr) {
          r->has_password = true;
          r->password = TokenAt(o->location);
        }
      }
      return true;
    }
    case T_GrantStmt: {
      const auto* s = reinterpret_cast<const GrantStmt*>(node);
      Grant* g = Set<Grant>(out, StatementKind::kGrant);
      g->grant = s->is_grant;
      g->all_in_schema = s->targtype == ACL_TARGET_ALL_IN_SCHEMA;
      g->all_privileges = s->privileges == nullptr;
      g->type = Type(s->objtype);
      for (RoleSpec* r : Nodes<RoleSpec>{s->grantees}) g->to_public = g->to_public || r->roletype == ROLESPEC_PUBLIC;
      Scratch<Name> objects;
      for (Node* o : Nodes<Node>{s->objects}) objects.push_back(ObjectName(o));
      g->objects = arena_.CopyAll(objects);
      return true;
    }
    case T_CreatedbStmt:
      Set<CreateDatabase>(out, StatementKind::kCreateDatabase)->name = Str(reinterpret_cast<const CreatedbStmt*>(node)->dbname);
      return true;
    case T_DropdbStmt: {
      const auto* s = reinterpret_cast<const DropdbStmt*>(node);
      Drop* d = Set<Drop>(out, StatementKind::kDrop);
      d->type = ObjectType::kDatabase;
      d->if_exists = s->missing_ok;
      Scratch<Name> v(1);
      v[0].name = Str(s->dbname);
      LocateNames(v, out, false, s->missing_ok);
      d->names = arena_.CopyAll(v);
      return true;
    }
    case T_DropRoleStmt: {
      const auto* s = reinterpret_cast<const DropRoleStmt*>(node);
      Drop* d = Set<Drop>(out, StatementKind::kDrop);
      d->type = ObjectType::kRole;
      d->if_exists = s->missing_ok;
      Scratch<Name> v;
      for (RoleSpec* r : Nodes<RoleSpec>{s->roles}) v.emplace_back().name = Str(r->rolename);
      LocateNames(v, out, false, s->missing_ok);
      d->names = arena_.CopyAll(v);
      return true;
    }
    case T_CommentStmt: {
      const auto* s = reinterpret_cast<const CommentStmt*>(node);
      Comment* c = Set<Comment>(out, StatementKind::kComment);
      c->type = Type(s->objtype);
      c->name = ObjectName(s->object);
      c->table = PartOf(s->object);
      return true;
    }
    case T_CallStmt: {
      const auto* s = reinterpret_cast<const CallStmt*>(node);
      Set<Call>(out, StatementKind::kCall)->call = ConvertExpr(reinterpret_cast<const Node*>(s->funccall));
      return true;
    }
    case T_ExplainStmt: {
      out.kind = StatementKind::kExplain;
      const Node* inner = reinterpret_cast<const ExplainStmt*>(node)->query;
      if (inner != nullptr && IsA(inner, CreateTableAsStmt)) inner = reinterpret_cast<const CreateTableAsStmt*>(inner)->query;
      else if (inner != nullptr && IsA(inner, DeclareCursorStmt)) inner = reinterpret_cast<const DeclareCursorStmt*>(inner)->query;
      out.node = ConvertQuery(inner);
      if (HasOption(reinterpret_cast<const ExplainStmt*>(node)->options, "analyze")) out.tag = "ANALYZE";
      return true;
    }
    case T_AlterTypeStmt: out.kind = StatementKind::kOther; out.tag = "AlterTypeStmt"; return true;
    case T_ConstraintsSetStmt: out.kind = StatementKind::kOther; out.tag = "ConstraintsSetStmt"; return true;
    case T_AlterOwnerStmt: out.kind = StatementKind::kOther; out.tag = "AlterOwnerStmt"; return true;
    // What the server refuses inside a transaction (run/units.cc).
    case T_DiscardStmt: out.kind = StatementKind::kOther; out.tag = "DiscardStmt"; return true;
    case T_AlterSystemStmt: out.kind = StatementKind::kOther; out.tag = "AlterSystemStmt"; return true;
    case T_CreateTableSpaceStmt: out.kind = StatementKind::kOther; out.tag = "CreateTableSpaceStmt"; return true;
    case T_DropTableSpaceStmt: out.kind = StatementKind::kOther; out.tag = "DropTableSpaceStmt"; return true;
    case T_CreateSubscriptionStmt: out.kind = StatementKind::kOther; out.tag = "CreateSubscriptionStmt"; return true;
    case T_DropSubscriptionStmt: out.kind = StatementKind::kOther; out.tag = "DropSubscriptionStmt"; return true;
    case T_ExecuteStmt:
      Set<OtherObject>(out, StatementKind::kNotUnderstood)->name.name = Str(reinterpret_cast<const ExecuteStmt*>(node)->name);
      out.tag = "EXECUTE of a prepared statement";
      return true;
    default: return ConvertOther(node, out);
  }
}

}  // namespace pawl::sql
