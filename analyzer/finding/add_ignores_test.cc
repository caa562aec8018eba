#include "analyzer/finding/add_ignores.h"

#include "analyzer/finding/fix.h"
#include "analyzer/finding/suppression.h"
#include "gtest/gtest.h"
#include "rules/rule.h"

namespace pawl {
namespace {

constexpr Rule kDropTable = {.info = {.name = "drop-table", .group = RuleGroup::kData}};
constexpr Rule kIndex = {.info = {.name = "index-not-concurrent", .group = RuleGroup::kLocks}};
constexpr Rule kUnused = {.info = {.name = "unused-suppression", .group = RuleGroup::kHistory}};

Finding At(const SourceFile& file, const Rule& rule, std::string_view statement) {
  Finding f;
  f.rule = &rule.info;
  f.file = &file;
  if (statement.empty()) return f;
  const size_t at = file.text().find(statement);
  EXPECT_NE(at, std::string_view::npos);
  f.statement = f.span = {static_cast<uint32_t>(at), static_cast<uint32_t>(at + statement.size())};
  return f;
}

// The new text; also makes sure that the comments do what they are for.
std::string Ignored(const SourceFile& file, const std::vector<Finding>& findings, std::string_view reason = "adopted") {
  const std::string text = ApplyEdits(file.text(), AddIgnores(file, findings, reason));
  SourceFile now(file.path(), text);
  std::vector<Span> statements;
  std::vector<Finding> again = findings;
  for (Finding& f : again) {
    f.file = &now;
    if (f.statement.empty()) continue;
    const std::string_view statement = file.Slice(f.statement);
    const size_t at = now.text().find(statement);
    f.statement = f.span = {static_cast<uint32_t>(at), static_cast<uint32_t>(at + statement.size())};
    if (statements.empty() || statements.back().begin != at) statements.push_back(f.statement);
  }
  std::vector<Suppression> found = ParseSuppressions(now, findings[0].engine, statements);
  ApplySuppressions(now, {2026, 11, 21}, absl::MakeSpan(found), absl::MakeSpan(again));
  for (const Finding& f : again) EXPECT_TRUE(f.suppressed || f.rule == &kUnused.info) << text;
  return text;
}

TEST(AddIgnores, ALineAboveEachStatement) {
  SourceFile file("m.sql", "-- +goose Up\n-- +goose StatementBegin\n  DROP TABLE a;\n-- +goose StatementEnd\nDROP TABLE b;\n");
  EXPECT_EQ(Ignored(file, {At(file, kDropTable, "DROP TABLE a;"), At(file, kIndex, "DROP TABLE a;"), At(file, kDropTable, "DROP TABLE a;"),
                           At(file, kDropTable, "DROP TABLE b;")}),
            "-- +goose Up\n-- +goose StatementBegin\n  -- pawl: ignore drop-table, index-not-concurrent -- adopted\n  DROP TABLE a;\n"
            "-- +goose StatementEnd\n-- pawl: ignore drop-table -- adopted\nDROP TABLE b;\n");
}

TEST(AddIgnores, BehindAnotherStatement) {
  SourceFile file("m.sql", "DROP TABLE a; DROP TABLE b;\n");
  EXPECT_EQ(Ignored(file, {At(file, kDropTable, "DROP TABLE a;"), At(file, kDropTable, "DROP TABLE b;")}, "a */\nb"),
            "-- pawl: ignore drop-table -- a * / b\nDROP TABLE a; /* pawl: ignore drop-table -- a * / b */ DROP TABLE b;\n");
}

TEST(AddIgnores, KeepsLineEndsAndByteOrderMark) {
  SourceFile file("m.sql", "\xEF\xBB\xBF" "DROP TABLE a;\r\n");
  EXPECT_EQ(Ignored(file, {At(file, kDropTable, "DROP TABLE a;")}), "\xEF\xBB\xBF" "-- pawl: ignore drop-table -- adopted\r\nDROP TABLE a;\r\n");
}

TEST(AddIgnores, InASectionThatIsCommentedOut) {
  SourceFile file("m.sql", "-- Down\n-- DROP TABLE a;\n");
  EXPECT_EQ(Ignored(file, {At(file, kDropTable, "DROP TABLE a;")}), "-- Down\n-- -- pawl: ignore drop-table -- adopted\n-- DROP TABLE a;\n");
}

TEST(AddIgnores, FindingsOfTheFile) {
  SourceFile plain("m.sql", "DROP TABLE a;\n");
  EXPECT_EQ(Ignored(plain, {At(plain, kIndex, ""), At(plain, kDropTable, "DROP TABLE a;")}),
            "-- pawl: ignore-file index-not-concurrent -- adopted\n-- pawl: ignore drop-table -- adopted\nDROP TABLE a;\n");
  SourceFile sqlx("m.sql", "-- no-transaction\nDROP TABLE a;\n");
  EXPECT_EQ(Ignored(sqlx, {At(sqlx, kIndex, "")}), "-- no-transaction\n-- pawl: ignore-file index-not-concurrent -- adopted\nDROP TABLE a;\n");
  SourceFile liquibase("m.sql", "--liquibase formatted sql\nDROP TABLE a;\n");
  EXPECT_EQ(Ignored(liquibase, {At(liquibase, kIndex, "")}),
            "--liquibase formatted sql\n-- pawl: ignore-file index-not-concurrent -- adopted\nDROP TABLE a;\n");
}

TEST(AddIgnores, Cypher) {
  SourceFile file("m.cypher", "MATCH (n) DELETE n;\n");
  Finding f = At(file, kDropTable, "MATCH (n) DELETE n;");
  f.engine = Engine::kNeo4j;
  EXPECT_EQ(Ignored(file, {f}), "// pawl: ignore drop-table -- adopted\nMATCH (n) DELETE n;\n");
}

TEST(AddIgnores, LeavesOutSuppressedAndSuppressions) {
  SourceFile file("m.sql", "DROP TABLE a;\n");
  Finding f = At(file, kDropTable, "DROP TABLE a;");
  f.suppressed = true;
  EXPECT_TRUE(AddIgnores(file, {f, At(file, kUnused, "")}, "adopted").empty());
}

}  // namespace
}  // namespace pawl
