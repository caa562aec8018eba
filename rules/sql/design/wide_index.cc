// wide-index: an index over more than three columns.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kWideIndex;

namespace {

void Check(const StatementContext& context) {
  const auto& index = context.statement.As<sql::CreateIndex>();
  if (index.unique || index.elements.size() <= 3 || IsTemporary(context, index.table)) return;
  const std::string name = index.name.empty() ? "an index" : absl::StrCat("index `", index.name, "`");
  context.Report(kWideIndex, context.statement.span, absl::StrCat(name, " on ", Quoted(index.table), " has ", index.elements.size(), " columns"))
      .Why("each write keeps the index up to date, and columns behind the first that is searched by a range hardly narrow a search: they "
           "cost space and time for little")
      .Help("index the columns that narrow the search most; put columns that are only read into INCLUDE");
}

}  // namespace

constinit const Rule kWideIndex = {
    .info = {
        .name = "wide-index",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "an index over more than three columns",
        .page = {
            .what = "A non-unique index is made over more than three columns or expressions.",
            .why = "Wide keys make the index large and every write dearer. A b-tree narrows by the columns that are compared with `=`, "
                   "and by one more; those behind hardly help.",
            .instead = "Index the most selective columns first; take columns that are only read along with `INCLUDE`.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Indexes, Multicolumn Indexes",
            .elsewhere = "strong_migrations add_index_columns; pgrubic GN005; diesel-guard wide-index",
            .bad = "CREATE INDEX CONCURRENTLY orders_wide ON orders (tenant_id, status, customer_id, created_at);\n",
            .good = "CREATE INDEX CONCURRENTLY orders_tenant_status ON orders (tenant_id, status);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
