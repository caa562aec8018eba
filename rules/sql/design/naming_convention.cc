// naming-convention: a name that does not fit the pattern that the project has agreed on for its kind.
#include "absl/strings/str_cat.h"
#include "rules/conventions.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kNamingConvention;

namespace {

void Judge(const StatementContext& context, NamedKind kind, std::string_view name, Span span) {
  if (name.empty() || IsPlaceholder(name)) return;
  const Conventions* conventions = context.script.settings->conventions;
  const std::string_view pattern = BrokenPattern(conventions, kind, name);
  if (pattern.empty()) return;
  const bool agreed = conventions != nullptr && (conventions->any_name != nullptr || conventions->names[static_cast<size_t>(kind)] != nullptr);
  context.Report(kNamingConvention, span, absl::StrCat("the ", Words(kind), " name `", name, "` does not fit `", pattern, "`"))
      .Why(agreed ? std::string("`naming` in pawl.toml asks for this pattern: a name that everybody can guess is found by queries, scripts and people")
                  : std::string("a name with capitals, blanks or signs must be written in quotes, exactly so, in each query; without quotes the server looks for another name"))
      .Help("choose a name that fits before anything refers to it");
}

void JudgeConstraint(const StatementContext& context, const sql::Constraint& k) {
  switch (k.kind) {
    case sql::ConstraintKind::kPrimaryKey: return Judge(context, NamedKind::kPrimaryKey, k.name, k.span);
    case sql::ConstraintKind::kUnique: return Judge(context, NamedKind::kUnique, k.name, k.span);
    case sql::ConstraintKind::kForeignKey: return Judge(context, NamedKind::kForeignKey, k.name, k.span);
    case sql::ConstraintKind::kCheck: return Judge(context, NamedKind::kCheck, k.name, k.span);
    default: return;
  }
}

void JudgeColumn(const StatementContext& context, const sql::Column& c) {
  Judge(context, NamedKind::kColumn, c.name, c.name_span);
  for (const sql::Constraint* k : c.constraints) JudgeConstraint(context, *k);
}

void JudgeRename(const StatementContext& context, const sql::Rename& r) {
  const Span span = context.statement.span;
  switch (r.type) {
    case sql::ObjectType::kTable: return r.old_name.empty() ? Judge(context, NamedKind::kTable, r.new_name, span) : void();
    case sql::ObjectType::kColumn: return Judge(context, NamedKind::kColumn, r.new_name, span);
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView: return Judge(context, NamedKind::kView, r.new_name, span);
    case sql::ObjectType::kIndex: return Judge(context, NamedKind::kIndex, r.new_name, span);
    case sql::ObjectType::kSequence: return Judge(context, NamedKind::kSequence, r.new_name, span);
    case sql::ObjectType::kSchema: return Judge(context, NamedKind::kSchema, r.new_name, span);
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain: return Judge(context, NamedKind::kType, r.new_name, span);
    case sql::ObjectType::kTrigger: return Judge(context, NamedKind::kTrigger, r.new_name, span);
    default: return;
  }
}

void Check(const StatementContext& context) {
  const sql::Statement& s = context.statement;
  switch (s.kind) {
    case sql::StatementKind::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      if (t.temporary) return;
      Judge(context, t.materialized_view ? NamedKind::kView : NamedKind::kTable, t.name.name, t.name.span);
      for (const sql::Column* c : t.columns) JudgeColumn(context, *c);
      for (const sql::Constraint* k : t.constraints) JudgeConstraint(context, *k);
      return;
    }
    case sql::StatementKind::kAlterTable: {
      const auto& a = s.As<sql::AlterTable>();
      if (IsTemporary(context, a.name)) return;
      for (const sql::AlterCommand& c : a.commands) {
        if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr) JudgeColumn(context, *c.column);
        if ((c.kind == sql::AlterKind::kAddConstraint || c.kind == sql::AlterKind::kAddIndexConstraint) && c.constraint != nullptr) JudgeConstraint(context, *c.constraint);
      }
      return;
    }
    case sql::StatementKind::kCreateIndex: return Judge(context, NamedKind::kIndex, s.As<sql::CreateIndex>().name, s.span);
    case sql::StatementKind::kCreateView: {
      const auto& v = s.As<sql::CreateView>();
      return v.temporary ? void() : Judge(context, NamedKind::kView, v.name.name, v.name.span);
    }
    case sql::StatementKind::kCreateSequence: {
      const auto& q = s.As<sql::CreateSequence>();
      return q.temporary ? void() : Judge(context, NamedKind::kSequence, q.name.name, q.name.span);
    }
    case sql::StatementKind::kCreateSchema: return Judge(context, NamedKind::kSchema, s.As<sql::CreateSchema>().name, s.span);
    case sql::StatementKind::kCreateFunction: return Judge(context, NamedKind::kFunction, s.As<sql::CreateFunction>().name.name, s.As<sql::CreateFunction>().name.span);
    case sql::StatementKind::kCreateTrigger: return Judge(context, NamedKind::kTrigger, s.As<sql::CreateTrigger>().name, s.span);
    case sql::StatementKind::kCreateType: return Judge(context, NamedKind::kType, s.As<sql::CreateType>().name.name, s.As<sql::CreateType>().name.span);
    case sql::StatementKind::kCreateDomain: return Judge(context, NamedKind::kType, s.As<sql::CreateDomain>().name.name, s.As<sql::CreateDomain>().name.span);
    case sql::StatementKind::kRename: return JudgeRename(context, s.As<sql::Rename>());
    default: return;
  }
}

}  // namespace

constinit const Rule kNamingConvention = {
    .info = {
        .name = "naming-convention",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a name does not fit the pattern that pawl.toml asks for",
        .page = {
            .what = "A table, column, index, constraint or another object gets a name that does not fit the pattern which `[lint.naming]` in pawl.toml gives for its kind. Without "
                    "patterns, names are lower-case letters, digits and underscores.",
            .why = "Queries, scripts and people find what is named as they expect. A name with capitals or blanks has to be written in quotes everywhere, and a query that forgets "
                   "them fails.",
            .instead = "A name that fits, chosen before anything refers to it: renaming later breaks running code.",
            .fix_safety = "",
            .versions = "",
            .limits = "Keys of `[lint.naming]` are `any`, `schema`, `table`, `view`, `column`, `index`, `primary-key`, `foreign-key`, `unique`, `check`, `sequence`, `function`, `trigger` and "
                      "`type`; the values are regular expressions (RE2) that the whole name must match, as in `index = \".*_idx\"`. Names that the server makes up, and those of temporary tables, are not judged.",
            .references = "PostgreSQL documentation, Identifiers and Key Words",
            .elsewhere = "atlas NM101; MigrationPilot MP042; pgsafe naming-convention",
            .bad = "CREATE TABLE IF NOT EXISTS \"Orders\" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kCreateView,
              sql::StatementKind::kCreateSequence, sql::StatementKind::kCreateSchema, sql::StatementKind::kCreateFunction, sql::StatementKind::kCreateTrigger,
              sql::StatementKind::kCreateType, sql::StatementKind::kCreateDomain, sql::StatementKind::kRename},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint, sql::AlterKind::kAddIndexConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
