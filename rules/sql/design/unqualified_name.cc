// unqualified-name: a name without its schema.
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kUnqualifiedName;

namespace {

// Names that the statement makes, changes or removes, where search_path decides which object is meant.
struct Names {
  std::vector<const sql::Name*> list;
  void Add(const sql::Name& n) {
    if (!n.empty() && n.schema.empty() && !IsPlaceholder(n.name)) list.push_back(&n);
  }
  void AddAll(List<sql::Name> names) {
    for (const sql::Name& n : names) Add(n);
  }
};

bool InSchemas(sql::ObjectType type) {
  using enum sql::ObjectType;
  switch (type) {
    case kTable: case kIndex: case kView: case kMaterializedView: case kSequence: case kForeignTable: case kType: case kDomain:
    case kFunction: case kProcedure: case kRoutine: case kAggregate: case kColumn: case kConstraint: case kDomainConstraint:
    case kAttribute: return true;
    default: return false;
  }
}

Names NamesOf(const StatementContext& context) {
  Names out;
  const sql::Statement& s = context.statement;
  switch (s.kind) {
    case sql::StatementKind::kCreateTable: {
      const auto& create = s.As<sql::CreateTable>();
      if (!create.temporary) out.Add(create.name);
      break;
    }
    case sql::StatementKind::kCreateIndex: out.Add(s.As<sql::CreateIndex>().table); break;
    case sql::StatementKind::kAlterTable: out.Add(s.As<sql::AlterTable>().name); break;
    case sql::StatementKind::kDrop: {
      const auto& drop = s.As<sql::Drop>();
      if (!drop.tables.empty()) out.AddAll(drop.tables);  // a trigger, rule or policy: its table
      else if (InSchemas(drop.type)) out.AddAll(drop.names);
      break;
    }
    case sql::StatementKind::kRename: {
      const auto& rename = s.As<sql::Rename>();
      if (InSchemas(rename.type) || !rename.old_name.empty()) out.Add(rename.name);
      break;
    }
    case sql::StatementKind::kSetSchema: out.Add(s.As<sql::SetSchema>().name); break;
    case sql::StatementKind::kTruncate: out.AddAll(s.As<sql::Truncate>().tables); break;
    case sql::StatementKind::kCreateTrigger: out.Add(s.As<sql::CreateTrigger>().table); break;
    case sql::StatementKind::kCreateFunction: out.Add(s.As<sql::CreateFunction>().name); break;
    case sql::StatementKind::kCreateType: out.Add(s.As<sql::CreateType>().name); break;
    case sql::StatementKind::kAlterEnum: out.Add(s.As<sql::AlterEnum>().name); break;
    case sql::StatementKind::kCreateDomain: out.Add(s.As<sql::CreateDomain>().name); break;
    case sql::StatementKind::kAlterDomain: out.Add(s.As<sql::AlterDomain>().name); break;
    case sql::StatementKind::kCreateSequence: {
      const auto& create = s.As<sql::CreateSequence>();
      if (!create.temporary) out.Add(create.name);
      break;
    }
    case sql::StatementKind::kCreateView: {
      const auto& view = s.As<sql::CreateView>();
      if (!view.temporary) out.Add(view.name);
      break;
    }
    case sql::StatementKind::kQuery: {
      const auto& query = s.As<sql::Query>();
      if (query.kind != sql::QueryKind::kSelect || query.select_into) out.Add(query.target);
      break;
    }
    default: break;
  }
  return out;
}

// SET search_path, or set_config() of it, stands before the statement: the script says itself where its names belong.
bool SaysSearchPath(const StatementContext& context) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->span.begin >= context.facts.top->span.begin) return false;
    if (s->kind == sql::StatementKind::kVariableSet && s->As<sql::VariableSet>().name == "search_path" && !s->As<sql::VariableSet>().reset) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  if (context.facts.top != &context.statement) return;  // inside a body: the function's own search_path counts
  Names names = NamesOf(context);
  std::erase_if(names.list, [&](const sql::Name* n) { return IsTemporary(context, *n); });
  if (names.list.empty() || SaysSearchPath(context)) return;
  const sql::Name& first = *names.list.front();
  const size_t more = names.list.size() - 1;
  context.Report(kUnqualifiedName, first.span.empty() ? context.statement.span : first.span,
                 absl::StrCat("which schema `", first.name, "` is in", more == 0 ? "" : absl::StrCat(" (and ", more, " more)"), " depends on search_path"))
      .Why("the role that runs the migration, its database or a connection string may set another search_path: the statement then makes "
           "or changes an object in another schema, or fails")
      .Help(absl::StrCat("write the schema: `public.", first.name, "`, or SET search_path at the start of the script"));
}

}  // namespace

constinit const Rule kUnqualifiedName = {
    .info = {
        .name = "unqualified-name",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a name without its schema",
        .page = {
            .what = "A statement names the object that it makes, changes, drops or writes to without its schema.",
            .why = "The object is looked up, and made, by `search_path`, which roles, databases, connection strings and poolers set. In "
                   "another session the same text can mean another table.",
            .instead = "`ALTER TABLE public.orders ...`, or `SET search_path TO app` at the head of the script.",
            .fix_safety = "",
            .versions = "",
            .limits = "Relations that a query only reads are not judged, nor are the bodies of functions and DO blocks.",
            .references = "PostgreSQL documentation, Schemas, The Schema Search Path",
            .elsewhere = "squawk require-table-schema; pgsafe require-schema-qualified; pgrubic SM001",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);\n",
            .good = "CREATE TABLE IF NOT EXISTS public.orders (id bigint PRIMARY KEY);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kAlterTable, sql::StatementKind::kDrop, sql::StatementKind::kRename, sql::StatementKind::kSetSchema, sql::StatementKind::kTruncate, sql::StatementKind::kCreateTrigger, sql::StatementKind::kCreateFunction, sql::StatementKind::kCreateType, sql::StatementKind::kAlterEnum, sql::StatementKind::kCreateDomain, sql::StatementKind::kAlterDomain, sql::StatementKind::kCreateSequence, sql::StatementKind::kCreateView, sql::StatementKind::kQuery},
    .check_statement = Check,
};

}  // namespace pawl
