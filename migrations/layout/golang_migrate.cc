// golang-migrate: 000001_name.up.sql and 000001_name.down.sql; maragudk/migrate, mattermost's morph and others share it.
//
// The PostgreSQL driver hands the whole file to the server in one simple query (database/postgres: ExecContext without
// arguments), so several statements share an implicit transaction and one alone has none. `x-multi-statement=true` in the
// database URL changes that; only the user knows, by --transaction-mode none.
#include "absl/strings/str_cat.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

// source/parse.go: ^([0-9]+)_(.*)\.(down|up)\.(.*)$, in the folder itself.
bool Fits(const LayoutInput&, const LayoutFile& f) {
  return !f.nested() && f.name.direction && !f.name.digits.empty() && f.name.separator == '_';
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  std::vector<const LayoutFile*> scripts;
  for (const LayoutFile& f : input.files) {
    if (Fits(input, f)) {
      scripts.push_back(&f);
    } else if (!f.nested() && f.name.direction) {
      AddStray(f, "does not match NNN_name.up.sql: the name must begin with a number and an underscore", out);
    } else if (!f.nested() && !f.name.digits.empty() && f.name.separator == '_') {
      AddStray(f, "does not match NNN_name.up.sql: `.up` or `.down` is missing before the extension", out);
    } else {
      out->rest.push_back(&f);
    }
  }
  SplitPairs(scripts, TransactionMode::kSimpleQuery, [](const LayoutFile& f) { return f.name.digits; }, out);
}

}  // namespace

extern const LayoutSpec kGolangMigrateLayout;
const LayoutSpec kGolangMigrateLayout = {Layout::kGolangMigrate, 1, Fits, Split, CompareVersionNumbers};

}  // namespace pawl
