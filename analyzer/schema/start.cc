#include "analyzer/schema/start.h"

#include <utility>

namespace pawl {
namespace {

void Apply(Catalog* catalog, const sql::Statement& s, std::string_view text) {
  catalog->Apply(s, Origin(), text);
  if (s.kind != sql::StatementKind::kDo) return;
  for (const sql::Statement* inner : s.As<sql::DoBlock>().statements) Apply(catalog, *inner, text);
}

}  // namespace

// pg_dump empties the search_path and leaves it so; a migration begins with the server's own.
StartSchema::StartSchema(std::string shown, std::string sql)
    : file_(std::move(shown), std::move(sql) + "\nRESET search_path;\n"), script_(sql::ParseScript(file_, {0, static_cast<uint32_t>(file_.text().size())})) {}

void StartSchema::Fill(Catalog* catalog) const {
  for (const sql::Statement* s : script_->statements) Apply(catalog, *s, file_.text());
  catalog->ForgetStatements();
  catalog->MarkOld();
}

}  // namespace pawl
