// diesel: 2020-01-01-000000_name/up.sql and down.sql, folders in byte order of their version.
//
// diesel wraps a direction in a transaction, unless metadata.toml beside it says `run_in_transaction = false`: then the file
// goes to the server as one simple query (batch_execute).
#include <algorithm>

#include "absl/strings/match.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

// "2020-01-01-000000" and the newer "2026-05-27-130000-0000".
bool IsDashedDate(std::string_view s) {
  return s.size() >= 17 && s[4] == '-' && s[7] == '-' && s[10] == '-' && IsDigit(s[0]) && IsDigit(s[5]) && IsDigit(s[8]) && IsDigit(s[11]);
}

bool IsDirection(const LayoutFile& f) { return f.name.base == "up.sql" || f.name.base == "down.sql"; }

bool Fits(const LayoutInput& input, const LayoutFile& f) {
  if (!f.nested() || !IsDirection(f)) return false;
  // One folder in diesel's own form speaks for the others: old projects have 20140924113530_name beside it.
  return IsDashedDate(f.name.folder) || input.HasHint("../diesel.toml") || input.HasHint("diesel.toml") ||
         std::any_of(input.files.begin(), input.files.end(), [](const LayoutFile& other) {
           return other.nested() && (IsDashedDate(other.name.folder) || absl::EndsWith(other.name.folder, "_diesel_initial_setup"));
         });
}

std::string_view VersionOf(std::string_view folder) { return folder.substr(0, folder.find('_')); }

void Split(const LayoutInput& input, LayoutOutput* out) {
  std::string folder;
  for (const LayoutFile& f : input.files) {
    if (f.nested() && IsDirection(f)) {
      if (out->migrations.empty() || folder != f.name.folder) {
        folder = f.name.folder;
        const size_t underscore = folder.find('_');
        Migration m = MakeMigration("", underscore == std::string::npos ? "" : std::string_view(folder).substr(underscore + 1));
        for (char c : VersionOf(folder)) {
          if (c != '-') m.version += c;  // as __diesel_schema_migrations has it: 20200101000000
        }
        out->migrations.push_back(std::move(m));
      }
      TransactionMode mode = TransactionMode::kFile;
      if (const Companion* metadata = input.FindCompanion(folder + "/metadata.toml")) {
        for (Lines lines(metadata->text); lines.Next();) {
          if (const auto value = AfterPrefix(TrimBlanks(lines.line()), "run_in_transaction"); value && absl::StrContains(*value, "false")) {
            mode = TransactionMode::kSimpleQuery;
          }
        }
      }
      Migration& m = out->migrations.back();
      (f.name.base == "down.sql" ? m.down : m.up) = WholeFile(f, mode);
    } else if (!f.nested() && !f.name.digits.empty()) {
      AddStray(f, "is not in a folder of its own: diesel runs only <version>_<name>/up.sql", out);
    } else {
      out->rest.push_back(&f);
    }
  }
}

}  // namespace

extern const LayoutSpec kDieselLayout;
const LayoutSpec kDieselLayout = {Layout::kDiesel, 1, Fits, Split, CompareVersionText};

}  // namespace pawl
