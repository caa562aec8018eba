// node-pg-migrate with SQL files: 1600000000000_name.sql with `-- Up Migration` and `-- Down Migration`.
//
// A migration runs in a transaction, sent as one query a direction; SQL files have no way to opt out (pgm.noTransaction() is
// for JavaScript).
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

// Its number is a time in milliseconds or 14 to 17 digits of UTC. Shorter numbers are its too if the file has both headings
// and a down that is not commented out: other runners would run such a down at once.
bool Fits(const LayoutInput&, const LayoutFile& f) {
  if (f.nested() || f.name.direction || f.name.digits.empty()) return false;
  const bool up = f.headings.up || f.Has(kMarkUpHeading);
  if (f.name.digits.size() >= 13) return up || (f.headings.down && !f.headings.commented);
  return up && f.headings.down && f.headings.down_has_code && !f.headings.commented;
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  for (const LayoutFile& f : input.files) {
    if (f.nested() || f.name.digits.empty()) {
      out->rest.push_back(&f);
      continue;
    }
    Migration m = MakeMigration(f.name.digits, f.name.slug);
    m.up = WholeFile(f, TransactionMode::kFile);
    if (f.headings.down) {
      m.up->section.end = f.headings.down_begin;
      m.down = WholeFile(f, TransactionMode::kFile);
      m.down->section.begin = f.headings.down_begin;
    }
    out->migrations.push_back(std::move(m));
  }
}

}  // namespace

extern const LayoutSpec kNodePgMigrateLayout;
const LayoutSpec kNodePgMigrateLayout = {Layout::kNodePgMigrate, 2, Fits, Split, CompareVersionNumbers};

}  // namespace pawl
