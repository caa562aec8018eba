// dbmate: 20200101000000_name.sql with `-- migrate:up` and `-- migrate:down` blocks.
//
// A block runs in a transaction of dbmate's; with `transaction:false` the whole block is sent as one simple query instead
// (pkg/dbmate/db.go: the same Exec of the whole text, on the connection and not on a transaction).
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool Fits(const LayoutInput&, const LayoutFile& f) { return f.Has(kMarkDbmate) && !f.nested(); }

TransactionMode ModeOf(std::string_view options) {
  return absl::StrContains(options, "transaction:false") ? TransactionMode::kSimpleQuery : TransactionMode::kFile;
}

Migration SplitFile(const LayoutFile& f) {
  Migration m = MakeMigration(f.name.digits, f.name.slug);
  ScriptRef* open = nullptr;
  for (Lines lines(f.text()); lines.Next();) {
    const auto comment = lines.Comment();
    if (!comment || !absl::StartsWith(*comment, "migrate:")) continue;
    const bool up = absl::StartsWith(*comment, "migrate:up");
    if (!up && !absl::StartsWith(*comment, "migrate:down")) continue;
    if (open != nullptr) open->section.end = lines.begin();
    std::optional<ScriptRef>& script = up ? m.up : m.down;
    if (script) break;  // dbmate takes one block a direction
    script = WholeFile(f, ModeOf(*comment));
    script->section.begin = lines.next();
    open = &*script;
  }
  return m;
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  for (const LayoutFile& f : input.files) {
    if (Fits(input, f) && !f.name.digits.empty()) {
      out->migrations.push_back(SplitFile(f));
    } else if (Fits(input, f)) {
      AddStray(f, "does not begin with a number: dbmate takes only files such as 20200101000000_name.sql", out);
    } else if (!f.nested() && !f.name.digits.empty()) {
      AddStray(f, "has no `-- migrate:up` line before its first statement: dbmate refuses it", out);
    } else {
      out->rest.push_back(&f);
    }
  }
}

}  // namespace

extern const LayoutSpec kDbmateLayout;
const LayoutSpec kDbmateLayout = {Layout::kDbmate, 3, Fits, Split, CompareVersionText};

}  // namespace pawl
