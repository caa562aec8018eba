// Layouts: how each migration tool names files, cuts them into up and down, orders them and wraps them in transactions.
// One file a layout; all of them in one table. Pure functions from names and texts to migrations: no I/O, no state.
//
// To add a layout: migrations/layout/<name>.cc defines `extern const LayoutSpec k<Name>;`, registry.cc gets one line, the enum
// in migration_set.h one value.
#ifndef PAWL_MIGRATIONS_LAYOUT_LAYOUT_H_
#define PAWL_MIGRATIONS_LAYOUT_LAYOUT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "migrations/layout/names.h"
#include "migrations/layout/text.h"
#include "migrations/set/migration_set.h"

namespace pawl {

// One script file of a folder, with what its name and its first comments say.
struct LayoutFile {
  std::string_view path;         // relative to the set's folder: "0001_x.up.sql", "20200101000000_x/migration.sql"
  const SourceFile* file = nullptr;
  NameParts name;                // of path
  uint16_t marks = 0;            // HeaderMark
  Headings headings;             // filled for files that could have them: one script for both directions, no marks

  std::string_view text() const { return file->text(); }
  Span whole() const { return {0, static_cast<uint32_t>(file->text().size())}; }
  bool nested() const { return !name.folder.empty(); }
  bool Has(HeaderMark m) const { return (marks & m) != 0; }
};

// A small file beside the scripts that changes how one runs.
struct Companion {
  std::string path;              // relative to the set's folder: "2020-01-01-000000_x/metadata.toml", "V1__x.sql.conf"
  std::string text;
};

struct LayoutInput {
  std::string_view root;                     // the set's folder as the user named it
  Engine engine = Engine::kPostgresql;
  absl::Span<const LayoutFile> files;        // sorted by path
  uint16_t marks = 0;                        // of any file
  absl::Span<const std::string> hints;       // other files' names: "migration_lock.toml", "atlas.sum", "../Cargo.toml"
  absl::Span<const Companion> companions;

  bool HasHint(std::string_view name) const;
  const Companion* FindCompanion(std::string_view path) const;
};

struct LayoutOutput {
  std::vector<Migration> migrations;         // any order; sorted by the layout's `compare` afterwards
  std::vector<StrayFile> strays;
  std::vector<const LayoutFile*> rest;       // neither a migration nor mistaken for one: linted as plain scripts of their own
  bool ordered = true;
};

struct LayoutSpec {
  Layout layout;
  int weight;                                // of one fitting file: 1 for names that others use too, more for a tool's own marks
  bool (*fits)(const LayoutInput&, const LayoutFile&);  // its runner would take this file
  void (*split)(const LayoutInput&, LayoutOutput*);     // every file of the input ends in migrations, strays or rest
  int (*compare)(const Migration&, const Migration&);   // order of application; <0, 0, >0
};

absl::Span<const LayoutSpec* const> AllLayouts();       // the more specific first
const LayoutSpec& SpecOf(Layout layout);
const LayoutSpec& Recognise(const LayoutInput& input);  // kPlain if nothing else fits a third of the files

// One folder's scripts, ready to become sets. Paths of `files` begin with `prefix` bytes that name the folder.
struct FolderInput {
  std::string root;
  size_t prefix = 0;
  bool complete = false;
  bool ordered = true;                       // false: another file gives the order (sqitch.plan), so names do not
  std::optional<Layout> layout;              // else recognised
  std::optional<TransactionMode> transaction;  // else what the layout's runner does
  std::vector<std::unique_ptr<SourceFile>> files;  // of one engine
  Engine engine = Engine::kPostgresql;
  std::vector<std::string> hints;
  std::vector<Companion> companions;
};

// The folder's set, and behind it one plain set of the files that are no migrations of its layout, if there are any.
std::vector<MigrationSet> SetsFromFolder(FolderInput input);

// ---- for the layouts ----------------------------------------------------------------------------------------------------

ScriptRef WholeFile(const LayoutFile& f, TransactionMode mode);
Migration MakeMigration(std::string_view version, std::string_view name);
// Pairs files of one direction each by version, then by name: what stays over becomes a migration of its own. Files without
// a direction are ups. `version_of` gives a view into the file's name.
void SplitPairs(absl::Span<const LayoutFile* const> files, TransactionMode mode, std::string_view (*version_of)(const LayoutFile&),
                LayoutOutput* out);
// One migration from one file: up, and down where headings part the file (see text.h).
Migration SplitByHeadings(const LayoutFile& f, std::string_view version, std::string_view name, TransactionMode mode);
void AddStray(const LayoutFile& f, std::string reason, LayoutOutput* out);

int CompareVersionNumbers(const Migration& a, const Migration& b);   // digits, any length
int CompareVersionText(const Migration& a, const Migration& b);      // byte by byte
int CompareVersionNatural(const Migration& a, const Migration& b);
int CompareVersionDotted(const Migration& a, const Migration& b);    // repeatable ones last, by name

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_LAYOUT_LAYOUT_H_
