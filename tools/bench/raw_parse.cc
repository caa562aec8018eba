// raw_parse LIST: reads every file named in LIST (one path a line) and parses it with libpg_query's raw parser.
// Prints "files bytes statements errors". The floor that lint's CPU time is compared with.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

extern "C" {
#include "pg_query.h"
#include "postgres.h"
#include "nodes/pg_list.h"
#include "pg_query_internal.h"
}
#undef printf
#undef fprintf

namespace {

bool ReadFile(const std::string& path, std::string& out) {
  FILE* f = std::fopen(path.c_str(), "rb");
  if (f == nullptr) return false;
  std::fseek(f, 0, SEEK_END);
  const long size = std::ftell(f);
  std::rewind(f);
  out.resize(size < 0 ? 0 : static_cast<size_t>(size));
  const size_t got = std::fread(out.data(), 1, out.size(), f);
  out.resize(got);
  std::fclose(f);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: raw_parse LIST\n");
    return 2;
  }
  std::ifstream list(argv[1]);
  std::string path, text;
  long files = 0, bytes = 0, statements = 0, errors = 0;
  while (std::getline(list, path)) {
    if (!ReadFile(path, text)) continue;
    ++files;
    bytes += static_cast<long>(text.size());
    MemoryContext context = pg_query_enter_memory_context();
    PgQueryInternalParsetreeAndError r = pg_query_raw_parse(text.c_str(), 0);
    if (r.error != nullptr) ++errors;
    else statements += list_length(r.tree);
    pg_query_exit_memory_context(context);
    std::free(r.stderr_buffer);
    if (r.error != nullptr) pg_query_free_error(r.error);
  }
  std::printf("%ld %ld %ld %ld\n", files, bytes, statements, errors);
  return 0;
}
