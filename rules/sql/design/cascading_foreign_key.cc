// cascading-foreign-key: a foreign key with CASCADE.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kCascadingForeignKey;

namespace {

void Check(const StatementContext& context) {
  for (const NewConstraint& k : NewConstraints(context, sql::ConstraintKind::kForeignKey)) {
    const bool deletes = k.constraint->on_delete == 'c';
    if (!deletes && k.constraint->on_update != 'c') continue;
    context.Report(kCascadingForeignKey, k.constraint->span,
                   deletes ? absl::StrCat("deleting a row of ", Quoted(k.constraint->referenced), " deletes its rows of ", Quoted(*k.table))
                           : absl::StrCat("changing a key of ", Quoted(k.constraint->referenced), " changes its rows of ", Quoted(*k.table)))
        .Why("one statement on one table then writes to others, unseen by whoever wrote it: a large delete locks and rewrites rows there, "
             "and rows that were deleted by mistake take all that hung on them along")
        .Help(deletes ? "use ON DELETE RESTRICT or NO ACTION, and delete the dependent rows by name, in batches"
                      : "use ON UPDATE NO ACTION: a key that must change is no key");
  }
}

}  // namespace

constinit const Rule kCascadingForeignKey = {
    .info = {
        .name = "cascading-foreign-key",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a foreign key with CASCADE",
        .page = {
            .what = "A foreign key is declared `ON DELETE CASCADE` or `ON UPDATE CASCADE`.",
            .why = "A `DELETE` of one row can delete millions in other tables, in one transaction, without an index perhaps; and what a "
                   "mistake deletes grows with each such key.",
            .instead = "`ON DELETE RESTRICT`, and delete dependent rows first, where it is seen.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Constraints, Foreign Keys",
            .elsewhere = "pgrubic CT001 CT002",
            .bad = "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id) ON DELETE CASCADE);\n"
                   "CREATE INDEX IF NOT EXISTS items_order_id ON items (order_id);\n",
            .good = "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id) ON DELETE RESTRICT);\n"
                    "CREATE INDEX IF NOT EXISTS items_order_id ON items (order_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
