// sqlx: 20200101000000_name.sql, or 20200101000000_name.up.sql / .down.sql.
//
// Its names are golang-migrate's and others', so it is told by a Cargo.toml beside the folder or by its mark. It wraps a
// migration in a transaction; with `-- no-transaction` as the file's first line the whole text goes out as one simple query.
#include "absl/strings/match.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool Fits(const LayoutInput& input, const LayoutFile& f) {
  if (f.nested() || f.name.digits.empty() || f.name.separator != '_') return false;
  return (input.marks & kMarkSqlxNoTransaction) != 0 || input.HasHint("../Cargo.toml") || input.HasHint("../.sqlx");
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  std::vector<const LayoutFile*> scripts;
  for (const LayoutFile& f : input.files) {
    if (!f.nested() && !f.name.digits.empty() && f.name.separator == '_') {
      scripts.push_back(&f);
    } else if (!f.nested() && (f.name.direction || !f.name.digits.empty())) {
      AddStray(f, "does not match <number>_name.sql: sqlx skips files whose name does not begin with a number and an underscore", out);
    } else {
      out->rest.push_back(&f);
    }
  }
  SplitPairs(scripts, TransactionMode::kFile, [](const LayoutFile& f) { return f.name.digits; }, out);
  for (Migration& m : out->migrations) {
    for (std::optional<ScriptRef>* script : {&m.up, &m.down}) {
      if (*script && absl::StartsWith((*script)->file->text(), "-- no-transaction")) (*script)->transaction = TransactionMode::kSimpleQuery;
    }
  }
}

}  // namespace

extern const LayoutSpec kSqlxLayout;
// Over golang-migrate, whose names are the same: a mark in one file, or the Cargo.toml, speaks for the whole folder.
const LayoutSpec kSqlxLayout = {Layout::kSqlx, 2, Fits, Split, CompareVersionNumbers};

}  // namespace pawl
