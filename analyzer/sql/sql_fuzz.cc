// libFuzzer target for the SQL front end: any bytes give a script whose statements lie in order inside the text.
//   tools/fuzz.sh //analyzer/sql:sql_fuzz 600
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "analyzer/source/source_file.h"
#include "analyzer/sql/script.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  pawl::sql::ParseOptions options;
  options.commented = (data[0] & 15) == 1;
  const pawl::SourceFile file("fuzz.sql", std::string(reinterpret_cast<const char*>(data), size));
  // A section in the middle of the file, as layouts with two scripts in one file have them.
  const uint32_t begin = (data[0] & 7) == 3 && size > 8 ? static_cast<uint32_t>(size / 4) : 0;
  const auto script = pawl::sql::ParseScript(file, {begin, static_cast<uint32_t>(size)}, options);
  uint32_t at = begin;
  for (const pawl::sql::Statement* s : script->statements) {
    if (s->span.begin < at || s->span.end < s->span.begin || s->full_end < s->span.end || s->full_end > size) std::abort();
    at = s->span.end;
  }
  return 0;
}
