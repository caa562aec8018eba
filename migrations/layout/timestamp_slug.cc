// YYYYMMDDHHMM_slug: a file, an .up/.down pair, or a folder with up.sql and down.sql. Supabase (14 digits), Atlas (14 digits
// and atlas.sum) and many runners of one project write it.
//
// Which runner it is cannot be seen, so the transaction mode is the one that most of them share: one simple query. Supabase
// pipelines the statements, which the server treats alike; Atlas wraps a file in a transaction unless it says
// `-- atlas:txmode none`.
//
// With minutes only, two migrations can have one number: the version is then the whole YYYYMMDDHHMM_slug, which is what such
// runners record. With seconds it is the number.
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool IsTimestamp(std::string_view digits) { return (digits.size() == 12 || digits.size() == 14) && (digits[0] == '1' || digits[0] == '2'); }

bool IsDirection(const LayoutFile& f) { return f.name.stem == "up" || f.name.stem == "down"; }

bool Fits(const LayoutInput&, const LayoutFile& f) {
  if (f.nested()) return IsDirection(f) && LooksLikeMigrationFolder(f.name.folder);
  // Pairs with seconds are golang-migrate's.
  return IsTimestamp(f.name.digits) && f.name.separator != 0 && (!f.name.direction || f.name.digits.size() == 12);
}

std::string_view VersionOf(const LayoutFile& f) { return f.name.digits.size() == 12 ? f.name.stem : f.name.digits; }

void Split(const LayoutInput& input, LayoutOutput* out) {
  const bool atlas = input.HasHint("atlas.sum");
  std::vector<const LayoutFile*> pairs;
  std::string_view open_folder;
  for (const LayoutFile& f : input.files) {
    if (f.nested() && IsDirection(f)) {
      const NameParts folder = ParseName(f.name.folder);
      const std::string_view version = folder.digits.size() == 12 ? f.name.folder : folder.digits;
      if (open_folder != f.name.folder) out->migrations.push_back(MakeMigration(version, folder.slug));
      open_folder = f.name.folder;
      Migration& m = out->migrations.back();
      (f.name.stem == "down" ? m.down : m.up) = WholeFile(f, TransactionMode::kSimpleQuery);
    } else if (!f.nested() && f.name.direction) {
      pairs.push_back(&f);
    } else if (!f.nested() && !f.name.digits.empty()) {
      TransactionMode mode = atlas ? TransactionMode::kFile : TransactionMode::kSimpleQuery;
      if (f.Has(kMarkNoTransaction)) mode = TransactionMode::kStatement;
      out->migrations.push_back(SplitByHeadings(f, VersionOf(f), f.name.slug, mode));
    } else {
      out->rest.push_back(&f);
    }
  }
  SplitPairs(pairs, TransactionMode::kSimpleQuery, VersionOf, out);
}

}  // namespace

extern const LayoutSpec kTimestampSlugLayout;
const LayoutSpec kTimestampSlugLayout = {Layout::kTimestampSlug, 1, Fits, Split, CompareVersionNatural};

}  // namespace pawl
