#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rules/engine_rules/engine_rules.h"

namespace pawl {
namespace {

constexpr Rule kDropTable = {.info = {.name = "drop-table", .group = RuleGroup::kData, .severity = Severity::kWarning}};
constexpr Rule kTruncate = {.info = {.name = "truncate", .group = RuleGroup::kData, .severity = Severity::kError}};
constexpr Rule kMoney = {.info = {.name = "money-type", .group = RuleGroup::kDesign, .severity = Severity::kOff}};

struct Options {
  std::vector<const Rule*> found = {&kDropTable};  // on the first statement
  std::vector<Severity> effective = {Severity::kWarning, Severity::kError, Severity::kOff, Severity::kWarning};
  Date today = {2026, 11, 21};
};

// What is reported about a file whose only statements are "DROP TABLE t;".
std::vector<Finding> Report(const SourceFile& file, Options o = {}) {
  static constexpr const Rule* kRules[] = {&kDropTable, &kTruncate, &kMoney, &kUnusedSuppression};
  std::vector<Span> statements;
  constexpr std::string_view kStatement = "DROP TABLE t;";
  for (size_t at = file.text().find(kStatement); at != std::string_view::npos; at = file.text().find(kStatement, at + 1)) {
    statements.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(at + kStatement.size())});
  }
  std::vector<Finding> findings;
  for (const Rule* r : o.found) {
    Finding& f = findings.emplace_back();
    f.rule = &r->info;
    f.file = &file;
    f.span = f.statement = statements.at(0);
  }
  std::vector<Suppression> found = ParseSuppressions(file, Engine::kPostgresql, statements);
  ApplySuppressions(file, o.today, absl::MakeSpan(found), absl::MakeSpan(findings));
  std::vector<Finding> out;
  ReportSuppressions({&file, Engine::kPostgresql, o.today, kRules, o.effective}, absl::MakeSpan(found), &out);
  return out;
}

// "message @ marked text [severity]", one a line, unsuppressed ones.
std::string Said(const std::string& text, Options o = {}) {
  SourceFile file("m.sql", text);
  std::string said;
  for (const Finding& f : Report(file, o)) {
    if (f.suppressed) continue;
    absl::StrAppend(&said, f.message, " @ ", file.Slice(f.span), f.severity == Severity::kNote ? " [note]" : "", "\n");
  }
  return said;
}

// The text after all safe fixes of the first finding that has one.
std::string Fixed(const std::string& text, Options o = {}, bool safe = true) {
  SourceFile file("m.sql", text);
  for (const Finding& f : Report(file, o)) {
    if (!f.fix || f.fix->safe != safe) continue;
    std::string fixed = text;
    for (auto e = f.fix->edits.rbegin(); e != f.fix->edits.rend(); ++e) fixed.replace(e->span.begin, e->span.size(), e->text);
    return fixed;
  }
  return "(no fix)";
}

TEST(UnusedSuppression, SilentWhenItIsUsedAndExplained) {
  EXPECT_EQ(Said("-- pawl: ignore drop-table -- agreed\nDROP TABLE t;\n"), "");
  EXPECT_EQ(Said("-- pawl: ignore-file data until 2026-11-21 -- agreed\nDROP TABLE t;\n"), "");
}

TEST(UnusedSuppression, NothingNeedsIt) {
  EXPECT_EQ(Said("-- pawl: ignore truncate -- r\nDROP TABLE t;\n"),
            "nothing in its statement needs this suppression of `truncate` @ pawl: ignore truncate -- r\n");
  EXPECT_EQ(Said("-- pawl: ignore-file truncate -- r\nDROP TABLE t;\n"),
            "nothing in this file needs this suppression of `truncate` @ pawl: ignore-file truncate -- r\n");
  EXPECT_EQ(Said("DROP TABLE t;\n\n-- pawl: ignore drop-table -- r\n"),
            "no statement follows this suppression of `drop-table` @ pawl: ignore drop-table -- r\n");
  EXPECT_EQ(Said("-- pawl: ignore truncate, drop-table -- r\nDROP TABLE t;\n"),
            "nothing in its statement needs the suppression of `truncate` @ truncate\n");
}

TEST(UnusedSuppression, TheFixDeletesTheCommentOrTheName) {
  EXPECT_EQ(Fixed("SELECT 1;\n  -- pawl: ignore truncate -- r\nDROP TABLE t;\n"), "SELECT 1;\nDROP TABLE t;\n");
  EXPECT_EQ(Fixed("-- pawl: ignore truncate -- r\r\nDROP TABLE t;\r\n"), "DROP TABLE t;\r\n");
  EXPECT_EQ(Fixed("\xEF\xBB\xBF-- pawl: ignore truncate -- r\nDROP TABLE t;\n"), "\xEF\xBB\xBF" "DROP TABLE t;\n");
  EXPECT_EQ(Fixed("DROP TABLE t;  -- pawl: ignore truncate -- r\r\nx"), "DROP TABLE t;\r\nx");
  EXPECT_EQ(Fixed("DROP TABLE t;  -- pawl: ignore truncate -- r"), "DROP TABLE t;");
  EXPECT_EQ(Fixed("  /* pawl: ignore truncate -- r */ DROP TABLE t;\n"), "  DROP TABLE t;\n");
  EXPECT_EQ(Fixed("SELECT/* pawl: ignore truncate -- r */1; DROP TABLE t;\n"), "SELECT 1; DROP TABLE t;\n");
  EXPECT_EQ(Fixed("/* pawl: ignore truncate -- r\n and why */\nDROP TABLE t;\n"), "(no fix)");
  EXPECT_EQ(Fixed("-- pawl: ignore truncate, drop-table -- r\nDROP TABLE t;\n"), "-- pawl: ignore drop-table -- r\nDROP TABLE t;\n");
  EXPECT_EQ(Fixed("-- pawl: ignore drop-table, truncate -- r\nDROP TABLE t;\n"), "-- pawl: ignore drop-table -- r\nDROP TABLE t;\n");
}

TEST(UnusedSuppression, RulesThatDidNotRunAreNotJudged) {
  EXPECT_EQ(Said("-- pawl: ignore money-type -- r\nDROP TABLE t;\n"), "");
  const Options without_truncate = {.found = {}, .effective = {Severity::kWarning, Severity::kOff, Severity::kOff, Severity::kWarning}};
  EXPECT_EQ(Said("-- pawl: ignore data -- r\nDROP TABLE t;\n", without_truncate), "");
  EXPECT_EQ(Said("-- pawl: ignore all -- r\nDROP TABLE t;\n", without_truncate), "");
  EXPECT_EQ(Said("-- pawl: ignore all -- r\nDROP TABLE t;\n", {.found = {}}),
            "nothing in its statement needs this suppression of `all` @ pawl: ignore all -- r\n");
  const Options off = {.effective = {Severity::kWarning, Severity::kError, Severity::kOff, Severity::kOff}};
  EXPECT_EQ(Said("-- pawl: ignore truncat\nDROP TABLE t;\n", off), "");
}

TEST(UnusedSuppression, UnknownNames) {
  const std::string text = "-- pawl: ignore drop-tabel -- r\nDROP TABLE t;\n";
  EXPECT_EQ(Said(text), "no rule or group is called `drop-tabel`; did you mean `drop-table`? @ drop-tabel\n");
  EXPECT_EQ(Fixed(text), "(no fix)");
  EXPECT_EQ(Fixed(text, {}, false), "-- pawl: ignore drop-table -- r\nDROP TABLE t;\n");
  EXPECT_EQ(Said("-- pawl: ingore drop-table -- r\nDROP TABLE t;\n"), "`pawl: ingore` is not read; did you mean `pawl: ignore`? @ ingore\n");
  EXPECT_EQ(Said("-- pawl: ignorefile drop-table -- r\nDROP TABLE t;\n"),
            "`pawl: ignorefile` is not read; did you mean `pawl: ignore-file`? @ ignorefile\n");
  EXPECT_EQ(Said("-- pawl: ignore -- r\nDROP TABLE t;\n"), "`pawl: ignore` names no rule @ pawl: ignore -- r\n");
}

TEST(UnusedSuppression, Reasons) {
  EXPECT_EQ(Said("-- pawl: ignore drop-table\nDROP TABLE t;\n"), "this suppression gives no reason @ pawl: ignore drop-table [note]\n");
  EXPECT_EQ(Said("-- pawl: ignore drop-table --\nDROP TABLE t;\n"), "this suppression gives no reason @ pawl: ignore drop-table -- [note]\n");
  EXPECT_EQ(Said("-- pawl: ignore drop-table it is empty\nDROP TABLE t;\n"), "`it is empty` is neither a rule nor a reason here @ it is empty\n");
}

TEST(UnusedSuppression, Expiry) {
  EXPECT_EQ(Said("-- pawl: ignore drop-table until 2026-11-20 -- r\nDROP TABLE t;\n"),
            "the suppression of `drop-table` ended on 2026-11-20 @ 2026-11-20\n");
  EXPECT_EQ(Said("-- pawl: ignore drop-table until 20.11.2026 -- r\nDROP TABLE t;\n"),
            "`20.11.2026` is not a date, so this suppression counts as expired @ 20.11.2026\n");
  // Expired and without purpose: delete it, nothing else.
  EXPECT_EQ(Said("-- pawl: ignore truncate until 2026-11-20 -- r\nDROP TABLE t;\n"),
            "nothing in its statement needs this suppression of `truncate` @ pawl: ignore truncate until 2026-11-20 -- r\n");
}

TEST(UnusedSuppression, CanBeSuppressedItself) {
  EXPECT_EQ(Said("-- pawl: ignore-file unused-suppression -- generated\n-- pawl: ignore truncate\nDROP TABLE t;\n"), "");
  EXPECT_EQ(Said("-- pawl: ignore-file unused-suppression -- generated\nDROP TABLE t;\n"),
            "nothing in this file needs this suppression of `unused-suppression` @ pawl: ignore-file unused-suppression -- generated\n");
}

}  // namespace
}  // namespace pawl
