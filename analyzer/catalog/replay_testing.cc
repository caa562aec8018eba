#include "analyzer/catalog/replay_testing.h"

namespace pawl {

std::vector<const sql::Statement*> Replayed::Parse(const std::string& sql) {
  files_.push_back(std::make_unique<SourceFile>("test.sql", sql));
  scripts_.push_back(sql::ParseScript(*files_.back(), {0, static_cast<uint32_t>(sql.size())}));
  std::vector<const sql::Statement*> flat;
  for (const sql::Statement* s : scripts_.back()->statements) {
    flat.push_back(s);
    if (s->kind != sql::StatementKind::kDo) continue;
    for (const sql::Statement* inner : s->As<sql::DoBlock>().statements) flat.push_back(inner);
  }
  return flat;
}

void Replayed::Run(const std::string& sql) {
  const std::vector<const sql::Statement*> statements = Parse(sql);
  Origin origin;
  origin.migration = static_cast<int>(files_.size());
  origin.transaction = ++transaction_;
  origin.file = files_.back().get();
  for (const sql::Statement* s : statements) {
    origin.span = s->span;
    catalog.Apply(*s, origin, origin.file->text());
  }
  catalog.ForgetStatements();
}

}  // namespace pawl
