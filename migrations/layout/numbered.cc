// Numbered scripts, NN_name.sql, run in order by psql or a few lines of code; drizzle's 0000_name.sql among them. The down,
// where there is one, is a section at the end of the same file, commented out line by line:
//
//   -- Down migration (rollback)
//   -- DROP TABLE email_verifications;
//
// psql commits each statement by itself. drizzle's migrator (`--> statement-breakpoint` between statements) runs all that is
// pending in one transaction.
#include "absl/strings/match.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool Fits(const LayoutInput&, const LayoutFile& f) {
  return !f.nested() && !f.name.direction && !f.name.digits.empty() && f.name.digits.size() < 12 &&
         (f.name.separator == 0 || f.name.separator == '_' || f.name.separator == '-' || f.name.separator == '.');
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  bool drizzle = input.HasHint("meta/_journal.json");
  for (const LayoutFile& f : input.files) drizzle = drizzle || absl::StrContains(f.text(), "--> statement-breakpoint");
  for (const LayoutFile& f : input.files) {
    if (f.nested() || f.name.digits.empty()) {
      out->rest.push_back(&f);
      continue;
    }
    out->migrations.push_back(SplitByHeadings(f, f.name.digits, f.name.slug, drizzle ? TransactionMode::kFile : TransactionMode::kStatement));
  }
}

}  // namespace

extern const LayoutSpec kNumberedLayout;
const LayoutSpec kNumberedLayout = {Layout::kNumbered, 1, Fits, Split, CompareVersionNumbers};

}  // namespace pawl
