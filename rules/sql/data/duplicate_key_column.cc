// duplicate-key-column: a column stands twice in a key or index.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDuplicateKeyColumn;

namespace {

std::string_view FirstTwice(List<std::string_view> names) {
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) return names[i];
    }
  }
  return {};
}

void CheckConstraint(const StatementContext& context, const sql::Constraint& k) {
  if (FirstTwice(k.columns).empty() && FirstTwice(k.referenced_columns).empty()) return;
  const std::string name = k.name.empty() ? "" : absl::StrCat(" `", k.name, "`");
  if (k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kUnique) {
    const std::string_view column = FirstTwice(k.columns);
    if (column.empty()) return;
    const bool key = k.kind == sql::ConstraintKind::kPrimaryKey;
    context.Report(kDuplicateKeyColumn, k.span, absl::StrCat("`", column, "` stands twice in ", key ? "the primary key" : name.empty() ? "the unique constraint" : "unique constraint", name))
        .Why(absl::StrCat("the server refuses the statement: column \"", column, "\" appears twice in ", key ? "primary key" : "unique", " constraint"))
        .Help("put in the column that was meant, or leave the second one away");
  } else if (k.kind == sql::ConstraintKind::kForeignKey) {
    const std::string_view column = FirstTwice(k.columns);
    const std::string_view other = FirstTwice(k.referenced_columns);
    if (column.empty() && other.empty()) return;
    context.Report(kDuplicateKeyColumn, k.span, absl::StrCat("`", column.empty() ? other : column, "` stands twice in ", name.empty() ? "the foreign key" : "foreign key", name))
        .Why(column.empty() ? std::string("the server refuses the statement: the referenced columns of a foreign key may not repeat")
                            : absl::StrCat("one value must then match two columns of ", Quoted(k.referenced), ", which rows with different values never do"))
        .Help("put in the column that was meant");
  }
}

bool SameElement(const sql::IndexElement& a, const sql::IndexElement& b) {
  // With another operator class or collation the second serves other queries.
  return !a.column.empty() && a.column == b.column && a.opclass == b.opclass && a.collation == b.collation;
}

void CheckIndex(const StatementContext& context, const sql::CreateIndex& index) {
  std::string_view twice;
  for (size_t i = 0; i < index.elements.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (SameElement(index.elements[i], index.elements[j])) twice = index.elements[i].column;
    }
  }
  bool included = false;
  if (twice.empty()) {
    twice = FirstTwice(index.include);
    for (std::string_view c : index.include) {
      for (const sql::IndexElement& e : index.elements) {
        if (twice.empty() && e.column == c && e.opclass.empty() && absl::EqualsIgnoreCase(index.method, "btree")) twice = c;
      }
    }
    included = !twice.empty();
  }
  if (twice.empty()) return;
  const std::string name = index.name.empty() ? "the index" : absl::StrCat("index `", index.name, "`");
  context.Report(kDuplicateKeyColumn, index.table.span, absl::StrCat(name, " on ", Quoted(index.table), " holds `", twice, "` twice"))
      .Why(absl::StrCat("each entry stores the value twice, for nothing: more disk and memory, slower writes", included ? "" : "; often the second was meant to be another column"))
      .Help(included ? absl::StrCat("leave `", twice, "` out of INCLUDE") : "put in the column that was meant, or leave the second one away");
}

void Check(const StatementContext& context) {
  switch (context.statement.kind) {
    case sql::StatementKind::kCreateTable: {
      const auto& t = context.statement.As<sql::CreateTable>();
      for (const sql::Constraint* k : t.constraints) CheckConstraint(context, *k);
      return;
    }
    case sql::StatementKind::kAlterTable:
      for (const sql::AlterCommand& c : context.statement.As<sql::AlterTable>().commands) {
        if (c.constraint != nullptr) CheckConstraint(context, *c.constraint);
      }
      return;
    case sql::StatementKind::kCreateIndex:
      return CheckIndex(context, context.statement.As<sql::CreateIndex>());
    default:
      return;
  }
}

}  // namespace

constinit const Rule kDuplicateKeyColumn = {
    .info = {
        .name = "duplicate-key-column",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "a column stands twice in a key or index",
        .page = {
            .what = "A primary key, UNIQUE or FOREIGN KEY constraint, or an index lists the same column twice.",
            .why = "Mostly another column was meant. The server refuses it in a primary key and in UNIQUE; an index takes it and stores each value twice; a foreign key takes it and then wants one value to "
                   "match two columns.",
            .instead = "Put in the column that was meant, or leave the second one away.",
            .fix_safety = "",
            .versions = "The same on 12 to 18.",
            .limits = "A column that an index holds with two operator classes or collations is left alone: that serves different queries.",
            .references = "PostgreSQL documentation, CREATE TABLE; CREATE INDEX (measured on 15)",
            .elsewhere = "",
            .bad = "CREATE INDEX CONCURRENTLY orders_idx ON orders (customer_id, customer_id);\n",
            .good = "CREATE INDEX CONCURRENTLY orders_idx ON orders (customer_id, created_at);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex},
    .check_statement = Check,
};

}  // namespace pawl
