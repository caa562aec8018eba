// if-not-exists-hides-difference: IF NOT EXISTS on something that exists with another definition.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kIfNotExistsHidesDifference;

namespace {

constexpr std::string_view kWhy = "the server answers with a notice and changes nothing: this server goes on without the difference, a new one gets it, and the two drift apart";

// serial columns are integers once they are made.
std::string_view Stored(std::string_view type) {
  if (type == "serial" || type == "serial4") return "int4";
  if (type == "bigserial" || type == "serial8") return "int8";
  if (type == "smallserial" || type == "serial2") return "int2";
  return type;
}

// Both known and not the same. Types of the history may be written with or without their schema.
bool TypesDiffer(std::string_view known, const sql::TypeName* written) {
  if (known.empty() || written == nullptr || written->percent_type) return false;
  const std::string text = TypeText(*written);
  const std::string_view a = Stored(known), b = Stored(text);
  return a != b && !absl::EndsWith(a, absl::StrCat(".", b)) && !absl::EndsWith(b, absl::StrCat(".", a));
}

// The same script adds the column later: nothing stays hidden.
bool AddsLater(const StatementContext& context, const CatalogTable& table, std::string_view column) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->kind != sql::StatementKind::kAlterTable || s->span.begin < context.facts.top->span.begin) continue;
    const auto& alter = s->As<sql::AlterTable>();
    if (context.catalog.Resolve(alter.name) != table.key) continue;
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->name == column) return true;
    }
  }
  return false;
}

// The script has dropped something of that name before, perhaps in a schema or under a condition that the catalogue cannot follow.
bool DroppedBefore(const StatementContext& context, std::string_view name) {
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement->kind == sql::StatementKind::kDrop) {
      for (const sql::Name& n : f.statement->As<sql::Drop>().names) {
        if (n.name == name) return true;
      }
    } else if (f.statement->kind == sql::StatementKind::kAlterTable) {
      for (const sql::AlterCommand& c : f.statement->As<sql::AlterTable>().commands) {
        if ((c.kind == sql::AlterKind::kDropConstraint || c.kind == sql::AlterKind::kDropColumn) && c.name == name) return true;
      }
    }
  }
  return false;
}

void NoteOrigin(FindingBuilder& f, const Origin& origin) {
  // Other files of the set stay alive for the whole run.
  if (origin.file != nullptr) f.Note("made here", origin.file, origin.span);
}

void CheckTable(const StatementContext& context, const sql::CreateTable& create) {
  if (!create.if_not_exists || create.as_query != nullptr || create.temporary || !create.partition_of.empty()) return;
  const CatalogTable* table = context.catalog.FindTable(create.name);
  if (table == nullptr || table->temporary || DroppedBefore(context, create.name.name)) return;
  if (table->type != sql::ObjectType::kTable && table->type != sql::ObjectType::kForeignTable) {
    FindingBuilder f = context.Report(kIfNotExistsHidesDifference, create.name.span,
                                      absl::StrCat("CREATE TABLE IF NOT EXISTS does nothing: ", Quoted(create.name), " is a ", table->type == sql::ObjectType::kView ? "view" : "materialized view"));
    f.Why(std::string(kWhy)).Help("choose another name, or drop the other object in a migration of its own");
    return NoteOrigin(f, table->origin);
  }
  if (!table->complete) return;
  const sql::Column* first = nullptr;
  std::string what;
  size_t more = 0;
  for (const sql::Column* c : create.columns) {
    const CatalogColumn* known = table->FindColumn(c->name);
    std::string difference;
    if (known == nullptr) {
      if (!AddsLater(context, *table, c->name)) difference = absl::StrCat("it has no column `", c->name, "`");
    } else if (TypesDiffer(known->type, c->type)) {
      difference = absl::StrCat("its column `", c->name, "` is ", known->type, ", not ", TypeText(*c->type));
    }
    if (difference.empty()) continue;
    if (first == nullptr) {
      first = c;
      what = std::move(difference);
    } else {
      ++more;
    }
  }
  if (first == nullptr) return;
  FindingBuilder f = context.Report(kIfNotExistsHidesDifference, first->name_span,
                                    absl::StrCat("CREATE TABLE IF NOT EXISTS does nothing: ", Quoted(create.name), " exists, and ", what, more == 0 ? "" : absl::StrCat(" (and ", more, " more)")));
  f.Why(std::string(kWhy)).Help(absl::StrCat("say the difference with ALTER TABLE ", sql::ToString(create.name), ", or leave the table out of this file"));
  NoteOrigin(f, table->origin);
}

void CheckIndex(const StatementContext& context, const sql::CreateIndex& create) {
  if (!create.if_not_exists || create.name.empty()) return;
  const CatalogTable* own = context.catalog.FindTable(create.table);
  // An index lies in its table's schema.
  const std::string key = context.catalog.Resolve(create.table);
  const std::string_view schema = std::string_view(key).substr(0, key.find('.'));
  const CatalogIndex* index = nullptr;
  const CatalogTable* table = context.catalog.FindIndex({schema, create.name, {}}, &index);
  if (table == nullptr || index == nullptr || DroppedBefore(context, create.name)) return;
  std::string difference;
  if (table != own) {
    if (table->key == key) return;
    difference = absl::StrCat("it is an index of ", Quoted(table->key));
  } else if (index->unique != create.unique) {
    difference = create.unique ? "it is not unique" : "it is unique";
  } else {
    std::vector<std::string_view> columns;
    for (const sql::IndexElement& e : create.elements) columns.push_back(e.column);
    const bool same = std::equal(columns.begin(), columns.end(), index->columns.begin(), index->columns.end());
    if (same && index->partial == (create.where != nullptr) && (index->method.empty() || create.method.empty() || index->method == create.method)) return;
    difference = !same ? "on other columns" : index->partial != (create.where != nullptr) ? (index->partial ? "for a part of the rows only" : "for all rows") : absl::StrCat("of method ", index->method);
    difference = absl::StrCat("it is ", difference);
  }
  FindingBuilder f = context.Report(kIfNotExistsHidesDifference, create.keyword_span.empty() ? create.table.span : create.keyword_span,
                                    absl::StrCat("CREATE INDEX IF NOT EXISTS does nothing: `", create.name, "` exists, and ", difference));
  f.Why(std::string(kWhy)).Help("give the new index another name and drop the old one when the new one is there");
  NoteOrigin(f, index->origin);
}

void CheckAlter(const StatementContext& context, const sql::AlterTable& alter) {
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || !c.if_not_exists || c.column == nullptr) continue;
    const CatalogColumn* known = table->FindColumn(c.column->name);
    if (known == nullptr || !TypesDiffer(known->type, c.column->type) || DroppedBefore(context, c.column->name)) continue;
    FindingBuilder f = context.Report(kIfNotExistsHidesDifference, c.column->name_span,
                                      absl::StrCat("ADD COLUMN IF NOT EXISTS does nothing: `", c.column->name, "` of ", Quoted(alter.name), " exists and is ", known->type, ", not ", TypeText(*c.column->type)));
    f.Why(std::string(kWhy)).Help("change the type in steps (a new column, a backfill, then the switch), or leave the column out of this file");
    NoteOrigin(f, known->origin);
  }
}

void Check(const StatementContext& context) {
  // A second attempt for where the first one failed, or a branch: what was made before may not be there.
  if (context.statement.guarded || context.statement.conditional) return;
  switch (context.statement.kind) {
    case sql::StatementKind::kCreateTable: return CheckTable(context, context.statement.As<sql::CreateTable>());
    case sql::StatementKind::kCreateIndex: return CheckIndex(context, context.statement.As<sql::CreateIndex>());
    default: return CheckAlter(context, context.statement.As<sql::AlterTable>());
  }
}

}  // namespace

constinit const Rule kIfNotExistsHidesDifference = {
    .info = {
        .name = "if-not-exists-hides-difference",
        .group = RuleGroup::kRepeatable,
        .severity = Severity::kWarning,
        .summary = "IF NOT EXISTS on something that the history has made with another definition: a silent no-op",
        .page = {
            .what = "`CREATE TABLE`, `CREATE INDEX` or `ADD COLUMN` with `IF NOT EXISTS` names something that an earlier statement has made, with another definition: a column is missing or has "
                    "another type, an index has other columns.",
            .why = "The server only looks at the name, says so in a notice and changes nothing. The author takes the new definition for applied; the code that needs it fails later, and a database "
                   "that is built from scratch may differ from the one that grew.",
            .instead = "Say the difference with `ALTER TABLE`, or give a changed index a new name. Keep `IF NOT EXISTS` for repeating the same definition.",
            .fix_safety = "",
            .versions = "",
            .limits = "Compares column names and types, and an index's table, columns, uniqueness, method and WHERE; not defaults, constraints or options. Columns that the existing table has "
                      "beyond the new definition are not flagged, nor those that the same file adds later.",
            .references = "PostgreSQL documentation, CREATE TABLE, IF NOT EXISTS (\"there is no guarantee that the existing relation is anything like the one that would have been created\")",
            .elsewhere = "",
            .bad = "CREATE TABLE IF NOT EXISTS plans (id bigint PRIMARY KEY, name text NOT NULL);\n"
                   "CREATE TABLE IF NOT EXISTS plans (id bigint PRIMARY KEY, name text NOT NULL, price numeric);\n",
            .good = "CREATE TABLE IF NOT EXISTS plans (id bigint PRIMARY KEY, name text NOT NULL);\n"
                    "ALTER TABLE plans ADD COLUMN IF NOT EXISTS price numeric;\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
