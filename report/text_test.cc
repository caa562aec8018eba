#include "report/text.h"

#include <string>

#include "analyzer/source/source_file.h"
#include "gtest/gtest.h"
#include "report/line_hash.h"

namespace pawl {
namespace {

TEST(TextTest, MakesControlCharactersVisible) {
  EXPECT_EQ(OneLine("a\x1b[31mb\nc\td\x7f"), "a␛[31mb␊c d␡");
  EXPECT_EQ(OneLine("x\xFFy\xC2\x9B" "z"), "x\xEF\xBF\xBDy\xEF\xBF\xBDz");  // an invalid byte, and CSI as a C1 control
  EXPECT_EQ(OneLine("abc\xE2\x80\xAE" "def"), "abc\xEF\xBF\xBD" "def");     // right-to-left override
  EXPECT_EQ(OneLine(std::string_view("\0", 1)), "␀");
}

TEST(TextTest, MeasuresColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("注文"), 4);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // combining acute
  EXPECT_EQ(DisplayWidth("😀"), 2);
  EXPECT_EQ(DisplayWidth("\x1b"), 1);
}

TEST(TextTest, WrapsAtSpacesAndKeepsCodeTogether) {
  EXPECT_EQ(Wrap("one two three four five six seven eight", 30, 2), "one two three four five six\n  seven eight");
  EXPECT_EQ(Wrap("run this now: `CREATE INDEX CONCURRENTLY i`, then go on", 34, 0), "run this now:\n`CREATE INDEX CONCURRENTLY i`,\nthen go on");
  EXPECT_EQ(Wrap("first\n  SELECT 1 FROM a_very_long_table_name_here;\nlast", 30, 2), "first\n    SELECT 1 FROM a_very_long_table_name_here;\n  last");
  EXPECT_EQ(Wrap("an odd ` backtick holds nothing together here", 30, 0), "an odd ` backtick holds\nnothing together here");
  EXPECT_EQ(Wrap("", 30, 2), "");
  const std::string word(200, 'w');
  EXPECT_EQ(Wrap("a " + word, 30, 0), "a\n" + word);
}

TEST(ExcerptTest, ExpandsTabsAndFindsPlaces) {
  const std::string text = "\tab\tc";
  const Excerpt e = MakeExcerpt(text, {0, 5}, {1, 3}, 80);
  EXPECT_EQ(e.text, "    ab  c");
  EXPECT_EQ(e.Find({1, 3}).begin, 4);
  EXPECT_EQ(e.Find({1, 3}).end, 6);
  EXPECT_EQ(e.Find({4, 5}).begin, 8);
  EXPECT_EQ(e.first_non_blank, 4);
}

TEST(ExcerptTest, CutsLongLinesAroundTheFocus) {
  std::string text(1000, 'x');
  text.replace(500, 5, "FOCUS");
  const Excerpt e = MakeExcerpt(text, {0, 1000}, {500, 505}, 60);
  EXPECT_EQ(e.text.substr(0, 4), "...x");
  EXPECT_EQ(e.text.substr(e.text.size() - 4), "x...");
  EXPECT_LE(e.text.size(), 60u);
  const Excerpt::Range r = e.Find({500, 505});
  EXPECT_EQ(e.text.substr(r.text_begin, r.text_end - r.text_begin), "FOCUS");
  // A place outside what is shown is clipped to it.
  EXPECT_GE(e.Find({0, 2}).begin, 3);
  EXPECT_LE(e.Find({990, 1000}).end, 60);
}

TEST(ExcerptTest, EveryPlaceOfALineIsShown) {
  for (const uint32_t length : {0u, 1u, 39u, 40u, 41u, 80u, 200u}) {
    const std::string text(length, 'y');
    for (uint32_t at = 0; at <= length; ++at) {
      const Excerpt e = MakeExcerpt(text, {0, length}, {at, at + 1}, 40);
      EXPECT_LE(DisplayWidth(e.text), 40) << length << " " << at;
      EXPECT_EQ(e.Find({at, at + 1}).end - e.Find({at, at + 1}).begin, at < length ? 1 : 0) << length << " " << at;
    }
  }
}

TEST(ExcerptTest, CountsColumnsNotBytes) {
  const std::string wide = "-- 注文注文注文注文注文注文 here";  // 39 columns in 50 bytes
  EXPECT_EQ(MakeExcerpt(wide, {0, static_cast<uint32_t>(wide.size())}, {44, 48}, 40).text, wide);
  const std::string tabs = std::string(30, '\t') + "FOCUS";
  EXPECT_NE(MakeExcerpt(tabs, {0, 35}, {30, 35}, 40).text.find("FOCUS"), std::string::npos);
}

TEST(ExcerptTest, DoesNotSplitCharacters) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "注";
  for (uint32_t at = 0; at < text.size(); ++at) {
    const Excerpt e = MakeExcerpt(text, {0, static_cast<uint32_t>(text.size())}, {at, at + 3}, 60);
    EXPECT_EQ(e.text.find("\xEF\xBF\xBD"), std::string::npos) << at;
    EXPECT_LE(DisplayWidth(e.text), 60) << at;
  }
}

TEST(LineIndexTest, LongLinesGiveTheSamePlacesAsCounting) {
  std::string text = "\xEF\xBB\xBF" "first\n";
  for (int i = 0; i < 4000; ++i) text += i % 7 == 0 ? "é" : i % 11 == 0 ? "\xFF" : i % 13 == 0 ? "😀" : "abc";
  text += "\nshort\n";
  text += std::string(5000, 'z');
  const SourceFile file("f", text);
  const LineIndex index(file.text());
  for (uint32_t at = 0; at <= text.size(); at += 37) {
    const Position expected = file.PositionAt(at), actual = index.PositionAt(at);
    EXPECT_EQ(actual.line, expected.line) << at;
    EXPECT_EQ(actual.column, expected.column) << at;
    EXPECT_EQ(index.LineAt(at), expected.line) << at;
  }
}

// The expected values come from GitHub's own program, run on these texts.
TEST(LineHashTest, AgreesWithCodeScanning) {
  const auto all = [](std::string_view text, uint32_t lines) {
    const LineHashes hashes(text);
    std::string out;
    for (uint32_t i = 1; i <= lines; ++i) out += hashes.Of(i) + " ";
    EXPECT_EQ(hashes.Of(lines + 1), "");
    EXPECT_EQ(hashes.Of(0), "");
    return out;
  };
  EXPECT_EQ(all("", 1), "c129715d7a2bc9a3:1 ");
  EXPECT_EQ(all("a\n", 2), "243cbaa4685aab12:1 c129715d7a2bc9a3:1 ");
  EXPECT_EQ(all(" a\nb\n  \t\tc\n d", 4), "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1 ");
  EXPECT_EQ(all("a\r\nb\r\n\r\na\r\n", 5), "5614927d92068d77:1 4c6ab9ad525977c0:1 6f7821bf6a94a0cc:1 243cbaa4685aab12:1 c129715d7a2bc9a3:1 ");
  EXPECT_EQ(all("注文 😀\r\xFF\xE2\x82" "A\n", 3), "661a131daabbf36a:1 21c7e6f48ddfdc20:1 c129715d7a2bc9a3:1 ");
  const std::string same = "DROP TABLE a_table_with_a_name_that_is_so_long_that_it_fills_the_window_of_one_hundred_characters_all_by_itself;\n";
  const LineHashes hashes(same + same + same);
  EXPECT_EQ(hashes.Of(2), hashes.Of(1).substr(0, hashes.Of(1).find(':')) + ":2");
}

}  // namespace
}  // namespace pawl
