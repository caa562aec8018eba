#include <exception>
#include <memory>
#include <vector>

#include "analyzer/cypher/internal/script_parser.h"

namespace pawl::cypher {
namespace {

struct Stopped {};  // thrown through the generated functions, caught by Machine::Attempt

}  // namespace

// Stops at the first mistake instead of repairing it, and remembers where the parser was behind the last good token: from there
// ANTLR knows everything that could have followed, also what lies behind the ends of loops that it has left since.
class Machine::Strategy final : public antlr4::ANTLRErrorStrategy {
 public:
  void Restart() {
    context_ = nullptr;
    state_ = 0;
    token_ = 0;
    alternative_from_ = -1;
  }
  void reset(antlr4::Parser*) override {}
  void sync(antlr4::Parser*) override {}
  bool inErrorRecoveryMode(antlr4::Parser*) override { return false; }
  void reportMatch(antlr4::Parser* parser) override {
    context_ = parser->getContext();
    state_ = parser->getState();
  }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    token_ = static_cast<const Token*>(parser->getCurrentToken())->index;
    throw Stopped();
  }
  void recover(antlr4::Parser*, std::exception_ptr) override { throw Stopped(); }
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& e) override {
    token_ = static_cast<const Token*>(parser->getCurrentToken())->index;
    if (e.getOffendingToken() != nullptr) {
      const int32_t offending = static_cast<const Token*>(e.getOffendingToken())->index;
      if (offending > token_) alternative_from_ = token_;
      token_ = offending;
    }
    throw Stopped();
  }
  void Fill(G& parser, Stop& stop) const {
    stop.token = token_;
    stop.alternative_from = alternative_from_;
    const antlr4::atn::ATN& atn = parser.getATN();
    if (context_ == nullptr) {
      stop.expected = atn.nextTokens(atn.ruleToStartState[G::RuleStatement]);
    } else {
      const antlr4::atn::ATNState* behind = atn.states[state_]->transitions[0]->target;
      stop.expected = atn.getExpectedTokens(behind->stateNumber, context_);
    }
  }

 private:
  antlr4::ParserRuleContext* context_ = nullptr;
  size_t state_ = 0;
  int32_t token_ = 0;
  int32_t alternative_from_ = -1;
};

Machine::Machine() : strategy_(std::make_shared<Strategy>()) {}
Machine::~Machine() = default;

G::StatementContext* Machine::Attempt(std::vector<Token>& tokens, Stop& stop, bool exact) {
  list_ = std::make_unique<TokenList>(tokens);
  if (parser_ == nullptr) {
    parser_ = std::make_unique<G>(list_.get());
    parser_->removeErrorListeners();
    parser_->setErrorHandler(strategy_);
    parser_->setBuildParseTree(false);
  } else {
    parser_->setTokenStream(list_.get());
  }
  parser_->getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(exact ? antlr4::atn::PredictionMode::LL : antlr4::atn::PredictionMode::SLL);
  strategy_->Restart();
  try {
    return parser_->statement();
  } catch (const Stopped&) {
    strategy_->Fill(*parser_, stop);
    return nullptr;
  }
}

G::StatementContext* Machine::Parse(std::vector<Token>& tokens, Stop& stop) {
  // SLL is quick, and where it succeeds its tree is right. It can fail where LL, which knows the whole stack of rules, does not.
  G::StatementContext* statement = Attempt(tokens, stop, false);
  return statement != nullptr ? statement : Attempt(tokens, stop, true);
}

}  // namespace pawl::cypher
