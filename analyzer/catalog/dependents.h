// What stands on columns and functions beside views and foreign keys, which the tables themselves carry: the server refuses to take
// away what it stands on. Only what names a column or a function of the history is kept. Not thread-safe; a part of one Catalog.
#ifndef PAWL_ANALYZER_CATALOG_DEPENDENTS_H_
#define PAWL_ANALYZER_CATALOG_DEPENDENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/source_file.h"

namespace pawl {

// Where in the history something was made: the migration's ordinal in its set and the transaction within the run.
struct Origin {
  int migration = -1;          // -1: before the history, or unknown
  uint32_t transaction = 0;    // unique over the run; statements outside a transaction have one each
  const SourceFile* file = nullptr;
  Span span;
};

struct CatalogDependent {
  enum class Kind : uint8_t { kDefault, kGenerated, kCheck, kIndex, kPolicy, kTrigger, kView, kFunction, kPublication, kRule, kForeignTable };
  Kind kind = Kind::kDefault;
  std::string table;                       // key of the table that it is on, of a view its own; "" for functions
  std::string name;                        // column, constraint, index, policy, trigger, rule, publication; key of a function; "" for views
  std::vector<std::string> columns;        // of `table`, that it names
  std::vector<std::string> uses;           // keys of the relations that its queries name; with them `table`, if it is on one
  std::vector<std::string> used_columns;   // and the columns, of whichever relation; "*" where it takes all
  // Keys of functions of the history that it calls; of an extension's: the extension's name. What a foreign table stands on has its kind
  // in front: "server s", "foreign-data wrapper w".
  std::vector<std::string> functions;
  Origin origin;
};

class DependentList {
 public:
  using Kind = CatalogDependent::Kind;

  const std::vector<CatalogDependent>& all() const { return all_; }
  void Add(CatalogDependent d) { all_.push_back(std::move(d)); }
  // Forgets one, if it is there.
  void Drop(Kind kind, std::string_view table, std::string_view name);
  // A table or view goes, and what stands on it.
  void DropTable(std::string_view table);
  void DropColumn(std::string_view table, std::string_view column);
  void DropFunction(std::string_view function);
  void Rename(Kind kind, std::string_view table, std::string_view from, std::string_view to);
  void RenameTable(std::string_view from, const std::string& to);
  void RenameColumn(std::string_view table, std::string_view from, std::string_view to);
  void RenameFunction(std::string_view from, const std::string& to);

 private:
  std::vector<CatalogDependent> all_;
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_DEPENDENTS_H_
