// Liquibase formatted SQL: `--liquibase formatted sql` on the first line, then changesets, each a migration of its own:
//
//   --changeset alice:1 runInTransaction:false
//   CREATE INDEX CONCURRENTLY ...;
//   --rollback DROP INDEX CONCURRENTLY ...;
//
// A changeset runs in one transaction; its statements are split at `;` and sent one by one (splitStatements:false sends the
// text as a whole). Its identity is file, id and author together. `--rollback` lines are its down: the section covers them
// with their marks and is `commented`; the marks themselves are comments of the form `--rollback`.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool Fits(const LayoutInput&, const LayoutFile& f) { return f.Has(kMarkLiquibase); }

// The value of `name:value` among a changeset's attributes; "" if it is not there.
std::string_view Attribute(std::string_view attributes, std::string_view name) {
  while (!attributes.empty()) {
    const std::string_view word = FirstWord(attributes);
    if (const auto value = AfterPrefix(word, name); value && !value->empty() && (*value)[0] == ':') return value->substr(1);
    attributes = TrimBlanks(attributes.substr(word.size()));
  }
  return {};
}

// dbms:postgresql,h2 or dbms:!mysql.
bool ForPostgres(std::string_view dbms) {
  if (dbms.empty() || absl::EqualsIgnoreCase(dbms, "all")) return true;
  bool only_excludes = true;
  while (!dbms.empty()) {
    const size_t comma = dbms.find(',');
    const std::string_view name = TrimBlanks(dbms.substr(0, comma));
    if (absl::EqualsIgnoreCase(name, "postgresql")) return true;
    if (absl::EqualsIgnoreCase(name, "!postgresql")) return false;
    only_excludes = only_excludes && absl::StartsWith(name, "!");
    dbms = comma == std::string_view::npos ? std::string_view() : dbms.substr(comma + 1);
  }
  return only_excludes;
}

void SplitFile(const LayoutFile& f, LayoutOutput* out) {
  Migration current;
  bool open = false, wanted = false, no_rollback = false;
  auto close = [&](uint32_t end) {
    if (!open) return;
    current.up->section.end = end;
    if (no_rollback && !current.down) current.no_op_down_allowed = true;  // `--rollback not required`, `--rollback empty`
    if (wanted) out->migrations.push_back(std::move(current));
    open = false;
  };
  for (Lines lines(f.text()); lines.Next();) {
    const auto comment = lines.Comment();
    if (!comment) continue;
    if (const auto rest = AfterPrefix(*comment, "changeset "); rest || absl::EqualsIgnoreCase(*comment, "changeset")) {
      close(lines.begin());
      const std::string_view all = rest ? TrimBlanks(*rest) : std::string_view();
      const std::string_view identity = FirstWord(all);
      const size_t colon = identity.find(':');
      const std::string_view author = identity.substr(0, colon);
      const std::string_view id = colon == std::string_view::npos ? std::string_view() : identity.substr(colon + 1);
      const std::string_view attributes = TrimBlanks(all.substr(identity.size()));
      current = MakeMigration(absl::StrCat(f.path, "::", id, "::", author), id);  // as Liquibase prints it
      TransactionMode mode = TransactionMode::kFile;
      if (absl::EqualsIgnoreCase(Attribute(attributes, "runInTransaction"), "false")) {
        mode = absl::EqualsIgnoreCase(Attribute(attributes, "splitStatements"), "false") ? TransactionMode::kSimpleQuery : TransactionMode::kStatement;
      }
      current.repeatable = absl::EqualsIgnoreCase(Attribute(attributes, "runOnChange"), "true") ||
                           absl::EqualsIgnoreCase(Attribute(attributes, "runAlways"), "true");
      current.up = WholeFile(f, mode);
      current.up->section.begin = lines.next();
      open = true;
      wanted = ForPostgres(Attribute(attributes, "dbms"));
      no_rollback = false;
    } else if (const auto rollback = AfterPrefix(*comment, "rollback"); rollback && open && (rollback->empty() || (*rollback)[0] == ' ' || (*rollback)[0] == '\t')) {
      const std::string_view sql = TrimBlanks(*rollback);
      if (absl::EqualsIgnoreCase(sql, "not required") || absl::EqualsIgnoreCase(sql, "empty") || sql.empty()) {
        no_rollback = no_rollback || !sql.empty();
        continue;
      }
      if (!current.down) {
        current.down = ScriptRef{f.file, {lines.begin(), lines.next()}, current.up->transaction, /*commented=*/true};
      }
      current.down->section.end = lines.next();
    }
  }
  close(f.whole().end);
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  for (const LayoutFile& f : input.files) {
    if (Fits(input, f)) SplitFile(f, out);
    else out->rest.push_back(&f);
  }
}

// Changesets run in the order of their files, and within one as they stand.
int Compare(const Migration& a, const Migration& b) {
  if (a.file() != b.file()) return CompareNatural(a.file()->path(), b.file()->path());
  const uint32_t x = a.up->section.begin, y = b.up->section.begin;
  return x < y ? -1 : x > y;
}

}  // namespace

extern const LayoutSpec kLiquibaseLayout;
const LayoutSpec kLiquibaseLayout = {Layout::kLiquibase, 3, Fits, Split, Compare};

}  // namespace pawl
