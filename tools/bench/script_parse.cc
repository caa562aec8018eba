// script_parse LIST [-v]: our parser on every file named in LIST. Prints "files bytes statements errors not_understood"; with
// -v each syntax error and each piece that was not understood.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "analyzer/source/source_file.h"
#include "analyzer/sql/script.h"

namespace {

long g_inside = 0;

void Walk(const pawl::SourceFile& file, pawl::List<const pawl::sql::Statement*> list, bool verbose) {
  for (const pawl::sql::Statement* s : list) {
    ++g_inside;
    if (verbose && (s->kind == pawl::sql::StatementKind::kSyntaxError || s->kind == pawl::sql::StatementKind::kNotUnderstood)) {
      const pawl::Position p = file.PositionAt(s->kind == pawl::sql::StatementKind::kSyntaxError ? s->error_at : s->span.begin);
      std::printf("%s:%u:%u: %.*s\n", file.path().c_str(), p.line, p.column, static_cast<int>(s->tag.size()), s->tag.data());
    }
    if (s->kind == pawl::sql::StatementKind::kDo) Walk(file, s->As<pawl::sql::DoBlock>().statements, verbose);
    if (s->kind == pawl::sql::StatementKind::kCreateFunction) Walk(file, s->As<pawl::sql::CreateFunction>().statements, verbose);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: script_parse LIST [-v]\n");
    return 2;
  }
  const bool verbose = argc > 2 && std::strcmp(argv[2], "-v") == 0;
  std::ifstream list(argv[1]);
  std::string path;
  long files = 0, bytes = 0, statements = 0, errors = 0, unknown = 0;
  while (std::getline(list, path)) {
    std::ifstream in(path, std::ios::binary);
    if (!in) continue;
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const pawl::SourceFile file(path, std::move(text));
    ++files;
    bytes += static_cast<long>(file.text().size());
    const auto script = pawl::sql::ParseScript(file, {0, static_cast<uint32_t>(file.text().size())});
    for (const pawl::sql::Statement* s : script->statements) errors += s->kind == pawl::sql::StatementKind::kSyntaxError;
    statements += script->total_statements;
    unknown += script->not_understood;
    Walk(file, script->statements, verbose);
  }
  std::printf("%ld %ld %ld %ld %ld inside=%ld\n", files, bytes, statements, errors, unknown, g_inside);
  return 0;
}
