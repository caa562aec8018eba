// libFuzzer target for the Cypher front end: any bytes give a script whose statements lie in order inside the section, and every
// byte outside them is white space, a comment or a ';'.
//   tools/fuzz.sh //analyzer/cypher:cypher_fuzz 600
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "analyzer/cypher/script.h"
#include "analyzer/source/source_file.h"

namespace {

using pawl::Span;

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  pawl::cypher::ParseOptions options;
  options.comments = true;
  options.version = (data[0] & 3) == 1 ? pawl::cypher::Version::k25 : (data[0] & 3) == 2 ? pawl::cypher::Version::k44 : pawl::cypher::Version::k5;
  const pawl::SourceFile file("fuzz.cypher", std::string(reinterpret_cast<const char*>(data), size));
  // A section in the middle of the file, as layouts with two scripts in one file have them.
  const uint32_t begin = (data[0] & 7) == 3 && size > 8 ? static_cast<uint32_t>(size / 4) : 0, end = static_cast<uint32_t>(size);
  const auto script = pawl::cypher::ParseScript(file, {begin, end}, options);
  std::string left(file.text());
  uint32_t at = begin;
  for (const pawl::cypher::Statement* s : script->statements) {
    Check(s->span.begin >= at && s->span.end >= s->span.begin && s->full_end >= s->span.end && s->full_end <= size);
    at = s->span.end;
    for (uint32_t i = s->span.begin; i < s->full_end; ++i) left[i] = ' ';
    uint32_t form = 0;
    for (const pawl::cypher::FormUse& f : s->forms) {
      Check(f.span.begin >= form && f.span.end <= size);
      form = f.span.begin;
    }
    if (s->kind == pawl::cypher::StatementKind::kSyntaxError) {
      const auto& e = s->As<pawl::cypher::SyntaxError>();
      Check(e.span.begin >= s->span.begin && e.span.end <= size && !e.message.empty());
    }
  }
  for (const Span& c : script->comments) {
    Check(c.begin >= begin && c.begin < c.end && c.end <= end);
    for (uint32_t i = c.begin; i < c.end; ++i) left[i] = ' ';
  }
  for (uint32_t i = begin; i < end; ++i) {
    const auto c = static_cast<unsigned char>(left[i]);
    Check(c <= ' ' || c == ';' || c >= 0x80);
  }
  return 0;
}
