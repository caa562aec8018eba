#include "migrations/run/plan.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/source/sha256.h"
#include "migrations/run/plan_cypher.h"
#include "migrations/run/plan_digest.h"
#include "migrations/run/units.h"
#include "rules/engine/replay.h"

namespace pawl {
namespace {

// What replaying one script tells of its top-level statements.
struct Collector {
  absl::flat_hash_map<uint32_t, std::vector<PlanLock>> locks;  // by the statement's offset
  std::vector<std::string> losses;

  static void Visit(void* state, const ScriptContext& context, const Catalog&) {
    Collector& self = *static_cast<Collector*>(state);
    const StatementFacts& facts = context.facts.back();
    for (const Effect& e : facts.effects) {
      if (e.loses_data) self.losses.push_back(absl::StrCat(e.action[0] == '\0' ? "drops" : e.action, " (", e.object, ")"));
      if (e.is_index || !e.live || (e.lock == LockMode::kNone && e.work == Work::kNone)) continue;
      std::vector<PlanLock>& of = self.locks[facts.top->span.begin];
      const auto same = std::find_if(of.begin(), of.end(), [&](const PlanLock& l) { return l.object == e.object; });
      if (same == of.end()) {
        of.push_back({std::string(e.object), e.lock, e.work, e.until_commit});
        continue;
      }
      same->mode = std::max(same->mode, e.lock);
      same->work = std::max(same->work, e.work);
      same->until_commit = same->until_commit || e.until_commit;
    }
  }
};

// Something of the session, beside settings, that the next migration would find.
bool LeavesSomething(const sql::Statement& s) {
  switch (s.kind) {
    case sql::StatementKind::kCreateTable: return s.As<sql::CreateTable>().temporary;
    case sql::StatementKind::kCreateSequence: return s.As<sql::CreateSequence>().temporary;
    case sql::StatementKind::kCreateView: return s.As<sql::CreateView>().temporary;
    case sql::StatementKind::kCall: return true;
    default: return s.tag == "PrepareStmt" || s.tag == "ListenStmt" || s.tag == "DeclareCursorStmt";
  }
}

// How pawl runs a script: only one that says so itself, or holds a statement that cannot run in a transaction, is cut.
TransactionMode ModeOf(const ScriptRef& ref, const sql::Script& script, Layout layout) {
  if (SaysNoTransaction(ref, layout)) return TransactionMode::kStatement;
  const bool cut = std::any_of(script.statements.begin(), script.statements.end(), [](const sql::Statement* s) { return MustStandAlone(*s) || s->kind == sql::StatementKind::kTransaction; });
  return cut ? TransactionMode::kStatement : TransactionMode::kFile;
}

// Replays the whole set, so that what a migration finds is known, and collects the facts of those that will run.
class Replayer {
 public:
  Replayer(const MigrationSet& set, int server_version) {
    settings_.versions.oldest = settings_.versions.newest = server_version;
    settings_.runner_sets_lock_timeout = true;
    context_.set = &set;
    context_.settings = &settings_;
  }

  // `ours`: pawl is going to run it, and its way of doing so counts instead of the layout's.
  Collector Run(const Migration& m, int index, Direction direction, sql::Script& script, const std::vector<bool>* pending, bool ours) {
    Collector facts;
    ScriptRef ref = direction == Direction::kUp ? *m.up : *m.down;
    if (ours) ref.transaction = ModeOf(ref, script, context_.set->layout);
    context_.migration = &m;
    context_.migration_index = index;
    context_.direction = direction;
    context_.ref = &ref;
    context_.file = ref.file;
    context_.script = &script;
    context_.pending = pending;
    context_.facts.clear();
    ScriptReplay(context_, catalog_, next_transaction_, Collector::Visit, &facts).Run();
    catalog_.ForgetStatements();
    context_.created_by_down = nullptr;
    context_.ref = nullptr;
    return facts;
  }

 private:
  LintSettings settings_;
  Catalog catalog_;
  ScriptContext context_;
  uint32_t next_transaction_ = 0;
};

std::unique_ptr<sql::Script> Parse(const ScriptRef& ref) {
  sql::ParseOptions options;
  options.commented = ref.commented;
  options.templates = false;  // nobody fills them in
  return sql::ParseScript(*ref.file, ref.section, options);
}

void Describe(const Collector& facts, PlanMigration* m) {
  for (PlanUnit& u : m->units) {
    for (PlanStatement& s : u.statements) {
      if (const auto it = facts.locks.find(s.offset); it != facts.locks.end()) {
        s.locks = it->second;
        std::stable_sort(s.locks.begin(), s.locks.end(), [](const PlanLock& a, const PlanLock& b) { return a.mode > b.mode; });
      }
    }
  }
  m->losses = facts.losses;
  m->loses_data = !facts.losses.empty();
}

}  // namespace

std::string PlanMigration::Key() const { return version.empty() ? absl::StrCat("R__", name) : version; }

std::vector<PlanMigration> PlanMigrations(const PlanRequest& request, std::vector<PlanProblem>* problems) {
  const MigrationSet& set = *request.set;
  if (set.engine == Engine::kNeo4j) return PlanCypherMigrations(request, problems);
  std::vector<PlanMigration> planned(request.migrations.size());
  absl::flat_hash_map<const Migration*, size_t> place;
  for (size_t i = 0; i < request.migrations.size(); ++i) place[request.migrations[i]] = i;
  const bool up = request.direction == Direction::kUp;
  Replayer replayer(set, request.server_version);
  std::vector<bool> pending(set.migrations.size());
  for (size_t i = 0; i < set.migrations.size(); ++i) pending[i] = up && place.contains(&set.migrations[i]);

  auto plan = [&](const Migration& m, sql::Script& script) {
    PlanMigration& p = planned[place[&m]];
    const ScriptRef& ref = up ? *m.up : *m.down;
    p.migration = &m;
    p.version = m.version;
    p.name = m.name;
    p.file = ref.file->path();
    p.direction = request.direction;
    p.script = ScriptText(ref);
    p.checksum = ScriptChecksum(ref);
    p.token_checksum = HashTokens(p.script, set.engine);
    std::string_view text = ref.file->text();
    if (ref.commented) {
      p.uncommented = std::make_unique<std::string>(WithoutCommentMarks(text, ref.section));
      text = *p.uncommented;
    }
    // Only a script that says so itself is in another encoding than the connection.
    const Encoding& encoding = ref.file->encoding();
    const bool says = std::any_of(script.statements.begin(), script.statements.end(), [](const sql::Statement* s) { return s->kind == sql::StatementKind::kVariableSet && s->As<sql::VariableSet>().name == "client_encoding"; });
    if (encoding.utf16) problems->push_back({ref.file, 1, "is UTF-16, which no PostgreSQL reads; save it as UTF-8"});
    else if (encoding.nul) problems->push_back({ref.file, ref.file->PositionAt(encoding.nul_at).line, "holds a NUL byte, at which the server would stop reading; take it out"});
    else if (!encoding.valid_utf8 && !says) problems->push_back({ref.file, ref.file->PositionAt(encoding.invalid_at).line, "holds bytes that are no UTF-8 (Latin-1?); save it as UTF-8"});
    p.units = CutIntoUnits(*ref.file, text, script, SaysNoTransaction(ref, set.layout), problems);
    p.mode = ModeOf(ref, script, set.layout);
    for (const sql::Statement* s : script.statements) {
      if (s->kind != sql::StatementKind::kVariableSet) {
        // set_config(..., false) and SET inside a body reach the session too.
        p.changes_settings = p.changes_settings || s->kind == sql::StatementKind::kDo || LeavesSomething(*s) || (s->kind == sql::StatementKind::kQuery && s->As<sql::Query>().kind == sql::QueryKind::kSelect);
        continue;
      }
      const auto& v = s->As<sql::VariableSet>();
      p.changes_settings = p.changes_settings || !v.local;
      p.own_lock_timeout = p.own_lock_timeout || (v.name == "lock_timeout" && !v.reset);
    }
  };

  if (!request.effects) {
    for (const Migration* m : request.migrations) {
      const std::unique_ptr<sql::Script> script = Parse(up ? *m->up : *m->down);
      plan(*m, *script);
    }
    return planned;
  }
  // Ups in the order of the set; downs see the schema that all ups have made.
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    if (!m.up) continue;
    const std::unique_ptr<sql::Script> script = Parse(*m.up);
    const Collector facts = replayer.Run(m, static_cast<int>(i), Direction::kUp, *script, &pending, up && place.contains(&m));
    if (up && place.contains(&m)) {
      plan(m, *script);
      Describe(facts, &planned[place[&m]]);
    }
  }
  if (!up) {
    for (const Migration* m : request.migrations) {
      const std::unique_ptr<sql::Script> script = Parse(*m->down);
      const Collector facts = replayer.Run(*m, static_cast<int>(m - set.migrations.data()), Direction::kDown, *script, nullptr, true);
      plan(*m, *script);
      Describe(facts, &planned[place[m]]);
    }
  }
  return planned;
}

std::string PlanDigest(const Plan& plan) {
  PlanDigester digest(plan.component, ToString(plan.engine), plan.target_identity, plan.direction, plan.settings);
  for (const PlanMigration& m : plan.migrations) {
    digest.Migration(m.Key(), m.name, m.checksum);
    for (const PlanUnit& u : m.units) {
      digest.BeginPart(u.transaction ? u.begin : "alone");
      for (const PlanStatement& s : u.statements) {
        if (IsShownWhole(s.sql)) digest.Statement(s.sql);
        else digest.Excerpted(Sha256Hex(s.sql), Excerpt(s.sql));
        if (s.copy) digest.CopyData(Sha256Hex(s.copy_data));
      }
      digest.EndPart();
    }
  }
  return digest.Finish();
}

}  // namespace pawl
