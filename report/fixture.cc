#include "report/fixture.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

namespace pawl {

const RuleInfo kTestRule = {
    "index-not-concurrent",
    RuleGroup::kLocks,
    Severity::kError,
    "CREATE INDEX without CONCURRENTLY on a table in use",
    {
        .what = "`CREATE INDEX` without `CONCURRENTLY` takes a SHARE lock on the table for the whole build.",
        .why = "All writes to the table wait until the index is built, which grows with the table.",
        .instead = "`CREATE INDEX CONCURRENTLY`, outside a transaction.",
        .fix_safety = "Safe where the runner opens no transaction.",
        .versions = "",
        .limits = "Tables are not measured without `--statistics`.",
        .references = "CREATE INDEX, \"Building Indexes Concurrently\"",
        .elsewhere = "squawk require-concurrent-index-creation",
        .bad = "CREATE INDEX users_email_idx ON users (email);\n",
        .good = "CREATE INDEX CONCURRENTLY users_email_idx ON users (email);\n",
    },
};
const RuleInfo kTestOffRule = {"missing-statement-timeout", RuleGroup::kLocks, Severity::kOff, "no statement_timeout in force", {}};

const SourceFile* Fixture::AddFile(std::string path, std::string text) {
  return files_.emplace_back(std::make_unique<SourceFile>(std::move(path), std::move(text))).get();
}

Finding& Fixture::Add(const SourceFile* file, std::string_view at, Severity severity, std::string message) {
  Finding& f = findings.emplace_back();
  f.rule = &kTestRule;
  f.severity = severity;
  f.file = file;
  if (file != nullptr && !at.empty()) {
    f.span.begin = static_cast<uint32_t>(file->text().find(at));
    f.span.end = f.span.begin + static_cast<uint32_t>(at.size());
    f.statement = f.span;
  }
  f.migration = "0001";
  f.message = std::move(message);
  f.fingerprint = 0x0123456789abcdefu + findings.size();
  return f;
}

ReportInput Fixture::Input() {
  const auto key = [](const Finding& f) {
    return std::make_tuple(f.file == nullptr ? std::string_view() : std::string_view(f.file->path()), f.span.begin, f.span.end);
  };
  std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
  ReportInput input;
  input.findings = findings;
  input.problems = problems;
  input.tool_version = "1.2.3";
  for (const auto& f : files_) input.files.push_back(f->path());
  std::sort(input.files.begin(), input.files.end());
  input.summary.files = static_cast<uint32_t>(files_.size());
  input.summary.statements = 17;
  for (const Finding& f : findings) {
    if (f.suppressed) {
      ++input.summary.suppressed;
    } else {
      ++(f.severity == Severity::kError ? input.summary.errors : f.severity == Severity::kWarning ? input.summary.warnings : input.summary.notes);
    }
  }
  return input;
}

namespace {

std::string ReadTestFile(const std::string& name) {
  std::ifstream in("report/testdata/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Span SpanOf(const SourceFile* file, std::string_view text) {
  const auto begin = static_cast<uint32_t>(file->text().find(text));
  return {begin, begin + static_cast<uint32_t>(text.size())};
}

void AddOrdinary(Fixture& fixture) {
  const SourceFile* users = fixture.AddFile("db/0001_users.up.sql", ReadTestFile("0001_users.up.sql"));
  const SourceFile* index = fixture.AddFile("db/0002_users_email_index.up.sql", ReadTestFile("0002_users_email_index.up.sql"));
  const SourceFile* orders = fixture.AddFile("db/0003_orders.up.sql", ReadTestFile("0003_orders.up.sql"));

  Finding& build = fixture.Add(index, "CREATE INDEX users_email_idx", Severity::kError, "building `users_email_idx` blocks every write to `users`");
  build.migration = "0002";
  build.why = "`CREATE INDEX` holds a SHARE lock on `public.users` until the transaction ends, so INSERT, UPDATE and DELETE wait for the whole build";
  build.help = "build it in a migration of its own, outside a transaction: `CREATE INDEX CONCURRENTLY users_email_idx ON users (email)`";
  build.notes = {{"the transaction begins here", index, SpanOf(index, "BEGIN;")},
                 {"`users` is made here, in an earlier migration", users, SpanOf(users, "CREATE TABLE users")},
                 {"an INVALID index may be left behind; `pawl status` names it", nullptr, {}}};
  build.locks = {{"public.users", LockMode::kShare, true}, {"public.users_email_idx", LockMode::kAccessExclusive, false}, {"public.users", LockMode::kShareUpdateExclusive, false}};
  const uint32_t insert_at = SpanOf(index, "CREATE INDEX").end;
  build.fix = Fix{true, "add CONCURRENTLY and take it out of the transaction",
                  {{SpanOf(index, "BEGIN;\n"), ""}, {{insert_at, insert_at}, " CONCURRENTLY"}, {SpanOf(index, "COMMIT;\n"), ""}}};

  Finding& column = fixture.Add(index, "seen_at", Severity::kNote, "`ADD COLUMN seen_at` fails when it is run again");
  column.fix = Fix{false, "add IF NOT EXISTS", {{{SpanOf(index, "seen_at").begin, SpanOf(index, "seen_at").begin}, "IF NOT EXISTS "}}};

  const std::string_view text = orders->text();
  const uint32_t alter = static_cast<uint32_t>(text.find("ALTER TABLE")), alter_end = static_cast<uint32_t>(text.find(";\n\nUPDATE"));
  Finding& table = fixture.Add(orders, "", Severity::kError, "adding `total`, `currency`, `placed_at` and `state` fails at once if `orders` has rows");
  table.span = table.statement = {alter, alter_end};
  table.why = "existing rows have no value for a NOT NULL column without a default";
  table.notes = {{"the first of them", orders, SpanOf(orders, "ADD COLUMN total numeric NOT NULL")}};
  Finding& second = fixture.Add(orders, "UPDATE orders SET note = '注文' WHERE note IS NULL", Severity::kWarning, "the update of `orders` touches many rows at once");
  second.help = "update in batches, each in its own transaction:\n  UPDATE orders SET note = '...' WHERE id BETWEEN $1 AND $2;\nthen check that no row is left";
  second.notes = {{"the same table is updated here", orders, SpanOf(orders, "UPDATE orders SET state")}};
  fixture.Add(orders, "完了", Severity::kNote, "wide characters are underlined at their width");
  Finding& drop = fixture.Add(orders, "DROP TABLE old_orders", Severity::kWarning, "dropping `old_orders` loses its rows");
  drop.suppressed = true;
  drop.suppression_reason = "empty since 2024, agreed in review";
}

void AddOdd(Fixture& fixture) {
  using std::string_literals::operator""s;
  const SourceFile* odd = fixture.AddFile("odd dir/50% \"q\" <&'>,:\n[1]\x80.sql", "\xEF\xBB\xBFSELECT '\x1b[31mred\x1b[0m', '\x80\xFF', 1;\r\nSELECT 2\0;\r\n"s);
  Finding& control = fixture.Add(odd, "'\x1b[31mred\x1b[0m'", Severity::kWarning, "control characters\x1b[2J, \x80 and a new\nline, 100% `<b>&amp;`, a[1]::b");
  control.why = "line one\r\nline two: \x07, ]]> and --> end";
  control.notes = {{"a [link] with \\ and ] in it", odd, SpanOf(odd, "SELECT 2")}};
  control.suppression_reason = "";
  fixture.Add(odd, "'\x80\xFF'", Severity::kError, "bytes that are not UTF-8");
  fixture.Add(odd, "SELECT 2\0;"s, Severity::kError, "a NUL byte ends the script here").rule = &kTestOffRule;
  Finding& past = fixture.Add(odd, "SELECT", Severity::kError, "a place past the end of the file");
  past.span = {1000000, 2000000};
  Finding& end = fixture.Add(odd, "", Severity::kWarning, "an empty place at the end of the file");
  end.span = {static_cast<uint32_t>(odd->text().size()), static_cast<uint32_t>(odd->text().size())};
  end.statement = {0, 5};

  std::string values = "INSERT INTO seed VALUES ";
  for (int i = 0; i < 3000; ++i) values += "(" + std::to_string(i) + ", 'v'), ";
  const SourceFile* seed = fixture.AddFile("./db/0004_seed.up.sql", values + "(3000, 'last');\n");
  fixture.Add(seed, "(1500, 'v')", Severity::kNote, "far into a long line");
  fixture.Add(seed, "(3000, 'last')", Severity::kNote, "at the end of a long line");

  fixture.Add(fixture.AddFile("db/empty.sql", ""), "", Severity::kWarning, "an empty file").migration = "";
  fixture.Add(nullptr, "", Severity::kError, "version 0007 is gone").fingerprint = 0x0123456789abcdf0u;
  fixture.AddFile("db/0005_clean.up.sql", "SELECT 1;\n");
  fixture.AddFile("db/zz_clean & tidy.sql", "SELECT 1;\n");
  fixture.problems = {{"db/locked.sql", "permission denied; make it readable (`chmod u+r`) or leave it out"}, {"", "the git folder could not be read: \x1b[0m\nreason"}};
}

}  // namespace

void FillGoldenSet(Fixture& fixture) {
  AddOrdinary(fixture);
  AddOdd(fixture);
}

std::string Render(Format format, const ReportInput& input) {
  StringSink sink;
  WriteReport(format, input, sink);
  return sink.text;
}

}  // namespace pawl
