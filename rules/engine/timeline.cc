#include "rules/engine/timeline.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "analyzer/schema/start.h"
#include "analyzer/sql/dynamic_text.h"
#include "analyzer/sql/script.h"
#include "rules/engine/replay.h"

namespace pawl {
namespace {

constexpr size_t kShown = 120;

std::string OneLine(std::string_view sql) {
  std::string out;
  for (char c : sql) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
    if (out.size() >= kShown) return out + "…";
  }
  return out;
}

std::string TableOf(std::string_view index, const Catalog& catalog) {
  const size_t dot = index.find('.');
  if (dot == std::string_view::npos) return "";
  const CatalogTable* table = catalog.FindIndex({index.substr(0, dot), index.substr(dot + 1), {}}, nullptr);
  return table == nullptr ? "" : table->key;
}

// In the text of an EXECUTE a value that is put in stands as `x` or `x_`, or as kUnknownPart, also later where it has become a partition
// of something: which table that is nobody can tell.
bool StandsForAnother(std::string_view object, bool in_execute) {
  if (absl::StrContains(object, sql::kUnknownPart)) return true;
  if (!in_execute) return false;
  const std::string_view name = object.substr(object.rfind('.') + 1);
  return !name.empty() && name[0] == 'x' && name.find_first_not_of('_', 1) == std::string_view::npos;
}

// Of two things done to a table the one that tells more: rows that are read or written may be few, what a scan and above do grows with the
// table for certain.
Work Dearer(Work a, Work b) {
  if (a == Work::kRows) return b >= Work::kScan ? b : a;
  if (b == Work::kRows) return a >= Work::kScan ? a : b;
  return std::max(a, b);
}

// Made by the very statement that locks it (a DO block, a function): nobody can wait for it, nobody ever sees it locked.
bool MadeInside(std::string_view object, const StatementFacts& f, const ScriptContext& context, const Catalog& catalog) {
  if (f.statement == f.top) return false;
  const CatalogTable* table = catalog.FindTable(object);
  return table != nullptr && table->origin.file == context.file && table->origin.transaction == f.transaction && f.top->span.begin <= table->origin.span.begin && table->origin.span.begin < f.top->span.end;
}

struct Collector {
  std::vector<TimelineTransaction>* out;
  uint32_t transaction = 0;
  const sql::Statement* top = nullptr;
  const SourceFile* file = nullptr;  // that `lines` are of
  std::optional<LineIndex> lines;

  static void Visit(void* state, const ScriptContext& context, const Catalog& catalog) {
    Collector& self = *static_cast<Collector*>(state);
    const StatementFacts& f = context.facts.back();
    if (f.statement->kind == sql::StatementKind::kClientCommand) return;
    if (f.transaction != self.transaction || self.out->empty() || self.out->back().file != context.file || self.out->back().direction != context.direction) {
      self.transaction = f.transaction;
      self.top = nullptr;
      TimelineTransaction& t = self.out->emplace_back();
      t.migration = context.migration;
      t.direction = context.direction;
      t.file = context.file;
      t.source = f.source;
    }
    TimelineTransaction& t = self.out->back();
    if (f.top != self.top) {
      self.top = f.top;
      if (self.file != context.file) {
        self.file = context.file;
        self.lines.emplace(context.file->text());
      }
      t.statements.push_back({self.lines->LineAt(f.top->span.begin), OneLine(context.Text(f.top->span)), {}});
    }
    std::vector<TimelineLock>& locks = t.statements.back().locks;
    for (const Effect& e : f.effects) {
      if (e.lock == LockMode::kNone || MadeInside(e.object, f, context, catalog) || StandsForAnother(e.object, f.statement->inside == sql::Inside::kExecute)) continue;
      const auto same = std::find_if(locks.begin(), locks.end(), [&](const TimelineLock& l) { return l.object == e.object; });
      if (same == locks.end()) {
        locks.push_back({std::string(e.object), e.lock, e.work, e.until_commit, e.live, e.is_index ? TableOf(e.object, catalog) : std::string(), e.is_index});
      } else {
        same->mode = std::max(same->mode, e.lock);
        same->work = Dearer(same->work, e.work);
        same->until_commit = same->until_commit || e.until_commit;
        same->live = same->live || e.live;
      }
    }
  }
};

void Hold(TimelineTransaction& t) {
  for (size_t i = 0; i < t.statements.size(); ++i) {
    for (const TimelineLock& l : t.statements[i].locks) {
      if (l.index) continue;
      const auto held = std::find_if(t.held.begin(), t.held.end(), [&](const HeldObject& h) { return h.object == l.object; });
      if (held == t.held.end()) {
        t.held.push_back({l.object, l.mode, i, i, l.until_commit, l.work, l.live});
      } else if (l.mode > held->mode) {
        held->mode = l.mode;
        held->since = i;
        held->until_commit = l.until_commit;
        held->live = held->live || l.live;
      }
    }
  }
  for (HeldObject& h : t.held) {
    h.until = h.until_commit ? t.statements.size() - 1 : h.since;
    for (size_t i = h.since; i <= h.until; ++i) {
      for (const TimelineLock& l : t.statements[i].locks) {
        if (!l.index) h.work = Dearer(h.work, l.work);
      }
    }
  }
  std::stable_sort(t.held.begin(), t.held.end(), [](const HeldObject& a, const HeldObject& b) { return a.mode > b.mode; });
  for (TimelineStatement& s : t.statements) std::stable_sort(s.locks.begin(), s.locks.end(), [](const TimelineLock& a, const TimelineLock& b) { return a.mode > b.mode; });
}

}  // namespace

std::string_view Blocked(LockMode mode) { return BlocksReads(mode) ? "reads and writes" : BlocksWrites(mode) ? "writes" : ""; }

std::vector<TimelineTransaction> LockTimeline(const MigrationSet& set, const LintSettings& settings, std::vector<TimelineGap>* gaps) {
  std::vector<TimelineTransaction> all;
  if (set.engine != Engine::kPostgresql) return all;
  Catalog catalog;
  catalog.KeepDetails();
  Programs programs;
  std::vector<std::unique_ptr<sql::Script>> kept;  // that `programs` points into
  if (settings.start != nullptr) settings.start->Fill(&catalog);
  ScriptContext context;
  context.set = &set;
  context.settings = &settings;
  uint32_t next_transaction = 0;
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    for (const Direction direction : {Direction::kUp, Direction::kDown}) {
      const std::optional<ScriptRef>& ref = direction == Direction::kUp ? m.up : m.down;
      if (!ref) continue;
      sql::ParseOptions options;
      options.commented = ref->commented;
      options.as_run = true;
      std::unique_ptr<sql::Script> script = sql::ParseScript(*ref->file, ref->section, options);
      // A function in SQL locks what its body names; lint has no use for that.
      for (const sql::Statement* s : script->statements) {
        if (s->kind == sql::StatementKind::kCreateFunction && s->As<sql::CreateFunction>().language == "sql") sql::ParseFunctionBody(*ref->file, *s, *script, options);
      }
      std::optional<LineIndex> lines;
      for (const sql::Statement* s : script->statements) {
        if (s->kind != sql::StatementKind::kSyntaxError || gaps == nullptr) continue;
        if (!lines) lines.emplace(ref->file->text());
        gaps->push_back({ref->file, lines->LineAt(s->span.begin), std::string(s->tag)});
      }
      context.migration = &m;
      context.migration_index = static_cast<int>(i);
      context.direction = direction;
      context.ref = &*ref;
      context.file = ref->file;
      context.script = script.get();
      context.facts.clear();
      Collector collector{&all};
      ScriptReplay replay(context, catalog, next_transaction, Collector::Visit, &collector);
      Programs down = direction == Direction::kDown ? programs : Programs();  // what it defines is no part of the history
      replay.Follow(direction == Direction::kDown ? &down : &programs);
      replay.Run();
      catalog.ForgetStatements();
      if (replay.noted() && direction == Direction::kUp) kept.push_back(std::move(script));
      context.created_by_down = nullptr;
    }
  }
  for (TimelineTransaction& t : all) Hold(t);
  std::erase_if(all, [](const TimelineTransaction& t) {
    return std::all_of(t.statements.begin(), t.statements.end(), [](const TimelineStatement& s) { return s.locks.empty(); });
  });
  return all;
}

}  // namespace pawl
