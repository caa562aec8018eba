// Prints the migration sets under the given paths as JSON: each up script in its order, its runner's transactions, and where each
// statement begins and ends. For tools/proof/catalogue.py, which runs them on a server.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "analyzer/sql/script.h"
#include "migrations/set/discover.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

std::string_view KindOf(const sql::Statement& s) {
  switch (s.kind) {
    case sql::StatementKind::kClientCommand: return "client";
    case sql::StatementKind::kSyntaxError: return "error";
    case sql::StatementKind::kCopy: return s.As<sql::Copy>().stdin_data ? "copy" : "sql";
    default: return "sql";
  }
}

Json Describe(const MigrationSet& set) {
  Json j = {{"root", set.root}, {"layout", ToString(set.layout)}, {"scripts", Json::array()}};
  for (const Migration& m : set.migrations) {
    if (!m.up || m.up->commented) continue;
    const std::unique_ptr<sql::Script> script = sql::ParseScript(*m.up->file, m.up->section);
    Json statements = Json::array();
    for (const sql::Statement* s : script->statements) statements.push_back({{"begin", s->span.begin}, {"end", s->span.end}, {"full_end", s->full_end}, {"kind", KindOf(*s)}});
    const TransactionMode mode = m.up->transaction;
    const bool one = mode == TransactionMode::kFile || (mode == TransactionMode::kSimpleQuery && statements.size() > 1);
    j["scripts"].push_back({{"file", m.up->file->path()}, {"transaction", one}, {"statements", std::move(statements)}});
  }
  return j;
}

}  // namespace
}  // namespace pawl

int main(int argc, char** argv) {
  pawl::DiscoverOptions options;
  for (int i = 1; i < argc; ++i) options.paths.push_back(argv[i]);
  const pawl::Discovered found = pawl::Discover(options);
  pawl::Json all = pawl::Json::array();
  for (const pawl::MigrationSet& set : found.sets) {
    if (set.engine == pawl::Engine::kPostgresql) all.push_back(pawl::Describe(set));
  }
  std::printf("%s\n", all.dump(-1, ' ', false, pawl::Json::error_handler_t::replace).c_str());
  return 0;
}
