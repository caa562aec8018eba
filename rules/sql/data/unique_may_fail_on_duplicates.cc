// unique-may-fail-on-duplicates: a unique index or key over rows that nothing kept apart so far. What building it locks is said by
// index-not-concurrent, unique-constraint-without-index and primary-key-without-index.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kUniqueMayFailOnDuplicates;

namespace {

// A condition without its white space, parentheses and case, to compare two of them.
std::string Condition(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (!absl::ascii_isspace(c) && c != '(' && c != ')') out.push_back(absl::ascii_tolower(c));
  }
  return out;
}

// Uniqueness over fewer of these columns, or the same, is there already: for all rows, or for those of the same condition.
bool Implied(const CatalogTable* table, const std::vector<std::string>& columns, std::string_view where = {}) {
  if (table == nullptr) return false;
  for (const CatalogIndex& i : table->indexes) {
    if (!i.unique || i.columns.empty()) continue;
    if (i.partial) {
      const size_t at = i.definition.rfind(" where ");
      if (where.empty() || at == std::string::npos || Condition(std::string_view(i.definition).substr(at + 7)) != Condition(where)) continue;
    }
    bool subset = true;
    for (const std::string& c : i.columns) subset = subset && !c.empty() && HasColumn(columns, c);
    if (subset) return true;
  }
  return false;
}

// Each row has a value of its own in one of the columns, or a null, which equals nothing.
bool CannotCollide(const StatementContext& context, const CatalogTable* table, const std::vector<std::string>& columns, bool nulls_equal) {
  if (table == nullptr) return false;
  for (const std::string& name : columns) {
    const CatalogColumn* c = table->FindColumn(name);
    if (c == nullptr) continue;
    if (c->identity) return true;
    const bool new_here = c->origin.migration == context.script.migration_index && table->origin.migration != context.script.migration_index;
    if (new_here && !nulls_equal && !c->backfilled && !c->has_default && !c->not_null) return true;
  }
  return false;
}

// The script has looked after the rows: it deleted from the table, or updated one of the columns.
bool Cleaned(const StatementContext& context, const sql::Name& table, const std::vector<std::string>& columns) {
  if (RemovedRowsHere(context, table)) return true;
  const std::string key = context.catalog.Resolve(table);
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement->kind != sql::StatementKind::kQuery) continue;
    const auto& q = f.statement->As<sql::Query>();
    if (q.kind != sql::QueryKind::kUpdate || context.catalog.Resolve(q.target) != key) continue;
    for (const sql::Assignment& a : q.assignments) {
      if (HasColumn(columns, a.column)) return true;
    }
  }
  return false;
}

// The index's elements as written, between the parentheses behind the table's name and method; "" where that is not to be had.
std::string ElementsText(const StatementContext& context, const sql::CreateIndex& index) {
  sql::Scanner scanner(context.script.file->text(), {index.table.span.end, context.statement.span.end});
  int depth = 0;
  uint32_t begin = 0;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen && depth++ == 0) begin = t.span.end;
    if (t.kind == sql::TokenKind::kClose && --depth == 0) return std::string(absl::StripAsciiWhitespace(context.Text({begin, t.span.begin})));
  }
  return "";
}

std::string WhereText(const StatementContext& context, const sql::CreateIndex& index) {
  if (index.where == nullptr) return "";
  sql::Scanner scanner(context.script.file->text(), {index.table.span.end, context.statement.span.end});
  int depth = 0;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen) ++depth;
    if (t.kind == sql::TokenKind::kClose) --depth;
    if (depth == 0 && scanner.Is(t, "where")) return absl::StrCat(" WHERE ", absl::StripAsciiWhitespace(context.Text({t.span.end, context.statement.span.end})));
  }
  return "";
}

void ReportUnique(const StatementContext& context, Span span, const sql::Name& table, const std::string& what, const std::string& keys, const std::string& where, bool nulls_equal, const Effect* effect) {
  FindingBuilder f = context.Report(kUniqueMayFailOnDuplicates, span, absl::StrCat(what, " fails if two rows of ", Quoted(table), " have the same ", keys.empty() ? "key" : absl::StrCat("`", keys, "`")));
  f.Why("nothing that the history knows has kept such rows out, and the server finds the first pair only after it has read the table, in the middle of the deploy");
  if (!keys.empty()) {
    f.Help(absl::StrCat("look first: SELECT ", keys, ", count(*) FROM ", sql::ToString(table), where, " GROUP BY ", keys, " HAVING count(*) > 1",
                        nulls_equal ? "" : " (a group with a null does not count: nulls are distinct)"));
  } else {
    f.Help("look first for groups of equal rows with GROUP BY ... HAVING count(*) > 1");
  }
  if (effect != nullptr) f.Lock(*effect);
}

void CheckIndex(const StatementContext& context, const sql::CreateIndex& index) {
  if (!index.unique || index.only || !IsLive(context, index.table)) return;
  const CatalogTable* table = context.catalog.FindTable(index.table);
  if (index.if_not_exists && table != nullptr && !index.name.empty() && table->FindIndex(index.name) != nullptr) return;
  std::vector<std::string> columns;
  bool plain = true;
  for (const sql::IndexElement& e : index.elements) {
    if (e.column.empty()) {
      plain = false;
    } else {
      columns.emplace_back(e.column);
    }
  }
  const std::string where = WhereText(context, index);
  if (Implied(table, columns, absl::StripPrefix(where, " WHERE ")) || CannotCollide(context, table, columns, index.nulls_not_distinct) || Cleaned(context, index.table, columns)) return;
  // Operator classes and orders do not belong into a GROUP BY: only an index of bare columns and expressions gives its text.
  bool bare = true;
  for (const sql::IndexElement& e : index.elements) bare = bare && e.opclass.empty() && e.collation.empty() && !e.descending;
  const std::string keys = plain ? Commas(columns) : bare ? ElementsText(context, index) : "";
  ReportUnique(context, index.table.span, index.table, index.name.empty() ? "the unique index" : absl::StrCat("unique index `", index.name, "`"), keys, where,
               index.nulls_not_distinct, context.EffectOn(context.catalog.Resolve(index.table)));
}

void CheckAlter(const StatementContext& context, const sql::AlterTable& alter) {
  if (!IsLive(context, alter.name)) return;
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->using_index.empty()) {
      const sql::Constraint& k = *c.constraint;
      const bool key = k.kind == sql::ConstraintKind::kPrimaryKey;
      if (!key && k.kind != sql::ConstraintKind::kUnique) continue;
      if (k.without_overlaps) continue;
      std::vector<std::string> columns(k.columns.begin(), k.columns.end());
      // Columns that the same statement adds have no value yet, or one that is said below.
      bool added = false;
      for (const sql::AlterCommand& other : alter.commands) added = added || (other.kind == sql::AlterKind::kAddColumn && other.column != nullptr && HasColumn(columns, other.column->name));
      if (added || Implied(table, columns) || CannotCollide(context, table, columns, k.nulls_not_distinct) || Cleaned(context, alter.name, columns)) continue;
      const std::string what = absl::StrCat(key ? "the primary key" : "unique constraint", k.name.empty() ? "" : absl::StrCat(" `", k.name, "`"));
      ReportUnique(context, c.span, alter.name, k.name.empty() && !key ? "the unique constraint" : what, Commas(columns), "", key || k.nulls_not_distinct, context.EffectOf(c));
    } else if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr) {
      const sql::Column& column = *c.column;
      if (column.Find(sql::ConstraintKind::kUnique) == nullptr && column.Find(sql::ConstraintKind::kPrimaryKey) == nullptr) continue;
      const sql::Constraint* d = column.Find(sql::ConstraintKind::kDefault);
      if (d == nullptr || d->expression == nullptr || IsNullConstant(d->expression) || IsVolatile(*d->expression, context.catalog, nullptr)) continue;
      if (c.if_not_exists && table != nullptr && table->FindColumn(column.name) != nullptr) continue;
      FindingBuilder f = context.Report(kUniqueMayFailOnDuplicates, column.name_span.empty() ? c.span : column.name_span,
                                        absl::StrCat("unique column `", column.name, "` fails as soon as ", Quoted(alter.name), " has two rows: both get the default"));
      f.Why("the default is worked out once and given to every row, so the unique index finds duplicates at once and the deploy stops here");
      f.Help(absl::StrCat("add `", column.name, "` without the default, fill it with a value for each row, then build a unique index CONCURRENTLY and add the constraint USING INDEX"));
      if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
    }
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kCreateIndex) return CheckIndex(context, context.statement.As<sql::CreateIndex>());
  CheckAlter(context, context.statement.As<sql::AlterTable>());
}

}  // namespace

constinit const Rule kUniqueMayFailOnDuplicates = {
    .info = {
        .name = "unique-may-fail-on-duplicates",
        .group = RuleGroup::kData,
        .severity = Severity::kNote,
        .summary = "uniqueness on rows that are there already: the query to run first",
        .page = {
            .what = "A unique index, UNIQUE constraint or primary key is built over rows that nothing has kept apart so far. If two have the same key the statement fails with `could not create "
                    "unique index ... Key (...) is duplicated`.",
            .why = "Development data seldom has the duplicates that years of production have. A failed `CREATE UNIQUE INDEX CONCURRENTLY` also leaves an `INVALID` index behind, which goes on refusing "
                   "duplicates.",
            .instead = "Run the query of the finding against production before the deploy: `SELECT a, b, count(*) FROM t GROUP BY a, b HAVING count(*) > 1`. Merge or delete what it shows, and stop the "
                       "application from writing more, then build the index.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where a unique index over the same or fewer columns is known (over all rows, or those of the same condition), for identity columns, for a new column that is still null everywhere, and where the script deletes rows of the "
                      "table or updates one of the columns before.",
            .references = "PostgreSQL documentation, Unique Indexes\n"
                          "PostgreSQL documentation, CREATE INDEX, \"Building Indexes Concurrently\"",
            .elsewhere = "atlas MF101 MF102",
            .bad = "CREATE UNIQUE INDEX CONCURRENTLY users_email_idx ON users (email);\n",
            .good = "CREATE INDEX CONCURRENTLY users_email_idx ON users (email);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex, sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
