#include "report/json_writer.h"

#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace pawl {
namespace {

std::string StringOf(std::string_view s) {
  StringSink sink;
  JsonWriter(sink).String(s);
  return sink.text;
}

TEST(JsonWriterTest, PutsCommasWhereTheyBelong) {
  StringSink sink;
  {
    JsonWriter json(sink);
    json.BeginObject().Member("a", 1).Key("b").BeginArray().EndArray().Key("c").BeginArray().Number(1).String("x").Null().Bool(false);
    json.BeginObject().EndObject().EndArray().Member("d", true).Key("e").Hex(0xab).EndObject().Finish();
  }
  EXPECT_EQ(sink.text, "{\"a\":1,\"b\":[],\"c\":[1,\"x\",null,false,{}],\"d\":true,\"e\":\"00000000000000ab\"}\n");
}

TEST(JsonWriterTest, EveryAsciiCharacterComesBack) {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  for (size_t shift = 0; shift < 9; ++shift) {  // every place in a word of eight
    const std::string text = std::string(shift, 'x') + all;
    EXPECT_EQ(nlohmann::json::parse(StringOf(text)).get<std::string>(), text);
  }
}

TEST(JsonWriterTest, SpecialCharactersInEveryPlaceOfAWord) {
  for (const char special : {'"', '\\', '\n', '\x1f', '\0', '\x7f', ' ', '!', '#', '[', ']'}) {
    for (size_t at = 0; at < 24; ++at) {
      std::string text(24, 'a');
      text[at] = special;
      EXPECT_EQ(nlohmann::json::parse(StringOf(text)).get<std::string>(), text) << "character " << int{special} << " at " << at;
    }
  }
}

TEST(JsonWriterTest, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(StringOf("é 注文 😀"), "\"é 注文 😀\"");
  EXPECT_EQ(StringOf("a\x80z"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(StringOf("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");          // overlong
  EXPECT_EQ(StringOf("\xED\xA0\x80!"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!\"");  // surrogate
  EXPECT_EQ(StringOf("12345678\xE6\xB3"), "\"12345678\xEF\xBF\xBD\xEF\xBF\xBD\"");    // cut off
}

TEST(JsonWriterTest, LongStringsCrossTheBuffer) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "é\"" + std::to_string(i);
  EXPECT_EQ(nlohmann::json::parse(StringOf(text)).get<std::string>(), text);
  EXPECT_EQ(StringOf(std::string(300000, 'x')), "\"" + std::string(300000, 'x') + "\"");
}

TEST(JsonWriterTest, NumbersUpToSixtyFourBits) {
  StringSink sink;
  { JsonWriter(sink).BeginArray().Number(0).Number(UINT64_MAX).EndArray(); }
  EXPECT_EQ(sink.text, "[0,18446744073709551615]");
}

}  // namespace
}  // namespace pawl
