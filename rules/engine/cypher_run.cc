// Cypher sets: parse, replay on the graph's schema, judge. One script after the other: they are few, and small.
#include <algorithm>

#include "absl/strings/match.h"
#include "analyzer/cypher/script.h"
#include "analyzer/finding/suppression.h"
#include "rules/cypher/context.h"
#include "rules/engine/engine.h"

namespace pawl {
namespace {

// Replays one script statement by statement and shows each to the rules.
class CypherReplay {
 public:
  CypherReplay(CypherScriptContext& context, Graph& graph, const std::vector<const Rule*>& rules, uint32_t& statement, uint32_t& transaction)
      : context_(context), graph_(graph), rules_(rules), statement_(statement), transaction_(transaction) {}

  void Run() {
    ++transaction_;
    for (const cypher::Statement* s : context_.script->statements) {
      if (s->kind == cypher::StatementKind::kClientCommand) {
        const std::string_view command = s->As<cypher::ClientCommand>().command;
        if (command == ":begin") {
          begun_ = true;
          ++transaction_;
        }
        if (command == ":commit" || command == ":rollback") {
          begun_ = false;
          ++transaction_;
        }
      } else if (!begun_ && !context_.runner_wraps()) {
        ++transaction_;
      }
      Visit(*s);
    }
  }

 private:
  void Visit(const cypher::Statement& s) {
    CypherFacts& f = context_.facts.emplace_back();
    f.statement = &s;
    f.ordinal = ++statement_;
    f.transaction = transaction_;
    f.wrapped = begun_ || (context_.runner_wraps() && !s.embedded);
    const CypherContext shown{context_, f, s, graph_};
    for (const Rule* r : rules_) {
      if (!context_.is_down() || r->in_down) r->check_cypher(shown);
    }
    if (!context_.is_down()) graph_.Apply(s, {context_.migration_index, statement_, context_.file, s.span});
    if (s.kind == cypher::StatementKind::kQuery) Embedded(s.As<cypher::Query>());
  }

  // What stands in string arguments has been applied with its outer statement; here it is only judged.
  void Embedded(const cypher::Query& q) {
    for (const cypher::Clause* c : q.clauses) {
      for (const cypher::Statement* e : c->embedded) {
        CypherFacts& f = context_.facts.emplace_back();
        f.statement = e;
        f.ordinal = ++statement_;
        f.transaction = ++transaction_;  // the procedure opens its own
        const CypherContext shown{context_, f, *e, graph_};
        for (const Rule* r : rules_) {
          if (!context_.is_down() || r->in_down) r->check_cypher(shown);
        }
      }
      if (c->query != nullptr) Embedded(*c->query);
    }
    for (const cypher::Query* part : q.parts) Embedded(*part);
  }

  CypherScriptContext& context_;
  Graph& graph_;
  const std::vector<const Rule*>& rules_;
  uint32_t& statement_;
  uint32_t& transaction_;
  bool begun_ = false;
};

}  // namespace

void RuleEngine::RunCypher(const MigrationSet& set, std::vector<Finding>& findings, EngineSummary& summary) {
  Graph graph;
  uint32_t statement = 0;
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    for (const Direction direction : {Direction::kUp, Direction::kDown}) {
      const std::optional<ScriptRef>& ref = direction == Direction::kUp ? m.up : m.down;
      if (!ref) continue;
      cypher::ParseOptions options;
      options.version = options_.settings.cypher_version;
      // An undo section that is commented out is read as it would be run, at the same places.
      std::unique_ptr<SourceFile> uncommented;
      if (ref->commented) uncommented = std::make_unique<SourceFile>(ref->file->path(), WithoutCommentMarks(ref->file->text(), ref->section));
      const std::unique_ptr<cypher::Script> script = cypher::ParseScript(uncommented != nullptr ? *uncommented : *ref->file, ref->section, options);
      CypherScriptContext context;
      context.set = &set;
      context.migration = &m;
      context.migration_index = static_cast<int>(i);
      context.direction = direction;
      context.ref = &*ref;
      context.file = ref->file;
      context.script = script.get();
      context.settings = &options_.settings;
      context.graph = &graph;
      context.out = &findings;
      context.facts.reserve(script->statements.size());
      summary.statements += script->total_statements;
      summary.not_understood += script->not_understood;
      if (MentionsPawl(ref->file->text())) {
        std::vector<Span>& spans = summary.statements_of[ref->file];
        for (const cypher::Statement* s : script->statements) spans.push_back({s->span.begin, s->full_end});
        std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
      }
      CypherReplay(context, graph, cypher_rules_, statement, next_transaction_).Run();
      for (const Rule* r : cypher_script_rules_) {
        if (!context.is_down() || r->in_down) r->check_cypher_script(context);
      }
    }
  }
}

}  // namespace pawl
