// A catalogue from SQL text, for tests.
#ifndef PAWL_ANALYZER_CATALOG_REPLAY_TESTING_H_
#define PAWL_ANALYZER_CATALOG_REPLAY_TESTING_H_

#include <memory>
#include <string>
#include <vector>

#include "analyzer/catalog/catalog.h"
#include "analyzer/sql/script.h"

namespace pawl {

// Replays scripts one after the other; each Run is one migration. Statements inside DO blocks run where their block stands.
class Replayed {
 public:
  Replayed() = default;
  explicit Replayed(const std::string& sql) { Run(sql); }

  void Run(const std::string& sql);
  // Parses without replaying; the statements live as long as this object. Inner statements of DO blocks follow their block.
  std::vector<const sql::Statement*> Parse(const std::string& sql);

  Catalog catalog;

 private:
  std::vector<std::unique_ptr<SourceFile>> files_;
  std::vector<std::unique_ptr<sql::Script>> scripts_;
  uint32_t transaction_ = 0;
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_REPLAY_TESTING_H_
