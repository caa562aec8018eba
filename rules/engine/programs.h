// What a history has defined and a later statement runs without saying so: the bodies of functions that it calls and of triggers that its
// rows fire, the actions of rules, prepared statements. Only `pawl locks` follows these: lint judges what is written. Not thread-safe.
#ifndef PAWL_RULES_ENGINE_PROGRAMS_H_
#define PAWL_RULES_ENGINE_PROGRAMS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/catalog/catalog.h"
#include "analyzer/sql/script.h"

namespace pawl {

// Statements that run as part of another one.
struct Program {
  List<const sql::Statement*> statements;
  const SourceFile* file = nullptr;  // that their spans are of
  const void* id = nullptr;          // the same for the same function or rule: one that runs itself is followed once
};

class Programs {
 public:
  // Takes in what `s` defines. The catalogue has it already. True if something points into `script` from now on: it must be kept.
  bool Note(const sql::Statement& s, const SourceFile& file, sql::Script& script, const Catalog& catalog);

  // What running `s` on the catalogue as it is runs besides, in no order that matters. Bodies are parsed here, each once.
  std::vector<Program> RunBy(const sql::Statement& s, const Catalog& catalog, Arena& arena);

 private:
  struct Function {
    const sql::Statement* statement = nullptr;
    const SourceFile* file = nullptr;
    sql::Script* script = nullptr;
    // Bodies as calls with these literals run them, for functions that put their arguments into dynamic SQL.
    std::vector<std::pair<std::string, List<const sql::Statement*>>> called;
  };
  struct Rule {
    List<const sql::Statement*> actions;
    const SourceFile* file = nullptr;
  };
  using Out = std::vector<Program>;
  class Firing;

  void Call(const sql::Expr& call, const Catalog& catalog, Out* out);
  // `arguments` < 0: whichever there is.
  void Run(std::string_view function, int arguments, const sql::Expr* call, Out* out);
  void RunTrigger(std::string_view function, uint8_t event, Out* out);
  // The body as this call runs it, where that differs from call to call; else none.
  List<const sql::Statement*> Called(Function* function, const sql::Expr* call);
  void Calls(const sql::Query& q, const Catalog& catalog, Out* out);
  void Calls(const sql::Expr* e, const Catalog& catalog, Out* out);
  void Query(const sql::Query& q, const Catalog& catalog, Out* out);
  void AlterTable(const sql::AlterTable& alter, const Catalog& catalog, Out* out);

  absl::flat_hash_map<std::string, std::vector<Function>> functions_;  // by catalogue key; overloads, the newest last
  absl::flat_hash_map<std::pair<const SourceFile*, uint32_t>, Rule> rules_;  // by where they were made: names change
  absl::flat_hash_map<std::string, const sql::Query*> prepared_;
};

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_PROGRAMS_H_
