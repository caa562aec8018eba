// goose (00001_name.sql or 20200101000000_name.sql with `-- +goose Up` / `-- +goose Down`) and sql-migrate, which has the same
// form with `+migrate` and `notransaction` behind the direction.
//
// Both wrap a direction in a transaction and send its statements one by one; with `-- +goose NO TRANSACTION` (for the whole
// file) or `notransaction` (for one direction) each statement commits by itself. StatementBegin/End only guide their
// splitters, and goose's ENVSUB substitutes ${NAME}: both stay in the section as the comments and text that they are.
#include "absl/strings/match.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

// One command behind the tool's mark: "Up", "Down notransaction", "NO TRANSACTION".
template <HeaderMark kMark>
Migration SplitFile(const LayoutFile& f) {
  const std::string_view mark = kMark == kMarkGoose ? "+goose" : "+migrate";
  Migration m = MakeMigration(f.name.digits, f.name.slug);
  ScriptRef* open = nullptr;
  bool no_transaction = false;
  for (Lines lines(f.text()); lines.Next();) {
    const auto comment = lines.Comment();
    if (!comment || !absl::StartsWith(*comment, mark)) continue;
    const std::string_view command = TrimBlanks(comment->substr(mark.size()));
    if (absl::StartsWithIgnoreCase(command, "NO TRANSACTION")) no_transaction = true;
    const std::string_view word = FirstWord(command);
    const bool up = absl::EqualsIgnoreCase(word, "Up");
    if (!up && !absl::EqualsIgnoreCase(word, "Down")) continue;
    if (open != nullptr) open->section.end = lines.begin();
    open = nullptr;
    std::optional<ScriptRef>& script = up ? m.up : m.down;
    if (script) continue;
    script = WholeFile(f, ContainsIgnoreCase(command, "notransaction") ? TransactionMode::kStatement : TransactionMode::kFile);
    script->section.begin = lines.next();
    open = &*script;
  }
  if (no_transaction && m.up) m.up->transaction = TransactionMode::kStatement;
  if (no_transaction && m.down) m.down->transaction = TransactionMode::kStatement;
  return m;
}

template <HeaderMark kMark>
bool Fits(const LayoutInput&, const LayoutFile& f) {
  return f.Has(kMark) && !f.nested();
}

template <HeaderMark kMark>
void Split(const LayoutInput& input, LayoutOutput* out) {
  const bool goose = kMark == kMarkGoose;
  for (const LayoutFile& f : input.files) {
    if (Fits<kMark>(input, f)) {
      // goose takes NNN_name.sql only; sql-migrate takes any name.
      if (goose && (f.name.digits.empty() || f.name.separator != '_')) {
        AddStray(f, "does not match NNN_name.sql: goose skips files whose name does not begin with a number and an underscore", out);
        continue;
      }
      Migration m = SplitFile<kMark>(f);
      if (!m.up && !m.down) {
        AddStray(f, goose ? "has neither a `-- +goose Up` nor a `-- +goose Down` line" : "has neither a `-- +migrate Up` nor a `-- +migrate Down` line", out);
        continue;
      }
      if (!goose) m.version = f.name.base;  // gorp_migrations.id is the file's name
      out->migrations.push_back(std::move(m));
    } else if (!f.nested() && !f.name.digits.empty() && !f.name.direction) {
      AddStray(f, goose ? "has no `-- +goose Up` line before its first statement: goose refuses it"
                        : "has no `-- +migrate Up` line before its first statement: sql-migrate refuses it", out);
    } else {
      out->rest.push_back(&f);
    }
  }
}

// sql-migrate: by the number that the id begins with, then by the id.
int CompareIds(const Migration& a, const Migration& b) { return CompareNatural(a.version, b.version); }

}  // namespace

extern const LayoutSpec kGooseLayout, kSqlMigrateLayout;
const LayoutSpec kGooseLayout = {Layout::kGoose, 3, Fits<kMarkGoose>, Split<kMarkGoose>, CompareVersionNumbers};
const LayoutSpec kSqlMigrateLayout = {Layout::kSqlMigrate, 3, Fits<kMarkSqlMigrate>, Split<kMarkSqlMigrate>, CompareIds};

}  // namespace pawl
