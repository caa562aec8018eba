// cypher_parse [25|44] LIST|FILE...: our parser on every file named (LIST: a file with the ending .list, one path a line). Prints
// "files bytes statements errors", and for one file with a single statement per line nothing more. With -v every syntax error.
// With -0: statements on standard input, each ended by a NUL byte; prints for each "ok" or "error<TAB>message", as
// grammars/conformance/Oracle.java does of Neo4j's parser.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "analyzer/cypher/script.h"
#include "analyzer/source/source_file.h"

namespace {

std::string ReadAll(std::istream& in) { return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}; }

// As Neo4j's parser alone judges: forms that the server refuses only later pass.
void Judge(const std::string& statement, const pawl::cypher::ParseOptions& options) {
  const pawl::SourceFile file("statement", statement);
  const auto script = pawl::cypher::ParseScript(file, {0, static_cast<uint32_t>(statement.size())}, options);
  bool any = false;
  for (const pawl::cypher::Statement* s : script->statements) {
    any = true;
    if (s->parses && s->kind != pawl::cypher::StatementKind::kClientCommand) continue;
    if (s->kind == pawl::cypher::StatementKind::kSyntaxError) {
      const auto& e = s->As<pawl::cypher::SyntaxError>();
      std::printf("error\t%.*s%s%.*s\n", static_cast<int>(e.message.size()), e.message.data(), e.help.empty() ? "" : " -- ", static_cast<int>(e.help.size()), e.help.data());
    } else {
      std::printf("error\tform");
      for (const pawl::cypher::FormUse& f : s->forms) {
        if (!f.accepted) std::printf(" %s", std::string(pawl::cypher::Info(f.form).what).c_str());
      }
      std::printf("\n");
    }
    return;
  }
  std::puts(any ? "ok" : "error\tempty");
}

}  // namespace

int main(int argc, char** argv) {
  pawl::cypher::ParseOptions options;
  bool verbose = false, standard_input = false;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    if (a == "25") {
      options.version = pawl::cypher::Version::k25;
    } else if (a == "44") {
      options.version = pawl::cypher::Version::k44;
    } else if (a == "5") {
      options.version = pawl::cypher::Version::k5;
    } else if (a == "-v") {
      verbose = true;
    } else if (a == "-0") {
      standard_input = true;
    } else if (a.ends_with(".list")) {
      std::ifstream list(a);
      for (std::string path; std::getline(list, path);) files.push_back(path);
    } else {
      files.push_back(a);
    }
  }
  if (standard_input) {
    const std::string all = ReadAll(std::cin);
    for (size_t begin = 0, end; (end = all.find('\0', begin)) != std::string::npos; begin = end + 1) Judge(all.substr(begin, end - begin), options);
    return 0;
  }
  long count = 0, bytes = 0, statements = 0, errors = 0;
  for (const std::string& path : files) {
    std::ifstream in(path, std::ios::binary);
    if (!in) continue;
    const pawl::SourceFile file(path, ReadAll(in));
    ++count;
    bytes += static_cast<long>(file.text().size());
    const auto script = pawl::cypher::ParseScript(file, {0, static_cast<uint32_t>(file.text().size())}, options);
    statements += script->total_statements;
    errors += script->syntax_errors;
    if (!verbose) continue;
    for (const pawl::cypher::Statement* s : script->statements) {
      if (s->kind != pawl::cypher::StatementKind::kSyntaxError) continue;
      const auto& e = s->As<pawl::cypher::SyntaxError>();
      const pawl::Position p = file.PositionAt(e.span.begin);
      std::printf("%s:%u:%u: %.*s\n", path.c_str(), p.line, p.column, static_cast<int>(e.message.size()), e.message.data());
      if (!e.help.empty()) std::printf("  help: %.*s\n", static_cast<int>(e.help.size()), e.help.data());
    }
  }
  std::printf("%ld %ld %ld %ld\n", count, bytes, statements, errors);
  return 0;
}
