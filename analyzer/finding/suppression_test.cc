#include "analyzer/finding/suppression.h"

#include <string>

#include "gtest/gtest.h"
#include "rules/rule.h"

namespace pawl {
namespace {

constexpr Rule kDropTable = {.info = {.name = "drop-table", .group = RuleGroup::kData}};
constexpr Rule kIndex = {.info = {.name = "index-not-concurrent", .group = RuleGroup::kLocks}};
constexpr Date kToday = {2026, 11, 21};

// Statements of the tests end at their ';' and hold none inside.
std::vector<Span> Statements(std::string_view text, std::initializer_list<std::string_view> statements) {
  std::vector<Span> out;
  for (std::string_view s : statements) {
    const size_t at = text.find(s, out.empty() ? 0 : out.back().end);
    EXPECT_NE(at, std::string_view::npos) << s;
    out.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(at + s.size())});
  }
  return out;
}

struct Case {
  Case(std::string text, std::initializer_list<std::string_view> statements, Engine engine = Engine::kPostgresql)
      : file("m.sql", std::move(text)), spans(Statements(file.text(), statements)), found(ParseSuppressions(file, engine, spans)) {}

  std::string_view Covered(size_t i) const { return file.Slice(found.at(i).covers); }
  Finding& Add(const Rule& rule, size_t statement) {
    Finding& f = findings.emplace_back();
    f.rule = &rule.info;
    f.file = &file;
    f.span = {spans.at(statement).begin + 1, spans.at(statement).begin + 2};
    f.statement = spans.at(statement);
    return f;
  }
  void Apply(Date today = kToday) { ApplySuppressions(file, today, absl::MakeSpan(found), absl::MakeSpan(findings)); }

  SourceFile file;
  std::vector<Span> spans;
  std::vector<Suppression> found;
  std::vector<Finding> findings;
};

TEST(ParseDate, TakesOnlyDaysThatExist) {
  EXPECT_EQ(ParseDate("2027-01-31"), (Date{2027, 1, 31}));
  EXPECT_EQ(ParseDate("2028-02-29"), (Date{2028, 2, 29}));
  for (const char* s : {"2027-02-29", "2027-13-01", "2027-1-31", "31.01.2027", "2027-00-10", "2027-01-00", "", "2027-01-3x"}) {
    EXPECT_FALSE(ParseDate(s)) << s;
  }
}

TEST(ParseSuppressions, ReadsEveryPart) {
  Case c("-- pawl: ignore drop-table, index-not-concurrent until 2027-01-31 -- agreed in review\nDROP TABLE t;\n", {"DROP TABLE t;"});
  ASSERT_EQ(c.found.size(), 1u);
  const Suppression& s = c.found[0];
  EXPECT_EQ(s.kind, Suppression::Kind::kStatement);
  ASSERT_EQ(s.names.size(), 2u);
  EXPECT_EQ(s.names[0].name, "drop-table");
  EXPECT_EQ(s.names[1].name, "index-not-concurrent");
  EXPECT_EQ(c.file.Slice(s.names[1].span), "index-not-concurrent");
  EXPECT_EQ(s.until, (Date{2027, 1, 31}));
  EXPECT_EQ(s.reason, "agreed in review");
  EXPECT_EQ(s.stray, "");
  EXPECT_TRUE(s.removable);
  EXPECT_EQ(c.Covered(0), "DROP TABLE t;");
}

TEST(ParseSuppressions, ActsOnTheStatementOfItsLineOrTheNext) {
  const std::string_view a = "DROP TABLE a;", b = "DROP\n TABLE b;";
  for (auto [text, covered] : std::vector<std::pair<std::string, std::string_view>>{
           {"DROP TABLE a; -- pawl: ignore x -- r\nDROP\n TABLE b;", a},
           {"DROP TABLE a;\n-- pawl: ignore x -- r\nDROP\n TABLE b;", b},
           {"-- pawl: ignore x -- r\n\n-- more\nDROP TABLE a;\nDROP\n TABLE b;", a},
           {"/* pawl: ignore x -- r */ DROP TABLE a; DROP\n TABLE b;", a},
           {"DROP TABLE a; /* pawl: ignore x -- r */ DROP\n TABLE b;", b},
           {"DROP TABLE a; /* pawl: ignore x -- r */\nDROP\n TABLE b;", a},
           {"DROP TABLE a;DROP\n TABLE b; -- pawl: ignore x -- r", b},
           {"DROP TABLE a;DROP\n TABLE b;\n-- pawl: ignore x -- r", ""},
       }) {
    Case c(text, {a, b});
    ASSERT_EQ(c.found.size(), 1u) << text;
    EXPECT_EQ(c.Covered(0), covered) << text;
    EXPECT_EQ(c.found[0].reason, "r") << text;
  }
}

TEST(ParseSuppressions, InsideAStatementOrABody) {
  Case c("ALTER TABLE a\n  ADD b int, -- pawl: ignore x -- one\n  DROP c;\nDO $x$ BEGIN\n  -- pawl: ignore y -- two\n  DROP TABLE b; END $x$;\n",
         {"ALTER TABLE a\n  ADD b int, -- pawl: ignore x -- one\n  DROP c;", "DO $x$ BEGIN\n  -- pawl: ignore y -- two\n  DROP TABLE b; END $x$;"});
  ASSERT_EQ(c.found.size(), 2u);
  EXPECT_EQ(c.found[0].covers, c.spans[0]);
  EXPECT_EQ(c.found[1].covers, c.spans[1]);
  EXPECT_EQ(c.found[1].reason, "two");
}

TEST(ParseSuppressions, NotInStringsNorProse) {
  Case c("INSERT INTO t VALUES ('-- pawl: ignore x', \"/* pawl: ignore x */\");\n-- see pawl: ignore x\n-- pawl: we use it\n",
         {"INSERT INTO t VALUES ('-- pawl: ignore x', \"/* pawl: ignore x */\");"});
  EXPECT_TRUE(c.found.empty());
}

TEST(ParseSuppressions, AStrayQuoteHidesOnlyItsOwnStatement) {
  Case c("COPY t FROM stdin;\nit's\n\\.\n-- pawl: ignore drop-table -- r\nDROP TABLE t;\n", {"COPY t FROM stdin;\nit's\n\\.\n", "DROP TABLE t;"});
  ASSERT_EQ(c.found.size(), 1u);
  EXPECT_EQ(c.Covered(0), "DROP TABLE t;");
}

TEST(ParseSuppressions, BlockComments) {
  Case c("/*\n * pawl: ignore-file drop-table -- whole\n */\n/* pawl: ignore x -- r\n   and a story */\nDROP TABLE t;", {"DROP TABLE t;"});
  ASSERT_EQ(c.found.size(), 2u);
  EXPECT_EQ(c.found[0].kind, Suppression::Kind::kFile);
  EXPECT_EQ(c.found[0].reason, "whole");
  EXPECT_EQ(c.found[0].covers, (Span{0, static_cast<uint32_t>(c.file.text().size())}));
  EXPECT_TRUE(c.found[0].removable);
  EXPECT_EQ(c.found[1].reason, "r");
  EXPECT_FALSE(c.found[1].removable);
}

TEST(ParseSuppressions, SectionThatIsCommentedOut) {
  // Statements of such a section begin behind the "--".
  Case c("-- -- pawl: ignore drop-table -- r\n-- DROP TABLE t;\n-- /* pawl: ignore drop-table -- s */ DROP TABLE u;\n", {"DROP TABLE t;", "DROP TABLE u;"});
  ASSERT_EQ(c.found.size(), 2u);
  EXPECT_EQ(c.Covered(0), "DROP TABLE t;");
  EXPECT_TRUE(c.found[0].removable);
  EXPECT_EQ(c.Covered(1), "DROP TABLE u;");
  EXPECT_EQ(c.found[1].reason, "s");
  EXPECT_FALSE(c.found[1].removable);  // or the DROP would come to life
}

TEST(ParseSuppressions, Crlf) {
  Case c("DROP TABLE t; -- pawl: ignore drop-table -- r\r\n", {"DROP TABLE t;"});
  ASSERT_EQ(c.found.size(), 1u);
  EXPECT_EQ(c.found[0].reason, "r");
  EXPECT_EQ(c.file.Slice(c.found[0].comment), "-- pawl: ignore drop-table -- r");
  EXPECT_TRUE(c.found[0].removable);
}

TEST(ParseSuppressions, Cypher) {
  Case c("MATCH (n {s: '// pawl: ignore a', t: \"\\\"// pawl: ignore b\"}) DELETE n; // pawl: ignore cypher-unbatched-write -- < 100 nodes\n",
         {"MATCH (n {s: '// pawl: ignore a', t: \"\\\"// pawl: ignore b\"}) DELETE n;"}, Engine::kNeo4j);
  ASSERT_EQ(c.found.size(), 1u);
  EXPECT_EQ(c.found[0].names[0].name, "cypher-unbatched-write");
  EXPECT_EQ(c.found[0].reason, "< 100 nodes");
}

TEST(ParseSuppressions, SlipsAreKeptForTheReport) {
  Case c("-- pawl: ingore x -- r\n-- pawl: ignore -- r\n-- pawl: ignore x table is empty\n-- pawl: ignore x until 2027-02-30 -- r\n-- pawl: ignore x until\n", {});
  ASSERT_EQ(c.found.size(), 5u);
  EXPECT_EQ(c.found[0].kind, Suppression::Kind::kMisspelt);
  EXPECT_EQ(c.found[0].word, "ingore");
  EXPECT_TRUE(c.found[1].names.empty());
  EXPECT_EQ(c.found[2].stray, "table is empty");
  EXPECT_EQ(c.found[2].reason, "");
  EXPECT_TRUE(c.found[3].has_until);
  EXPECT_FALSE(c.found[3].until);
  EXPECT_TRUE(c.found[3].Expired(kToday));
  EXPECT_TRUE(c.found[4].has_until);
  EXPECT_TRUE(c.found[4].Expired(kToday));
}

TEST(ApplySuppressions, OnlyWhatIsCoveredAndNamed) {
  Case c("-- pawl: ignore drop-table -- agreed\nDROP TABLE a;\nDROP TABLE b;\n", {"DROP TABLE a;", "DROP TABLE b;"});
  c.Add(kDropTable, 0);
  c.Add(kIndex, 0);
  c.Add(kDropTable, 1);
  c.Apply();
  EXPECT_TRUE(c.findings[0].suppressed);
  EXPECT_EQ(c.findings[0].suppression_reason, "agreed");
  EXPECT_FALSE(c.findings[1].suppressed);
  EXPECT_FALSE(c.findings[2].suppressed);
  EXPECT_TRUE(c.found[0].names[0].used);
}

TEST(ApplySuppressions, GroupsAllAndFiles) {
  Case c("-- pawl: ignore-file locks -- f\n-- pawl: ignore all -- s\nDROP TABLE a;\nDROP TABLE b;\n", {"DROP TABLE a;", "DROP TABLE b;"});
  c.Add(kDropTable, 0);
  c.Add(kIndex, 0);
  c.Add(kIndex, 1);
  c.Add(kDropTable, 1);
  c.Apply();
  EXPECT_EQ(c.findings[0].suppression_reason, "s");
  EXPECT_EQ(c.findings[1].suppression_reason, "s");  // the statement's is nearer than the file's
  EXPECT_EQ(c.findings[2].suppression_reason, "f");
  EXPECT_FALSE(c.findings[3].suppressed);
}

TEST(ApplySuppressions, SeveralOfOneStatement) {
  Case c("-- pawl: ignore drop-table -- one\n-- pawl: ignore index-not-concurrent -- two\nDROP TABLE a; -- pawl: ignore drop-table -- three\n", {"DROP TABLE a;"});
  c.Add(kDropTable, 0);
  c.Add(kIndex, 0);
  c.Apply();
  EXPECT_EQ(c.findings[0].suppression_reason, "one");
  EXPECT_EQ(c.findings[1].suppression_reason, "two");
  EXPECT_FALSE(c.found[2].names[0].used);
}

TEST(ApplySuppressions, TheLastDayCounts) {
  for (auto [today, suppressed] : std::vector<std::pair<Date, bool>>{{{2027, 1, 30}, true}, {{2027, 1, 31}, true}, {{2027, 2, 1}, false}}) {
    Case c("-- pawl: ignore drop-table until 2027-01-31 -- r\nDROP TABLE a;\n", {"DROP TABLE a;"});
    c.Add(kDropTable, 0);
    c.Apply(today);
    EXPECT_EQ(c.findings[0].suppressed, suppressed);
    EXPECT_TRUE(c.found[0].names[0].used);  // expired, but it had a purpose
  }
}

TEST(ApplySuppressions, FindingsOfOtherFilesAreLeftAlone) {
  Case c("-- pawl: ignore-file all -- r\nDROP TABLE a;\n", {"DROP TABLE a;"});
  SourceFile other("o.sql", "DROP TABLE a;");
  c.Add(kDropTable, 0).file = &other;
  c.Apply();
  EXPECT_FALSE(c.findings[0].suppressed);
}

}  // namespace
}  // namespace pawl
