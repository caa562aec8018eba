// Replays one script on the catalogue, statement by statement: which transaction each runs in, which timeouts are in force,
// what it does. Statements of DO blocks, and of functions made in the same script and called, are replayed in place.
#ifndef PAWL_RULES_ENGINE_REPLAY_H_
#define PAWL_RULES_ENGINE_REPLAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "rules/engine/programs.h"
#include "rules/rule.h"

namespace pawl {

// "5s", "500", "1min", "2 h": milliseconds by PostgreSQL's units ("Setting Parameters", GUC_UNIT_MS); nullopt if it is none.
std::optional<int64_t> ParseDuration(std::string_view value);

class ScriptReplay {
 public:
  // Called for each replayed statement before the catalogue takes it in; context.facts.back() is the statement's.
  using Visitor = void (*)(void* state, const ScriptContext& context, const Catalog& catalog);

  // `context` has everything but facts; `next_transaction` numbers transactions over the whole run. In a down script the
  // catalogue is only read.
  ScriptReplay(ScriptContext& context, Catalog& catalog, uint32_t& next_transaction, Visitor visitor, void* state);
  // From now on what statements run besides is replayed with them, out of `programs`, which takes in what this script defines.
  void Follow(Programs* programs) { programs_ = programs; }
  void Run();
  // Something in `programs` points into the script.
  bool noted() const { return noted_; }

 private:
  struct Setting {
    Timeout session;
    std::optional<Timeout> local;
    Timeout Current() const { return local.value_or(session); }
  };

  void Visit(const sql::Statement& s, const sql::Statement& top, bool body, int depth);
  void VisitBody(List<const sql::Statement*> body, const sql::Statement& top, int depth);
  void VisitPrograms(const std::vector<Program>& programs, const sql::Statement& top, int depth);
  void VisitCalls(const sql::Query& q, const sql::Statement& top, int depth, int query_depth);
  void VisitCall(const sql::Expr& e, const sql::Statement& top, int depth, int expression_depth);
  void EnterOrLeaveBlock(size_t i);
  void NoteReplaced(const sql::Statement& s);
  void Transact(const sql::Transaction& t, const sql::Statement& s, bool body);
  void Set(const sql::VariableSet& v, const sql::Statement& s);
  void SetConfig(const sql::Expr& call, const sql::Statement& s);
  void Assign(std::string_view name, std::string_view value, bool local, bool reset, const sql::Statement& s);
  void EndTransaction(bool commit);

  ScriptContext& context_;
  Catalog& catalog_;
  uint32_t& next_transaction_;
  Visitor visitor_;
  void* state_;
  TransactionSource source_ = TransactionSource::kNone;
  int bodies_ = 0;  // DO blocks and functions that we are in
  uint32_t transaction_ = 0;
  const sql::Statement* begin_ = nullptr;
  Setting lock_timeout_;
  Setting statement_timeout_;
  absl::flat_hash_map<std::string_view, const sql::Statement*> functions_;  // made in this script
  absl::flat_hash_set<std::string> created_by_down_;
  Programs* programs_ = nullptr;
  bool noted_ = false;
  const SourceFile* body_file_ = nullptr;    // of the body that we are in; null: the script's
  std::vector<const void*> running_;         // programs that we are in
  int visits_ = 0;                           // statements of programs since the last statement of the script
};

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_REPLAY_H_
