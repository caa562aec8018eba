// The schema that a history begins with: of a database that is older than its migrations.
#ifndef PAWL_ANALYZER_SCHEMA_START_H_
#define PAWL_ANALYZER_SCHEMA_START_H_

#include <memory>
#include <string>

#include "analyzer/catalog/catalog.h"
#include "analyzer/sql/script.h"

namespace pawl {

// Parsed once, replayed on the catalogue of each run. Immutable after construction: any thread may use it.
class StartSchema {
 public:
  // `sql`: what pg_dump --schema-only or SchemaToSql writes; other statements are passed over. `shown`: the file's name.
  StartSchema(std::string shown, std::string sql);
  StartSchema(const StartSchema&) = delete;

  // Makes its objects on `catalog`, which is empty. They are older than any migration (Origin::migration is -1), in use, and
  // their tables may hold rows.
  void Fill(Catalog* catalog) const;
  // How many statements could not be read.
  uint32_t not_understood() const { return script_->not_understood; }

 private:
  SourceFile file_;
  std::unique_ptr<sql::Script> script_;
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_SCHEMA_START_H_
