// Plain folders: every script runs as it stands, by psql or cypher-shell, each statement for itself, in natural order of
// names. A file that names itself the down of another (x.down.sql, x_rollback.sql) is taken as that.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool Fits(const LayoutInput&, const LayoutFile&) { return true; }

// The name that the up of a down script has: "x" for x.down.sql, x_down.sql, x.rollback.sql; "" if it names itself no down.
std::string_view UpOf(const NameParts& name) {
  if (name.direction == Direction::kDown) return name.stem;
  for (std::string_view suffix : {"_down", "-down", ".rollback", "_rollback", "-rollback", ".undo", "_undo"}) {
    if (name.stem.size() > suffix.size() && absl::EndsWithIgnoreCase(name.stem, suffix)) return name.stem.substr(0, name.stem.size() - suffix.size());
  }
  if (absl::EqualsIgnoreCase(name.stem, "down") || absl::EqualsIgnoreCase(name.stem, "rollback")) return "up";
  return {};
}

// "V0001.x" and "0001_x" have an order, "users" has none. The folder counts: "1.2/users" comes before "1.10/users".
bool HasNumber(const LayoutFile& f) {
  std::string_view s = f.name.stem;
  if (!s.empty() && (s[0] == 'V' || s[0] == 'v')) s.remove_prefix(1);
  return (!s.empty() && IsDigit(s[0])) || LooksLikeVersionFolder(f.name.folder);
}

// All that stands before the extension, with the folder, so that two files never share a version by accident.
std::string VersionOf(const LayoutFile& f) {
  std::string_view s = f.name.stem;
  size_t n = !s.empty() && (s[0] == 'V' || s[0] == 'v') ? 1 : 0;
  while (n < s.size() && IsDigit(s[n])) ++n;
  const std::string_view number = n > 0 && IsDigit(s[n - 1]) ? s.substr(0, n) : s;
  return f.nested() ? absl::StrCat(f.name.folder, "/", number) : std::string(number);
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  absl::flat_hash_map<std::string, size_t> ups;  // by folder and stem
  size_t numbered = 0, count = 0;
  auto key = [](const LayoutFile& f, std::string_view stem) { return absl::StrCat(f.name.folder, "/", stem); };
  std::vector<const LayoutFile*> downs;
  for (const LayoutFile& f : input.files) {
    if (!UpOf(f.name).empty()) {
      downs.push_back(&f);
      continue;
    }
    ++count;
    numbered += HasNumber(f);
    Migration m = MakeMigration(HasNumber(f) ? VersionOf(f) : "", f.name.stem);
    m.up = WholeFile(f, TransactionMode::kStatement);
    std::string_view stem = f.name.stem;
    if (!f.name.direction && (absl::EndsWithIgnoreCase(stem, "_up") || absl::EndsWithIgnoreCase(stem, "-up"))) stem.remove_suffix(3);
    ups.emplace(key(f, stem), out->migrations.size());
    out->migrations.push_back(std::move(m));
  }
  for (const LayoutFile* f : downs) {
    const auto up = ups.find(key(*f, UpOf(f->name)));
    if (up != ups.end() && !out->migrations[up->second].down) {
      out->migrations[up->second].down = WholeFile(*f, TransactionMode::kStatement);
    } else {
      Migration m = MakeMigration(HasNumber(*f) ? VersionOf(*f) : "", f->name.stem);
      (f->name.direction ? m.down : m.up) = WholeFile(*f, TransactionMode::kStatement);  // a lone x_down.sql may be anything
      out->migrations.push_back(std::move(m));
    }
  }
  out->ordered = numbered * 2 > count;
  if (!out->ordered) {
    for (Migration& m : out->migrations) m.version.clear();
  }
}

int Compare(const Migration& a, const Migration& b) { return CompareNatural(a.file()->path(), b.file()->path()); }

}  // namespace

extern const LayoutSpec kPlainLayout;
const LayoutSpec kPlainLayout = {Layout::kPlain, 1, Fits, Split, Compare};

}  // namespace pawl
