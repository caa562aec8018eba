// The code frames of the full format, one situation a test.
#include <chrono>
#include <string>

#include "gtest/gtest.h"
#include "report/fixture.h"
#include "report/report.h"

namespace pawl {
namespace {

class FullTest : public testing::Test {
 protected:
  std::string Full(int width = 80) {
    ReportInput input = fixture_.Input();
    input.quiet = true;
    input.width = width;
    return Render(Format::kFull, input);
  }
  Fixture fixture_;
};

TEST_F(FullTest, UnderlinesOneLine) {
  const SourceFile* f = fixture_.AddFile("a.sql", "SELECT 1;\n\tDROP TABLE t; -- x\n");
  fixture_.Add(f, "DROP TABLE t", Severity::kWarning, "dropping `t` loses its rows");
  EXPECT_EQ(Full(), R"(warning[index-not-concurrent]: dropping `t` loses its rows
 --> a.sql:2:2
  |
2 |     DROP TABLE t; -- x
  |     ^^^^^^^^^^^^

)");
}

TEST_F(FullTest, ShowsWhyHelpFixAndPlainNotesUnderTheFrame) {
  const SourceFile* f = fixture_.AddFile("a.sql", "DROP TABLE t;\n");
  Finding& d = fixture_.Add(f, "t;", Severity::kError, "m");
  d.why = "all rows of `t` are gone, and whoever still reads it fails from the moment of commit on";
  d.help = "rename it first";
  d.fix = Fix{true, "add IF EXISTS", {}};
  d.notes = {{"a word", nullptr, {}}};
  EXPECT_EQ(Full(60), R"(error[index-not-concurrent]: m
 --> a.sql:1:12
  |
1 | DROP TABLE t;
  |            ^^
  |
  = why: all rows of `t` are gone, and whoever still reads
         it fails from the moment of commit on
  = help: rename it first
  = fix: add IF EXISTS (`--fix` does it)
  = note: a word

)");
}

TEST_F(FullTest, BlockOfSeveralLines) {
  const SourceFile* f = fixture_.AddFile("a.sql", "SELECT 1; ALTER TABLE t\n  ADD a int,\n  ADD b int;\n");
  fixture_.Add(f, "ALTER TABLE t\n  ADD a int,\n  ADD b int", Severity::kError, "m");
  EXPECT_EQ(Full(), R"(error[index-not-concurrent]: m
 --> a.sql:1:11
  |
1 |   SELECT 1; ALTER TABLE t
  |  ___________^
2 | |   ADD a int,
3 | |   ADD b int;
  | |___________^

)");
}

TEST_F(FullTest, LongBlockShowsItsEnds) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "  line " + std::to_string(i) + "\n";
  const SourceFile* f = fixture_.AddFile("a.sql", text + "tail\n");
  Finding& d = fixture_.Add(f, text.substr(0, text.size() - 1), Severity::kError, "m");
  d.notes = {{"in the middle", f, {text.find("line 8") == std::string::npos ? 0u : static_cast<uint32_t>(text.find("line 8")), static_cast<uint32_t>(text.find("line 8") + 6)}}};
  EXPECT_EQ(Full(), R"(error[index-not-concurrent]: m
  --> a.sql:1:1
   |
 1 | /   line 0
 2 | |   line 1
...  |
 9 | |   line 8
   | |   ------ in the middle
...  |
30 | |   line 29
   | |_________^

)");
}

TEST_F(FullTest, NotesNearShareTheFrameOthersGetTheirOwn) {
  const SourceFile* other = fixture_.AddFile("0.sql", "CREATE TABLE t (\n  id int\n);\n");
  const SourceFile* f = fixture_.AddFile("a.sql", "BEGIN;\nSELECT 1;\nDROP TABLE t;\n");
  Finding& d = fixture_.Add(f, "DROP TABLE t", Severity::kNote, "m");
  d.notes = {{"begins here", f, {0, 6}}, {"made here", other, {0, 28}}};
  EXPECT_EQ(Full(), R"(note[index-not-concurrent]: m
 --> a.sql:3:1
  |
1 | BEGIN;
  | ------ begins here
2 | SELECT 1;
3 | DROP TABLE t;
  | ^^^^^^^^^^^^
note: made here
 --> 0.sql:1:1
  |
1 | / CREATE TABLE t (
2 | |   id int
3 | | );
  | |__^

)");
}

TEST_F(FullTest, SeveralPlacesOnOneLine) {
  const SourceFile* f = fixture_.AddFile("a.sql", "ALTER TABLE t ADD a int, DROP b;\n");
  Finding& d = fixture_.Add(f, "DROP b", Severity::kError, "m");
  d.notes = {{"added in the same statement", f, {14, 23}}, {"the table", f, {12, 13}}};
  EXPECT_EQ(Full(), R"(error[index-not-concurrent]: m
 --> a.sql:1:26
  |
1 | ALTER TABLE t ADD a int, DROP b;
  |                          ^^^^^^
  |             - the table
  |               --------- added in the same statement

)");
}

TEST_F(FullTest, WideCharactersGetWideUnderlines) {
  const SourceFile* f = fixture_.AddFile("a.sql", "SELECT '注文' AS 名;\n");
  fixture_.Add(f, "名", Severity::kError, "m");
  EXPECT_EQ(Full(), "error[index-not-concurrent]: m\n --> a.sql:1:16\n  |\n1 | SELECT '注文' AS 名;\n  |                  ^^\n\n");
}

TEST_F(FullTest, EndOfFilePastTheEndAndEmptyFile) {
  const SourceFile* f = fixture_.AddFile("a.sql", "SELECT 1\n");
  Finding& end = fixture_.Add(f, "", Severity::kError, "m");
  end.span = {9, 9};
  end.statement = {0, 8};
  const std::string expected = "error[index-not-concurrent]: m\n --> a.sql:2:1\n  |\n1 | SELECT 1\n  |         ^\n\n";
  EXPECT_EQ(Full(), expected);
  fixture_.findings[0].span = {4000000000u, 4000000001u};
  EXPECT_EQ(Full(), expected);
  fixture_.findings.clear();
  fixture_.Add(fixture_.AddFile("e.sql", ""), "", Severity::kError, "m").statement = {0, 1};
  EXPECT_EQ(Full(), "error[index-not-concurrent]: m\n --> e.sql:1:1\n  |\n1 |\n  | ^\n\n");
}

TEST_F(FullTest, AFindingAboutTheFileShowsNoSource) {
  fixture_.Add(fixture_.AddFile("a.sql", "SELECT 1;\n"), "", Severity::kError, "no down script");
  fixture_.Add(nullptr, "", Severity::kError, "version 3 is gone");
  EXPECT_EQ(Full(), "error[index-not-concurrent]: version 3 is gone\n\nerror[index-not-concurrent]: no down script\n --> a.sql:1:1\n\n");
}

TEST_F(FullTest, SpanThatEndsWithItsNewlineStaysOnItsLine) {
  const SourceFile* f = fixture_.AddFile("a.sql", "one\r\ntwo\r\n");
  fixture_.Add(f, "one\r\n", Severity::kError, "m");
  EXPECT_EQ(Full(), "error[index-not-concurrent]: m\n --> a.sql:1:1\n  |\n1 | one\n  | ^^^\n\n");
}

TEST_F(FullTest, NothingFromTheInputControlsTheTerminal) {
  const SourceFile* f = fixture_.AddFile("a\x1b[2J\n.sql", "SELECT '\x1b]0;title\x07', '\xC2\x9B" "31m';\n");
  Finding& d = fixture_.Add(f, "SELECT", Severity::kError, "m \x1b[31m\n error: forged");
  d.why = d.help = "\x1b[0m \x07 \x7f";
  d.notes = {{"\x1b", f, {0, 1}}, {"\r\x1b", nullptr, {}}};
  fixture_.problems = {{"\x1b", "\x1b\n"}};
  for (const char c : Full()) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << int{c};
  EXPECT_EQ(Full().find("\xC2\x9B"), std::string::npos);
  EXPECT_EQ(Full().find("\n error: forged"), std::string::npos);
}

TEST_F(FullTest, TenMegabytesOnOneLineStayCheap) {
  std::string text = "INSERT INTO t VALUES ";
  while (text.size() < 10'000'000) text += "(1, 'some value'), ";
  text += "(2, 'last');";
  const SourceFile* f = fixture_.AddFile("seed.sql", text);
  for (int i = 0; i < 2000; ++i) {
    const uint32_t at = static_cast<uint32_t>(text.size() - 1 - 4000 * (2000 - i) / 2);
    fixture_.Add(f, "", Severity::kError, "m").span = {at, at + 5};
    fixture_.findings.back().statement = {0, 5};
  }
  fixture_.Add(f, "", Severity::kError, "all of it").span = {0, static_cast<uint32_t>(text.size())};
  for (const Format format : {Format::kFull, Format::kConcise, Format::kJson, Format::kSarif, Format::kRdjson, Format::kGithub, Format::kHtml}) {
    const ReportInput input = fixture_.Input();
    const auto start = std::chrono::steady_clock::now();
    const std::string out = Render(format, input);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took.count(), 2.0) << ToString(format);
    EXPECT_LT(out.size(), 4'000'000u) << ToString(format);
    EXPECT_GT(out.size(), 20'000u) << ToString(format);
  }
}

TEST_F(FullTest, SummaryLines) {
  const auto summary = [&] {
    const std::string all = Render(Format::kConcise, fixture_.Input());
    return all.substr(all.rfind('\n', all.size() - 2) + 1);
  };
  const SourceFile* f = fixture_.AddFile("a.sql", "SELECT 1;\n");
  EXPECT_EQ(Render(Format::kFull, fixture_.Input()), "1 file, 17 statements: nothing to report\n");
  fixture_.Add(f, "1", Severity::kNote, "m");
  EXPECT_EQ(summary(), "1 note in 1 file (17 statements)\n");
  fixture_.Add(f, "1", Severity::kError, "m").fix = Fix{false, "d", {}};
  EXPECT_EQ(summary(), "1 error, 1 note in 1 file (17 statements); 1 fixable with --unsafe-fixes\n");
  fixture_.Add(f, "1", Severity::kError, "m").fix = Fix{true, "d", {}};
  fixture_.Add(f, "1", Severity::kWarning, "m").suppressed = true;
  fixture_.AddFile("b.sql", "");
  EXPECT_EQ(summary(), "2 errors, 1 note in 2 files (17 statements, 1 suppressed); 1 fixable with --fix, 1 more with --unsafe-fixes\n");
  fixture_.findings.clear();
  fixture_.problems = {{"x", "unreadable"}};
  EXPECT_EQ(summary(), "1 problem in 2 files (17 statements)\n");
}

}  // namespace
}  // namespace pawl
