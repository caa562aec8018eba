#include "rules/engine/engine.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "analyzer/finding/suppression.h"
#include "analyzer/schema/start.h"
#include "rules/engine/overlap.h"
#include "rules/engine/replay.h"
#include "rules/statistics.h"

namespace pawl {
namespace {

struct ScriptJob {
  const Migration* migration;
  int index;
  Direction direction;
  const ScriptRef* ref;
};

// Parses scripts ahead of the replay on a fixed pool of threads, never more than kWindow ahead: the ASTs of thousands of files
// need not exist at once.
class ParsePipeline {
 public:
  ParsePipeline(const std::vector<ScriptJob>& work, int jobs) : work_(work), scripts_(work.size()) {
    uint64_t bytes = 0;
    for (const ScriptJob& j : work) bytes += j.ref->section.size();
    if (jobs < 2 || work.size() < 2 || bytes < kParallelFrom) return;
    for (int i = 0; i < jobs; ++i) threads_.emplace_back([this] { Loop(); });
  }
  ~ParsePipeline() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    room_.notify_all();
    for (std::thread& t : threads_) t.join();
  }

  std::unique_ptr<sql::Script> Take(size_t i) {
    if (threads_.empty()) return Parse(i);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [&] { return scripts_[i] != nullptr; });
    taken_ = i + 1;
    std::unique_ptr<sql::Script> s = std::move(scripts_[i]);
    lock.unlock();
    if (i % kWake == 0) room_.notify_all();
    return s;
  }

 private:
  // Below this one thread is done in about a tenth of a second; handing scripts over costs more CPU than it saves time.
  static constexpr uint64_t kParallelFrom = 8u << 20;
  static constexpr size_t kWindow = 512;
  static constexpr size_t kWake = 64;

  std::unique_ptr<sql::Script> Parse(size_t i) const {
    sql::ParseOptions options;
    options.commented = work_[i].ref->commented;
    return sql::ParseScript(*work_[i].ref->file, work_[i].ref->section, options);
  }

  void Loop() {
    for (;;) {
      size_t i;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        room_.wait(lock, [&] { return stop_ || next_ < taken_ + kWindow || next_ >= work_.size(); });
        if (stop_ || next_ >= work_.size()) return;
        i = next_++;
      }
      std::unique_ptr<sql::Script> script = Parse(i);
      {
        std::lock_guard<std::mutex> lock(mutex_);
        scripts_[i] = std::move(script);
      }
      done_.notify_one();
    }
  }

  const std::vector<ScriptJob>& work_;
  std::vector<std::unique_ptr<sql::Script>> scripts_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable room_, done_;
  size_t next_ = 0, taken_ = 0;
  bool stop_ = false;
};

}  // namespace

struct RuleEngine::Judge {
  RuleEngine* engine;
  static void Visit(void* state, const ScriptContext& context, const Catalog& catalog) {
    const Judge& self = *static_cast<Judge*>(state);
    const size_t first = context.out->size();
    const StatementFacts& facts = context.facts.back();
    const StatementContext statement{context, facts, *facts.statement, catalog};
    AlterKinds alters = AlterKinds::All();
    if (facts.statement->kind == sql::StatementKind::kAlterTable) {
      alters = {};
      for (const sql::AlterCommand& c : facts.statement->As<sql::AlterTable>().commands) alters.Add(c.kind);
    }
    const bool down = context.is_down();
    for (const StatementCheck& c : self.engine->by_kind_[static_cast<int>(facts.statement->kind)]) {
      if (c.alters.Meets(alters) && (!down || c.in_down)) c.check(statement);
    }
    if (self.engine->log_ != nullptr) self.engine->log_->Add(*context.file, facts);
    if (context.settings->statistics != nullptr && context.out->size() != first) self.engine->SayTableSizes(context, true, first);
  }
};

RuleEngine::RuleEngine(const EngineOptions& options) : options_(options) {
  for (size_t i = 0; i < options_.rules.size(); ++i) {
    const Rule* r = options_.rules[i];
    configured_[&r->info] = options_.severities[i];
    if (options_.severities[i] == Severity::kOff) continue;
    if (r->check_statement != nullptr) {
      for (int k = 0; k < static_cast<int>(sql::StatementKind::kCount); ++k) {
        if (r->kinds.Has(static_cast<sql::StatementKind>(k))) by_kind_[k].push_back({r->check_statement, r->alters, r->in_down});
      }
    }
    if (r->check_script != nullptr) script_rules_.push_back(r);
    if (r->check_set != nullptr) set_rules_.push_back(r);
    if (r->check_cypher != nullptr) cypher_rules_.push_back(r);
    if (r->check_cypher_script != nullptr) cypher_script_rules_.push_back(r);
  }
}

void RuleEngine::RunScript(ScriptContext& context, Catalog& catalog, std::vector<Finding>& findings) {
  Judge judge{this};
  context.out = &findings;
  ScriptReplay replay(context, catalog, next_transaction_, Judge::Visit, &judge);  // script rules still ask what it made
  replay.Run();
  const size_t first = findings.size();
  for (const Rule* r : script_rules_) {
    if (!context.is_down() || r->in_down) r->check_script(context);
  }
  if (context.settings->statistics != nullptr) SayTableSizes(context, false, first);
  context.created_by_down = nullptr;
}

void RuleEngine::SayTableSizes(const ScriptContext& context, bool current, size_t first) {
  std::vector<Finding>& findings = *context.out;
  auto small = [&](Finding& f) {
    const auto rule = std::find_if(options_.rules.begin(), options_.rules.end(), [&](const Rule* r) { return &r->info == f.rule; });
    if (f.any_size || rule == options_.rules.end() || !(*rule)->grows_with_table) return false;
    const StatementFacts* facts = current ? &context.facts.back() : nullptr;
    if (!current) {
      for (const StatementFacts& of : context.facts) {
        // The innermost: a DO block comes before what stands in it.
        if (of.statement->span.Contains(f.span.begin) && (facts == nullptr || of.statement->span.begin >= facts->statement->span.begin)) facts = &of;
      }
    }
    return facts != nullptr && !AddSizes(*context.settings->statistics, facts->effects, &f);
  };
  const auto end = std::remove_if(findings.begin() + static_cast<ptrdiff_t>(first), findings.end(), small);
  of_small_tables_ += static_cast<uint32_t>(findings.end() - end);
  findings.erase(end, findings.end());
}

void RuleEngine::ApplySeverities(std::vector<Finding>& findings, size_t first) const {
  for (size_t i = first; i < findings.size(); ++i) {
    Finding& f = findings[i];
    const Severity base = f.rule->severity == Severity::kOff ? Severity::kWarning : f.rule->severity;
    const auto it = configured_.find(f.rule);
    if (it == configured_.end() || it->second == Severity::kOff) continue;
    // A rule that lowered one finding below its default keeps it at most that high.
    f.severity = f.severity < base ? std::min(f.severity, it->second) : it->second;
  }
}

void RuleEngine::Run(const MigrationSet& set, const HistoryComparison* history, const std::vector<bool>* pending, std::vector<Finding>& findings,
                     EngineSummary& summary) {
  const size_t first = findings.size();
  SetContext set_context{set, history, &findings};
  for (const Rule* r : set_rules_) r->check_set(set_context);
  summary.files += static_cast<uint32_t>(set.files.size());
  if (set.engine == Engine::kPostgresql) {
    std::vector<ScriptJob> work;
    work.reserve(set.migrations.size() * 2);
    for (size_t i = 0; i < set.migrations.size(); ++i) {
      const Migration& m = set.migrations[i];
      if (m.up) work.push_back({&m, static_cast<int>(i), Direction::kUp, &*m.up});
      if (m.down) work.push_back({&m, static_cast<int>(i), Direction::kDown, &*m.down});
    }
    Catalog catalog;
    if (options_.settings.start != nullptr) options_.settings.start->Fill(&catalog);
    ParsePipeline pipeline(work, options_.jobs);
    ScriptContext context;
    context.set = &set;
    context.settings = &options_.settings;
    context.pending = pending;
    ScriptContext up;  // of the migration at hand, kept for its down
    std::unique_ptr<sql::Script> up_script;
    for (size_t i = 0; i < work.size(); ++i) {
      std::unique_ptr<sql::Script> script = pipeline.Take(i);
      context.migration = work[i].migration;
      context.migration_index = work[i].index;
      context.direction = work[i].direction;
      context.ref = work[i].ref;
      context.file = work[i].ref->file;
      context.script = script.get();
      context.facts.clear();
      context.up = context.is_down() && up.migration == context.migration ? &up : nullptr;
      summary.statements += script->total_statements;
      context.mentions_pawl = MentionsPawl(context.file->text());
      if (context.mentions_pawl) {
        std::vector<Span>& spans = summary.statements_of[context.file];
        for (const sql::Statement* st : script->statements) spans.push_back({st->span.begin, st->full_end});
        std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
      }
      RunScript(context, catalog, findings);
      summary.not_understood += script->not_understood;  // after the replay, which reads the bodies of called functions
      catalog.ForgetStatements();
      if (i + 1 < work.size() && work[i + 1].migration == work[i].migration) {
        up = std::move(context);
        up_script = std::move(script);
        context = ScriptContext();
        context.set = &set;
        context.settings = &options_.settings;
        context.pending = pending;
      }
    }
  }
  summary.of_small_tables += std::exchange(of_small_tables_, 0);
  if (set.engine == Engine::kNeo4j) RunCypher(set, findings, summary);
  DropSyntaxErrorsOfMixedFiles(findings, first);
  ApplySeverities(findings, first);
}

}  // namespace pawl
