// What the machine formats promise, read back by a JSON parser.
#include "report/report.h"

#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "report/fixture.h"

namespace pawl {
namespace {

using nlohmann::json;

constexpr Format kAll[] = {Format::kFull,   Format::kConcise, Format::kJson,   Format::kSarif, Format::kGithub,
                           Format::kGitlab, Format::kJunit,   Format::kRdjson, Format::kHtml};

class ReportTest : public testing::Test {
 protected:
  json Parsed(Format format) { return json::parse(Render(format, fixture_.Input())); }
  json Run() { return Parsed(Format::kSarif)["runs"][0]; }
  size_t CountOf(const std::string& text, const std::string& part) {
    size_t n = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
  }
  Fixture fixture_;
};

TEST_F(ReportTest, FormatNamesGoBothWays) {
  for (const Format f : kAll) EXPECT_EQ(ParseFormat(ToString(f)), f);
  EXPECT_EQ(ParseFormat("text"), std::nullopt);
  EXPECT_EQ(ParseFormat(""), std::nullopt);
}

TEST_F(ReportTest, NothingAtAllIsAReportInEveryFormat) {
  EXPECT_TRUE(Parsed(Format::kJson)["findings"].empty());
  EXPECT_TRUE(Parsed(Format::kJson)["problems"].empty());
  EXPECT_TRUE(Run()["results"].empty());
  EXPECT_TRUE(Run()["results"].is_array());
  EXPECT_EQ(Run()["invocations"][0]["executionSuccessful"], true);
  EXPECT_EQ(Parsed(Format::kGitlab), json::array());
  EXPECT_TRUE(Parsed(Format::kRdjson)["diagnostics"].empty());
  EXPECT_EQ(Render(Format::kGithub, fixture_.Input()), "0 files, 17 statements: nothing to report\n");
  const std::string junit = Render(Format::kJunit, fixture_.Input());
  EXPECT_NE(junit.find("tests=\"1\" failures=\"0\" errors=\"0\""), std::string::npos);
  EXPECT_EQ(CountOf(junit, "<testcase"), 1u);
}

TEST_F(ReportTest, AllOutputIsUtf8) {
  FillGoldenSet(fixture_);
  for (const Format f : kAll) {
    EXPECT_NO_THROW(json(Render(f, fixture_.Input())).dump()) << ToString(f);  // dump() throws at the first bad byte
  }
}

TEST_F(ReportTest, SuppressedFindingsAreOnlyInSarif) {
  const SourceFile* f = fixture_.AddFile("a.sql", "DROP TABLE t;\n");
  Finding& d = fixture_.Add(f, "t;", Severity::kError, "hidden-message");
  d.suppressed = true;
  d.suppression_reason = "agreed";
  for (const Format format : kAll) {
    EXPECT_EQ(Render(format, fixture_.Input()).find("hidden-message") != std::string::npos, format == Format::kSarif) << ToString(format);
  }
  const json result = Run()["results"][0];
  EXPECT_EQ(result["suppressions"][0]["kind"], "inSource");
  EXPECT_EQ(result["suppressions"][0]["justification"], "agreed");
}

TEST_F(ReportTest, JsonHasEveryMember) {
  FillGoldenSet(fixture_);
  const json report = Parsed(Format::kJson);
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["tool"]["version"], "1.2.3");
  const auto& findings = report["findings"];
  const json f = *std::find_if(findings.begin(), findings.end(), [](const json& j) { return j["file"] == "db/0002_users_email_index.up.sql" && j["severity"] == "error"; });
  EXPECT_EQ(f["rule"], "index-not-concurrent");
  EXPECT_EQ(f["start"], json::parse(R"({"line": 3, "column": 1, "byte": 57})"));
  EXPECT_EQ(f["end"], json::parse(R"({"line": 3, "column": 29, "byte": 85})"));
  EXPECT_EQ(f["locks"][0], json::parse(R"({"object": "public.users", "mode": "ShareLock", "blocks": ["writes"], "held": "transaction"})"));
  EXPECT_EQ(f["locks"][1], json::parse(R"({"object": "public.users_email_idx", "mode": "AccessExclusiveLock", "blocks": ["reads", "writes"], "held": "statement"})"));
  EXPECT_EQ(f["locks"][2]["blocks"], json::array());
  EXPECT_EQ(f["fix"]["safety"], "safe");
  EXPECT_EQ(f["fix"]["edits"][1], json::parse(R"({"file": "db/0002_users_email_index.up.sql", "start_byte": 69, "end_byte": 69, "text": " CONCURRENTLY"})"));
  EXPECT_EQ(f["notes"][2], json::parse(R"({"message": "an INVALID index may be left behind; `pawl status` names it", "file": null, "start": null, "end": null})"));
  EXPECT_EQ(f["fingerprint"].get<std::string>().size(), 16u);
  for (const json& j : findings) EXPECT_EQ(j.size(), 16u) << j;
  EXPECT_EQ(report["problems"][1]["message"], "the git folder could not be read: \x1b[0m\nreason");
}

TEST_F(ReportTest, ColumnsDoNotCountTheByteOrderMark) {
  const SourceFile* f = fixture_.AddFile("a.sql", "\xEF\xBB\xBFSELECT 1;\r\nSELECT 2;\r\n");
  fixture_.Add(f, "SELECT 1", Severity::kError, "m");
  fixture_.Add(f, "SELECT 2", Severity::kError, "m");
  const json findings = Parsed(Format::kJson)["findings"];
  EXPECT_EQ(findings[0]["start"], json::parse(R"({"line": 1, "column": 1, "byte": 3})"));
  EXPECT_EQ(findings[0]["end"], json::parse(R"({"line": 1, "column": 9, "byte": 11})"));
  EXPECT_EQ(findings[1]["start"], json::parse(R"({"line": 2, "column": 1, "byte": 14})"));
  // reviewdog counts the bytes of the stored line.
  EXPECT_EQ(Parsed(Format::kRdjson)["diagnostics"][0]["location"]["range"]["start"], json::parse(R"({"line": 1, "column": 4})"));
}

TEST_F(ReportTest, SarifUris) {
  const auto uri_of = [this](std::string path) {
    fixture_.findings.clear();
    fixture_.Add(fixture_.AddFile(std::move(path), "x"), "x", Severity::kError, "m");
    return Run()["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
  };
  EXPECT_EQ(uri_of("db/0001_a-b.up.sql"), json::parse(R"({"uri": "db/0001_a-b.up.sql", "uriBaseId": "%SRCROOT%"})"));
  EXPECT_EQ(uri_of("./db/a.sql")["uri"], "db/a.sql");
  EXPECT_EQ(uri_of("a b:%\"\xFF\n?#[é.sql")["uri"], "a%20b%3A%25%22%FF%0A%3F%23%5B%C3%A9.sql");
  EXPECT_EQ(uri_of("/srv/a.sql"), json::parse(R"({"uri": "file:///srv/a.sql"})"));
}

TEST_F(ReportTest, SarifRulesAreThoseThatOccur) {
  const SourceFile* f = fixture_.AddFile("a.sql", "SELECT 1;\nSELECT 2;\n");
  fixture_.Add(f, "SELECT 1", Severity::kNote, "m").rule = &kTestOffRule;
  fixture_.Add(f, "SELECT 2", Severity::kWarning, "m");
  fixture_.Add(f, "2", Severity::kWarning, "m");
  const json rules = Run()["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0]["id"], "missing-statement-timeout");
  EXPECT_EQ(rules[0]["defaultConfiguration"]["enabled"], false);
  EXPECT_EQ(rules[1]["id"], "index-not-concurrent");
  EXPECT_EQ(rules[1]["name"], "IndexNotConcurrent");
  EXPECT_EQ(rules[1]["defaultConfiguration"]["level"], "error");
  EXPECT_EQ(rules[1]["properties"]["problem.severity"], "error");
  EXPECT_EQ(rules[1]["properties"]["tags"], json::parse(R"(["migrations", "locks"])"));
  EXPECT_NE(rules[1]["help"]["markdown"].get<std::string>().find("## Instead"), std::string::npos);
  EXPECT_NE(rules[1]["help"]["markdown"].get<std::string>().find("```sql\nCREATE INDEX users"), std::string::npos);
  EXPECT_EQ(Run()["results"][2]["ruleIndex"], 1);
  EXPECT_EQ(Run()["results"][0]["level"], "note");
}

TEST_F(ReportTest, SarifShortensLongDescriptions) {
  std::string what;
  for (int i = 0; i < 400; ++i) what += "wörter ";
  RuleInfo rule = kTestRule;
  rule.page.what = what;
  fixture_.Add(fixture_.AddFile("a.sql", "x"), "x", Severity::kError, "m").rule = &rule;
  const std::string text = Run()["tool"]["driver"]["rules"][0]["fullDescription"]["text"];
  const auto points = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  EXPECT_LE(points, 1024);
  EXPECT_GE(points, 1000);
  EXPECT_EQ(text.substr(text.size() - 10), "wörter...");
}

TEST_F(ReportTest, SarifLinksItsRelatedPlaces) {
  FillGoldenSet(fixture_);
  const json run = Run();
  for (const json& r : run["results"]) {
    if (!r.contains("relatedLocations")) continue;
    for (const json& l : r["relatedLocations"]) {
      EXPECT_NE(r["message"]["text"].get<std::string>().find("](" + std::to_string(l["id"].get<int>()) + ")"), std::string::npos) << r;
    }
  }
}

TEST_F(ReportTest, SarifProblemsAreNotifications) {
  fixture_.problems = {{"a b.sql", "permission denied"}, {"", "no git"}};
  const json invocation = Run()["invocations"][0];
  EXPECT_EQ(invocation["executionSuccessful"], false);
  EXPECT_EQ(invocation["toolExecutionNotifications"][0]["message"]["text"], "permission denied");
  EXPECT_EQ(invocation["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.sql");
  EXPECT_FALSE(invocation["toolExecutionNotifications"][1].contains("locations"));
}

TEST_F(ReportTest, SarifKeepsTheWorstOfTooMany) {
  const SourceFile* f = fixture_.AddFile("a.sql", "xyz\n");
  for (int i = 0; i < 25010; ++i) {
    fixture_.Add(f, "", i % 3 == 0 ? Severity::kNote : i % 3 == 1 ? Severity::kWarning : Severity::kError, "m").suppressed = i < 5;
  }
  const json run = Run();
  ASSERT_EQ(run["results"].size(), 25000u);
  size_t notes = 0, others = 0, suppressed = 0;
  for (const json& r : run["results"]) {
    ++(r["level"] == "note" ? notes : others);
    if (!r["suppressions"].empty()) ++suppressed;
  }
  EXPECT_EQ(suppressed, 0u);
  EXPECT_EQ(others, 25010u - 8337u - 3u);  // all that are live: 3 of the suppressed five are no notes
  EXPECT_NE(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].get<std::string>().find("25000 worst of 25010"), std::string::npos);
}

TEST_F(ReportTest, GithubEscapesAndPutsTheWorstFirst) {
  const SourceFile* f = fixture_.AddFile("a,b:c%.sql", "one\ntwo\nthree\n");
  fixture_.Add(f, "one", Severity::kNote, "first");
  fixture_.Add(f, "two\nthree", Severity::kWarning, "second, 100%: `x`").why = "a\r\nb";
  fixture_.Add(f, "three", Severity::kError, "third").help = "h";
  EXPECT_EQ(Render(Format::kGithub, fixture_.Input()),
            "::error title=index-not-concurrent,file=a%2Cb%3Ac%25.sql,line=3,endLine=3,col=1,endColumn=6::a,b:c%25.sql:3:1: third%0Ahelp: h\n"
            "::warning title=index-not-concurrent,file=a%2Cb%3Ac%25.sql,line=2,endLine=3::a,b:c%25.sql:2:1: second, 100%25: `x`%0Awhy: a%0D%0Ab\n"
            "::notice title=index-not-concurrent,file=a%2Cb%3Ac%25.sql,line=1,endLine=1,col=1,endColumn=4::a,b:c%25.sql:1:1: first\n"
            "1 error, 1 warning, 1 note in 1 file (17 statements)\n");
}

TEST_F(ReportTest, GitlabFingerprintsAreUnique) {
  const SourceFile* f = fixture_.AddFile("./a.sql", "one\ntwo\n");
  for (int i = 0; i < 50; ++i) fixture_.Add(f, "two\n", Severity::kWarning, "m").fingerprint = 7;
  std::set<std::string> seen;
  const json issues = Parsed(Format::kGitlab);
  for (const json& i : issues) seen.insert(i["fingerprint"].get<std::string>());
  EXPECT_EQ(seen.size(), 50u);
  EXPECT_TRUE(seen.count("0000000000000007"));
  EXPECT_EQ(issues[0]["description"], "index-not-concurrent: m");
  EXPECT_EQ(issues[0]["severity"], "major");
  EXPECT_EQ(issues[0]["location"], json::parse(R"({"path": "a.sql", "lines": {"begin": 2, "end": 2}})"));
}

TEST_F(ReportTest, JunitHasASuiteAFile) {
  const SourceFile* f = fixture_.AddFile("b.sql", "x");
  fixture_.Add(f, "x", Severity::kError, "<&\"\x01'\xFF");
  fixture_.Add(f, "x", Severity::kNote, "a note");
  fixture_.AddFile("a.sql", "");
  fixture_.AddFile("c.sql", "");
  const std::string xml = Render(Format::kJunit, fixture_.Input());
  EXPECT_NE(xml.find("<testsuites name=\"pawl\" tests=\"4\" failures=\"1\" errors=\"0\">"), std::string::npos);
  EXPECT_NE(xml.find("<testsuite name=\"b.sql\" tests=\"2\" failures=\"1\" errors=\"0\">"), std::string::npos);
  EXPECT_NE(xml.find("message=\"&lt;&amp;&quot;'\xEF\xBF\xBD\""), std::string::npos);
  EXPECT_LT(xml.find("name=\"a.sql\""), xml.find("name=\"b.sql\""));
  EXPECT_LT(xml.find("name=\"b.sql\""), xml.find("name=\"c.sql\""));
  EXPECT_EQ(CountOf(xml, "<failure"), 1u);
  EXPECT_EQ(CountOf(xml, "<testsuite "), 3u);
}

TEST_F(ReportTest, RdjsonSuggestsTheWholeFix) {
  const SourceFile* f = fixture_.AddFile("a.sql", "BEGIN;\nCREATE INDEX ü ON t (a);\nCOMMIT;\n");
  Finding& d = fixture_.Add(f, "ü", Severity::kNote, "m");
  d.fix = Fix{true, "d", {{{0, 7}, ""}, {{19, 19}, " CONCURRENTLY"}, {{33, 41}, ""}}};
  const json diagnostic = Parsed(Format::kRdjson)["diagnostics"][0];
  EXPECT_EQ(diagnostic["severity"], "INFO");
  EXPECT_EQ(diagnostic["code"]["value"], "index-not-concurrent");
  EXPECT_EQ(diagnostic["location"]["range"], json::parse(R"({"start": {"line": 2, "column": 14}, "end": {"line": 2, "column": 16}})"));
  ASSERT_EQ(diagnostic["suggestions"].size(), 1u);
  EXPECT_EQ(diagnostic["suggestions"][0]["text"], "CREATE INDEX CONCURRENTLY ü ON t (a);\n");
  EXPECT_EQ(diagnostic["suggestions"][0]["range"], json::parse(R"({"start": {"line": 1, "column": 1}, "end": {"line": 4, "column": 1}})"));
}

TEST_F(ReportTest, HtmlIsSelfContainedAndEscaped) {
  const SourceFile* f = fixture_.AddFile("<script>.sql", "SELECT '<script>alert(1)</script>';\n");
  fixture_.Add(f, "'<script>alert(1)</script>'", Severity::kError, "`<b>` \"&\"").help = "<i>";
  const std::string html = Render(Format::kHtml, fixture_.Input());
  for (const char* bad : {"<script", "http://", "https://", "src=", "url(", "<b>", "<i>", "<link"}) {
    EXPECT_EQ(html.find(bad), std::string::npos) << bad;
  }
  EXPECT_NE(html.find("<code>&lt;b&gt;</code> &quot;&amp;&quot;"), std::string::npos);
  EXPECT_NE(html.find("<mark>&#39;&lt;script&gt;alert(1)&lt;/script&gt;&#39;</mark>"), std::string::npos);
}

TEST_F(ReportTest, AnyPlaceIsSafeInEveryFormat) {
  // Places at, across and past every border of a text with all that is special about it.
  const std::string text = "\xEF\xBB\xBF" "a\r\n\t注\xFF\xE6\xB3\n\n\x1b[0m\rb";
  const SourceFile* f = fixture_.AddFile("a.sql", text);
  for (uint32_t begin = 0; begin < text.size() + 3; ++begin) {
    for (uint32_t end = 0; end < text.size() + 3; ++end) {
      Finding& d = fixture_.Add(f, "", Severity::kWarning, "m");
      d.span = {begin, end};
      d.statement = {0, 3};
      d.notes = {{"n", f, {end, begin}}};
      d.fix = Fix{true, "d", {{{begin, end}, "x"}}};
    }
  }
  for (const Format format : kAll) {
    const std::string out = Render(format, fixture_.Input());
    EXPECT_NO_THROW(json(out).dump()) << ToString(format);
    EXPECT_GT(out.size(), 10000u) << ToString(format);
  }
}

}  // namespace
}  // namespace pawl
