// redundant-index: a new index that another one of the table already serves.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kRedundantIndex;

namespace {

// A plain btree over columns: no expression, WHERE, operator class, collation or order of its own. The catalogue keeps the last
// three only as text.
bool IsPlain(const CatalogIndex& i) {
  if (i.partial || i.columns.empty() || (!i.method.empty() && i.method != "btree")) return false;
  for (const std::string& c : i.columns) {
    if (c.empty()) return false;
  }
  if (i.of_constraint) return true;
  if (i.definition.empty()) return false;
  for (std::string_view word : {" desc", " nulls ", " collate ", "_ops", " include", " with ", " with("}) {
    if (absl::StrContains(i.definition, word)) return false;
  }
  return true;
}

bool IsPlain(const sql::CreateIndex& i) {
  if (i.where != nullptr || i.only || !i.include.empty() || i.elements.empty() || (!i.method.empty() && i.method != "btree")) return false;
  for (const sql::IndexElement& e : i.elements) {
    if (e.column.empty() || !e.opclass.empty() || !e.collation.empty() || e.descending) return false;
  }
  return true;
}

bool Starts(const std::vector<std::string>& columns, const sql::CreateIndex& with) {
  if (columns.size() < with.elements.size()) return false;
  for (size_t i = 0; i < with.elements.size(); ++i) {
    if (columns[i] != with.elements[i].column) return false;
  }
  return true;
}

// The script itself drops the index, or what owns it: the new one takes its place.
bool DropsIndex(const StatementContext& context, const CatalogTable& table, const CatalogIndex& index) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->kind == sql::StatementKind::kDrop) {
      for (const sql::Name& n : s->As<sql::Drop>().names) {
        if (n.name == index.name) return true;
      }
    } else if (s->kind == sql::StatementKind::kAlterTable && context.catalog.Resolve(s->As<sql::AlterTable>().name) == table.key) {
      for (const sql::AlterCommand& c : s->As<sql::AlterTable>().commands) {
        if (c.kind == sql::AlterKind::kDropConstraint && c.name == index.name) return true;
      }
    }
  }
  return false;
}

// An index of this migration over the same columns that the new unique one makes superfluous.
void CheckUnique(const StatementContext& context, const sql::CreateIndex& create, const CatalogTable& table) {
  for (const CatalogIndex& i : table.indexes) {
    if (i.unique || i.origin.migration != context.script.migration_index || i.columns.size() != create.elements.size() || !IsPlain(i) || !Starts(i.columns, create) || DropsIndex(context, table, i)) continue;
    FindingBuilder f = context.Report(kRedundantIndex, create.table.span, absl::StrCat("this unique index serves all that `", i.name, "` does on ", Quoted(create.table)));
    f.Why(absl::StrCat("both are over the same columns, every write keeps both up to date, and no query needs `", i.name, "` once the unique one is there"));
    f.Help(absl::StrCat("leave `", i.name, "` out"));
    if (i.origin.file != nullptr) f.Note(absl::StrCat("`", i.name, "` comes from here"), i.origin.file, i.origin.span);
    return;
  }
}

void Check(const StatementContext& context) {
  const auto& create = context.statement.As<sql::CreateIndex>();
  if (!IsPlain(create)) return;
  const CatalogTable* table = context.catalog.FindTable(create.table);
  if (table == nullptr || table->temporary) return;
  // A unique index is a promise, not only a way to find rows: it is never the one that is too many.
  if (create.unique) return CheckUnique(context, create, *table);
  for (const CatalogIndex& i : table->indexes) {
    if (i.name == create.name || !IsPlain(i) || !Starts(i.columns, create)) continue;
    const bool same = i.columns.size() == create.elements.size();
    // Building the same index again, concurrently, is how a bloated or renamed one is replaced; the old one goes later.
    if (same && create.concurrently && !i.unique) continue;
    if (DropsIndex(context, *table, i)) continue;
    std::string columns;
    for (const std::string& c : i.columns) absl::StrAppend(&columns, columns.empty() ? "" : ", ", c);
    FindingBuilder f = context.Report(kRedundantIndex, create.table.span,
                                      absl::StrCat(create.name.empty() ? "the new index" : absl::StrCat("index `", create.name, "`"), same ? " repeats `" : " is a prefix of `", i.name, "` (", columns, ") of ", Quoted(create.table)));
    f.Why(absl::StrCat("every write keeps both up to date, and both take space and cache, while `", i.name, "` already serves the queries that this one would"));
    f.Help(same ? "leave it out" : "leave it out, unless the longer index is much larger and this one is read very often");
    if (i.origin.file != nullptr) f.Note(absl::StrCat("`", i.name, "` comes from here"), i.origin.file, i.origin.span);
    return;
  }
}

}  // namespace

constinit const Rule kRedundantIndex = {
    .info = {
        .name = "redundant-index",
        .group = RuleGroup::kLocks,
        .severity = Severity::kNote,
        .summary = "a new index whose columns another index of the table already begins with",
        .page = {
            .what = "The columns of the new index are those of another index, or the first ones of a longer index, primary key or unique constraint of the same table.",
            .why = "A btree on (a, b) finds rows by a alone as well. The second index costs time at each write, space on disk and in the cache, and keeps updates from being heap-only.",
            .instead = "Leave the index out, or drop the shorter one when a longer one takes its place.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only plain btree indexes on columns are compared: no WHERE, expression, INCLUDE, operator class, collation or DESC. Unique indexes are never called redundant. "
                      "An equal index that is built concurrently is taken for the replacement of the old one. Only indexes that the history shows are known.",
            .references = "PostgreSQL documentation, Multicolumn Indexes",
            .elsewhere = "MigrationPilot MP100",
            .bad = "CREATE TABLE IF NOT EXISTS lines (order_id bigint, number int, PRIMARY KEY (order_id, number));\n"
                   "CREATE INDEX IF NOT EXISTS lines_order_idx ON lines (order_id);\n",
            .good = "CREATE TABLE IF NOT EXISTS lines (order_id bigint, number int, PRIMARY KEY (order_id, number));\n"
                    "CREATE INDEX IF NOT EXISTS lines_number_idx ON lines (number);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
