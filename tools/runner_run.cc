#include "tools/runner_run.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "report/report.h"
#include "migrations/run/approval.h"
#include "migrations/run/inverse_cypher.h"
#include "tools/runner_lint.h"

namespace pawl {
namespace {

class StandardError : public Sink {
 public:
  void Write(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stderr); }
};

std::string Key(const MigrationState& m) { return m.version.empty() ? absl::StrCat("R__", m.name) : m.version; }

bool IsVersion(const MigrationState& m, std::string_view wanted) {
  if (Key(m) == wanted || m.name == wanted) return true;
  // "<YYYYMMDDHHMM_slug>", as a runbook has it, and versions without their zeros.
  if (!m.version.empty() && wanted == absl::StrCat(m.version, "_", m.name)) return true;
  int64_t a, b;
  return absl::SimpleAtoi(m.version, &a) && absl::SimpleAtoi(wanted, &b) && a == b;
}

std::string Label(const MigrationState& m) { return absl::StrCat(Key(m), m.name.empty() || m.version.empty() ? "" : absl::StrCat(" (", m.name, ")")); }

absl::Status UnknownVersion(std::string_view wanted, const SetState& state) {
  std::vector<std::string> last;
  for (const MigrationState& m : state.migrations) last.push_back(Key(m));
  if (last.size() > 5) last.erase(last.begin(), last.end() - 5);
  return absl::InvalidArgumentError(absl::StrCat("there is no migration `", wanted, "`; the last ones are ", absl::StrJoin(last, ", ")));
}

bool Allowed(const RunnerOptions& o, std::string_view rule) { return std::find(o.allow.begin(), o.allow.end(), rule) != o.allow.end(); }

// Of a plan file: its versions and no others. What has become of the rest since is a refusal.
void ChooseExactly(const RunnerOptions& o, std::vector<const MigrationState*> candidates, Direction direction, Prepared& p) {
  std::vector<std::string> gone;
  for (const std::string& version : o.exactly) {
    const auto at = std::find_if(candidates.begin(), candidates.end(), [&](const MigrationState* m) { return Key(*m) == version; });
    if (at == candidates.end()) gone.push_back(version);
    else p.chosen.push_back(*at);
  }
  if (gone.empty()) return;
  // Nothing of it is left to do: it has run already.
  if (p.chosen.empty()) return;
  p.refusals.push_back(absl::StrCat("the plan has ", absl::StrJoin(gone, ", "), direction == Direction::kUp ? ", which is not pending (any more)" : ", which is not applied (any more)", ": make the plan anew with `pawl plan`"));
}

absl::Status ChooseUps(const RunnerOptions& o, Prepared& p) {
  std::vector<const MigrationState*> pending;
  const std::vector<MigrationState>& all = p.known->state.migrations;
  if (!o.to.empty() && std::none_of(all.begin(), all.end(), [&](const MigrationState& m) { return IsVersion(m, o.to); })) return UnknownVersion(o.to, p.known->state);
  bool past = false;
  for (const MigrationState& m : all) {
    // Repeatable scripts come last, whatever --to says.
    if (past && !(m.migration != nullptr && m.migration->repeatable)) continue;
    if (m.migration != nullptr && m.migration->up && m.status != MigrationStatus::kApplied && m.status != MigrationStatus::kMissing) {
      if (m.attempt == nullptr || m.attempt->direction == Direction::kUp || m.row == nullptr) pending.push_back(&m);
    }
    if (!o.to.empty() && IsVersion(m, o.to)) past = true;
  }
  if (!o.version.empty()) {
    std::erase_if(pending, [&](const MigrationState* m) { return !IsVersion(*m, o.version); });
    if (pending.empty() && std::none_of(all.begin(), all.end(), [&](const MigrationState& m) { return IsVersion(m, o.version); })) return UnknownVersion(o.version, p.known->state);
  }
  if (!o.exactly.empty()) {
    ChooseExactly(o, pending, Direction::kUp, p);
    return absl::OkStatus();
  }
  const size_t steps = o.steps ? static_cast<size_t>(*o.steps) : pending.size();
  for (const MigrationState& m : all) {
    const auto at = std::find(pending.begin(), pending.end(), &m);
    if ((at == pending.end() || at - pending.begin() >= static_cast<ptrdiff_t>(steps)) && m.row == nullptr && m.migration != nullptr) p.plan.left.push_back(Key(m));
  }
  if (pending.size() > steps) pending.resize(steps);
  p.chosen = std::move(pending);
  return absl::OkStatus();
}

absl::Status ChooseDowns(const MigrationSet& set, const RunnerOptions& o, Prepared& p) {
  std::vector<const MigrationState*> applied;
  const std::vector<MigrationState>& all = p.known->state.migrations;
  for (const MigrationState& m : all) {
    const bool half_up = m.status == MigrationStatus::kInterrupted && m.row == nullptr;
    if ((m.row != nullptr || half_up) && !(m.migration != nullptr && m.migration->repeatable)) applied.push_back(&m);
  }
  std::reverse(applied.begin(), applied.end());
  if (!o.exactly.empty()) {
    ChooseExactly(o, applied, Direction::kDown, p);
    return absl::OkStatus();
  }
  if (!o.version.empty()) {
    std::erase_if(applied, [&](const MigrationState* m) { return !IsVersion(*m, o.version); });
    if (applied.empty()) {
      const bool there = std::any_of(all.begin(), all.end(), [&](const MigrationState& m) { return IsVersion(m, o.version); });
      return there ? absl::InvalidArgumentError(absl::StrCat("migration ", o.version, " is not applied, so there is nothing to roll back")) : UnknownVersion(o.version, p.known->state);
    }
  } else if (!o.to.empty()) {
    const auto at = std::find_if(applied.begin(), applied.end(), [&](const MigrationState* m) { return IsVersion(*m, o.to); });
    if (at == applied.end() && o.to != "0") return UnknownVersion(o.to, p.known->state);
    applied.erase(at, applied.end());  // that one stays
    if (o.steps && applied.size() > static_cast<size_t>(*o.steps)) applied.resize(static_cast<size_t>(*o.steps));
  } else {
    const size_t steps = static_cast<size_t>(o.steps.value_or(1));
    if (applied.size() > steps) applied.resize(steps);
  }
  for (const MigrationState* m : applied) {
    // Of several that were announced together most may never have begun.
    if (set.engine == Engine::kNeo4j && m->row == nullptr && m->attempt != nullptr && m->attempt->status == AttemptStatus::kRunning && m->attempt->units_done == 0) {
      p.refusals.push_back(absl::StrCat("migration ", Label(*m), " was interrupted before anything of it was recorded, and whether it had its effect nobody has looked yet: `pawl apply` looks, and completes it; then roll it back. Or look yourself and say `pawl repair --version ",
                                        Key(*m), " --mark-rolled-back`"));
    }
    if (m->migration == nullptr) {
      p.refusals.push_back(absl::StrCat("migration ", Label(*m), " is applied but its file is gone: bring it back from git, or settle it with `pawl repair --version ", Key(*m), " --mark-rolled-back`"));
    } else if (!m->migration->down) {
      const std::string inverse = set.engine == Engine::kNeo4j ? InverseOfCypher(set, *m->migration) : "";
      p.refusals.push_back(absl::StrCat("migration ", Label(*m), " has no down script, so pawl cannot roll it back; write one, or a new migration that undoes it",
                                        inverse.empty() ? "" : absl::StrCat(". This would undo its schema commands, and is for you to look at:\n    ", absl::StrReplaceAll(absl::StripAsciiWhitespace(inverse), {{"\n", "\n    "}}))));
    }
  }
  std::erase_if(applied, [](const MigrationState* m) { return m->migration == nullptr || !m->migration->down; });
  p.chosen = std::move(applied);
  return absl::OkStatus();
}

// Part of its effect is gone and its row says that it is applied: nothing may be built on that.
void RefuseOverHalfRolledBack(Prepared& p) {
  for (const MigrationState& m : p.known->state.migrations) {
    if (m.status != MigrationStatus::kInterrupted || m.attempt == nullptr || m.attempt->direction != Direction::kDown) continue;
    p.refusals.push_back(absl::StrCat("migration ", Label(m), " is half rolled back (", m.attempt->units_done, " of ", m.attempt->units_total, " parts of its down script are committed): `pawl rollback` goes on with it; or settle it with `pawl repair --version ", Key(m),
                                      " --mark-rolled-back` or `--mark-applied`"));
  }
}

// What speaks against applying anything: files and database disagree about what is done.
void CheckHistory(const RunnerSet& set, const RunnerOptions& o, Prepared& p) {
  absl::flat_hash_map<std::string, const Migration*> seen;
  for (const Migration& m : set.set->migrations) {
    if (m.version.empty()) continue;
    const auto [it, added] = seen.try_emplace(m.version, &m);
    if (!added && m.file() != nullptr && it->second->file() != nullptr) {
      p.refusals.push_back(absl::StrCat("two files have the version ", m.version, ": ", it->second->file()->path(), " and ", m.file()->path(), "; give one of them another version"));
    }
  }
  std::vector<std::string> late;
  for (const MigrationState& m : p.known->state.migrations) {
    if (m.status == MigrationStatus::kApplied && m.edit == EditKind::kMeaning && !Allowed(o, "edited-applied-migration")) {
      p.refusals.push_back(absl::StrCat("migration ", Label(m), " was edited after it was applied (", m.row->applied_at, "): put the file back as it was and write a new migration, or allow it with --allow edited-applied-migration --reason ..."));
    }
    if (m.status == MigrationStatus::kMissing && !Allowed(o, "deleted-applied-migration")) {
      p.refusals.push_back(absl::StrCat("migration ", Label(m), " was applied (", m.row->applied_at, "), and its file is gone: bring it back, or allow it with --allow deleted-applied-migration --reason ..."));
    }
    if (m.status == MigrationStatus::kRunning) {
      p.refusals.push_back(absl::StrCat("migration ", Label(m), " is being run by pid ", m.attempt->backend_pid, m.attempt->host.empty() ? "" : " on ", m.attempt->host, " since ", m.attempt->started_at, "; wait for it"));
    }
    if (m.overridden) p.warnings.push_back(Overridden(m));
    if (m.status == MigrationStatus::kOutOfOrder) late.push_back(Label(m));
  }
  for (const Attempt& a : p.known->history.open) {
    // What it did stands, and no file tells what that was.
    if (set.set->engine != Engine::kNeo4j || a.status != AttemptStatus::kRunning || a.direction != Direction::kUp || (a.component != p.plan.component && !a.component.empty()) || Allowed(o, "deleted-applied-migration")) continue;
    const auto& all = p.known->state.migrations;
    if (std::any_of(all.begin(), all.end(), [&](const MigrationState& m) { return m.version == a.version && m.name == a.name && m.migration != nullptr && m.migration->up; })) continue;
    p.refusals.push_back(absl::StrCat("migration ", a.version.empty() ? a.name : absl::StrCat(a.version, " ", a.name), " was begun (", a.started_at, ", `", a.statement, "`) and its record is missing, and now its file is gone, too: bring ", a.file,
                                      " back, and `pawl apply` looks what is done of it and goes on; or allow it with --allow deleted-applied-migration --reason ..."));
  }
  if (!late.empty() && !Allowed(o, "out-of-order-version")) {
    const bool chosen = std::any_of(p.chosen.begin(), p.chosen.end(), [](const MigrationState* m) { return m->status == MigrationStatus::kOutOfOrder; });
    if (chosen) {
      p.refusals.push_back(absl::StrCat(absl::StrJoin(late, ", "), late.size() == 1 ? " is" : " are", " pending although later migrations are applied: rename ", late.size() == 1 ? "it" : "them",
                                        " to come last, or allow it with --allow out-of-order-version --reason ..."));
    }
  }
  if (p.known->history.applied.empty()) {
    for (const ForeignHistory& f : p.known->history.foreign) {
      if (f.versions.empty()) continue;
      p.refusals.push_back(absl::StrCat(f.tool, " has applied ", f.versions.size(), f.single_version ? "" : f.versions.size() == 1 ? " migration" : " migrations", f.single_version ? absl::StrCat(" (up to ", f.versions.back(), ")") : "",
                                        " here, by its table ", f.table, ", and pawl has no record: adopt that first with `pawl baseline --from ", f.tool, "`"));
    }
  }
}

}  // namespace

std::string Overridden(const MigrationState& m) {
  return absl::StrCat("the checksum of ", Label(m), " was changed in the database by hand: pawl recorded ", m.row->recorded_checksum.substr(0, 12), "… when it was applied (", m.row->applied_at, "), and now it is ", m.row->checksum.substr(0, 12),
                      "…; what ran then is kept there too (script)");
}

absl::StatusOr<std::unique_ptr<Prepared>> Prepare(RunnerSet& set, RunnerSession& session, const RunnerOptions& o, Direction direction, bool effects) {
  auto prepared = std::make_unique<Prepared>();
  Prepared& p = *prepared;
  Database& db = *session.database;
  if (!o.allow.empty() && o.reason.empty()) return absl::InvalidArgumentError("--allow needs --reason: who reads the record later wants to know why");
  absl::StatusOr<std::unique_ptr<KnownState>> known = ReadState(set, db);
  if (!known.ok()) return known.status();
  p.known = *std::move(known);
  if (absl::Status s = direction == Direction::kUp ? ChooseUps(o, p) : ChooseDowns(*set.set, o, p); !s.ok()) return s;
  if (direction == Direction::kUp) RefuseOverHalfRolledBack(p);
  p.plan.component = set.component;
  p.plan.engine = set.set->engine;
  p.plan.layout = set.set->layout;
  p.plan.root = set.set->root;
  p.plan.target = DescribeTarget(session.target);
  p.plan.target_identity = db.server().identity;
  p.plan.server_version = db.server().major;
  p.plan.direction = direction;
  p.plan.settings = SettingsOf(set, o);
  if (p.chosen.empty()) return prepared;
  if (direction == Direction::kUp) CheckHistory(set, o, p);
  PlanRequest request;
  request.set = set.set;
  for (const MigrationState* m : p.chosen) request.migrations.push_back(m->migration);
  request.direction = direction;
  request.server_version = db.server().major;
  // Of few and small scripts the effects are worked out in any case: guards for the disk need them.
  size_t to_run = 0;
  for (const Migration* m : request.migrations) to_run += (direction == Direction::kUp ? m->up : m->down)->section.size();
  request.effects = effects || (request.migrations.size() <= 100 && to_run <= (1u << 20));
  std::vector<PlanProblem> problems;
  p.plan.migrations = PlanMigrations(request, &problems);
  for (const PlanProblem& problem : problems) p.refusals.push_back(absl::StrCat(problem.file->path(), ":", problem.line, ": ", problem.message));
  if (direction == Direction::kUp) {
    absl::StatusOr<std::vector<Finding>> findings = LintPending(set, p.plan.migrations, db.server(), o.allow);
    if (!findings.ok()) return findings.status();
    p.findings = *std::move(findings);
    size_t errors = 0;
    for (const Finding& f : p.findings) errors += f.severity == Severity::kError;
    if (errors > 0) p.refusals.push_back(absl::StrCat("lint finds ", errors, errors == 1 ? " error" : " errors", " in what would run: mend the files, or allow it with --allow RULE --reason ..."));
  }
  p.plan.digest = PlanDigest(p.plan);
  // The trees of a large file are gone; what follows needs the room for other things.
  size_t bytes = 0;
  for (const PlanMigration& m : p.plan.migrations) bytes += m.script.size();
  if (bytes > (2u << 20)) malloc_trim(0);
  return prepared;
}

std::vector<int> UnitsDone(const Prepared& p) {
  std::vector<int> out;
  for (size_t i = 0; i < p.chosen.size() && i < p.plan.migrations.size(); ++i) {
    const Attempt* a = p.chosen[i]->attempt;
    const std::vector<PlanUnit>& units = p.plan.migrations[i].units;
    int done = -1;
    if (a != nullptr && a->direction == p.plan.direction) {
      done = a->units_done;
      if (static_cast<size_t>(done) < units.size() && !units[static_cast<size_t>(done)].transaction) ++done;
    }
    out.push_back(done);
  }
  return out;
}

std::vector<TableSize> SizesOf(Database& db, const Plan& plan) {
  std::vector<std::string> names;
  for (const PlanMigration& m : plan.migrations) {
    for (const PlanUnit& u : m.units) {
      for (const PlanStatement& s : u.statements) {
        for (const PlanLock& l : s.locks) {
          if (std::find(names.begin(), names.end(), l.object) == names.end()) names.push_back(l.object);
        }
      }
    }
  }
  return db.Sizes(names);
}

std::string PlanText(const Plan& plan, const std::vector<TableSize>& sizes, bool verbose) {
  std::string out;
  auto size_of = [&](std::string_view table) -> const TableSize* {
    for (const TableSize& t : sizes) {
      if (t.table == table) return &t;
    }
    return nullptr;
  };
  for (const PlanMigration& m : plan.migrations) {
    size_t statements = 0;
    for (const PlanUnit& u : m.units) statements += u.statements.size();
    absl::StrAppend(&out, m.version, m.version.empty() ? "" : "  ", m.name, "  ", m.file, ": ", statements, statements == 1 ? " statement" : " statements",
                    m.units.size() <= 1 && (m.units.empty() || m.units[0].transaction) ? " in one transaction" : absl::StrCat(" in ", m.units.size(), " parts that commit one by one"), "\n");
    for (const std::string& l : m.losses) absl::StrAppend(&out, "    LOSES DATA: ", l, "\n");
    for (size_t i = 0; i < m.units.size(); ++i) {
      const PlanUnit& u = m.units[i];
      size_t shown = 0;
      for (const PlanStatement& s : u.statements) {
        LockMode strongest = LockMode::kNone;
        for (const PlanLock& l : s.locks) strongest = std::max(strongest, l.mode);
        if (!verbose && !BlocksWrites(strongest) && u.transaction) continue;
        if (!verbose && ++shown > 20) break;
        std::string sql(s.sql.substr(0, 90));
        std::replace(sql.begin(), sql.end(), '\n', ' ');
        int64_t bytes = -1;
        std::string locks;
        for (const PlanLock& l : s.locks) {
          if (!verbose && !BlocksWrites(l.mode)) continue;
          absl::StrAppend(&locks, "\n        ", plan.engine == Engine::kNeo4j ? BlocksWrites(l.mode) ? "schema lock" : "locks of its nodes" : SqlName(l.mode), " on ", l.object, l.work == Work::kNone || l.work == Work::kMetadata ? "" : absl::StrCat(", ", ToString(l.work)));
          if (const TableSize* t = size_of(l.object); t != nullptr) {
            bytes = std::max(bytes, t->bytes);
            absl::StrAppend(&locks, plan.engine == Engine::kNeo4j ? absl::StrCat(" (", std::max<int64_t>(t->rows, 0), l.object[0] == '[' ? " relationships)" : " nodes)") : absl::StrCat(" (", t->bytes / 1048576, " MiB, about ", std::max<int64_t>(t->rows, 0), " rows)"));
          }
          absl::StrAppend(&locks, BlocksReads(l.mode) ? ": blocks reads and writes" : BlocksWrites(l.mode) ? ": blocks writes" : "", l.until_commit ? " until the end of the transaction" : "");
        }
        absl::StrAppend(&out, "    ", m.file, ":", s.line, "  ", u.transaction ? "" : "[alone] ", sql, s.sql.size() > 90 ? "…" : "", "  (", DurationClass(s, bytes), ")", locks, "\n");
      }
    }
  }
  return out;
}

// As cypher-shell takes it.
std::string PlanCypher(const Plan& plan) {
  std::string out = absl::StrCat("// pawl ", plan.direction == Direction::kUp ? "apply" : "rollback", ", plan ", plan.digest, "\n");
  for (const PlanMigration& m : plan.migrations) {
    absl::StrAppend(&out, "\n// ", m.version, " ", m.name, " (", m.file, ")\n");
    for (size_t i = 0; i < m.units.size(); ++i) {
      const PlanUnit& u = m.units[i];
      const std::string record = i + 1 == m.units.size() ? absl::StrCat("// and in (:Migration): ", m.version, plan.direction == Direction::kUp ? " is SUCCESS" : " is ROLLED_BACK", "\n") : "";
      absl::StrAppend(&out, u.transaction ? ":begin\n" : "");
      for (const PlanStatement& s : u.statements) absl::StrAppend(&out, u.transaction || u.probe.kind == ProbeKind::kSchema ? "" : ":auto ", s.sql, ";\n");
      if (u.probe.kind == ProbeKind::kSchema && u.probe.targets[0].present) absl::StrAppend(&out, "CALL db.awaitIndexes(3600);\n");
      absl::StrAppend(&out, record, u.transaction ? ":commit\n" : "");
    }
  }
  return out;
}

std::string PlanSql(const Plan& plan) {
  if (plan.engine == Engine::kNeo4j) return PlanCypher(plan);
  std::string out = absl::StrCat("-- pawl ", plan.direction == Direction::kUp ? "apply" : "rollback", ", plan ", plan.digest, "\n");
  if (plan.settings.lock_timeout_ms > 0) absl::StrAppend(&out, "SET lock_timeout = '", plan.settings.lock_timeout_ms, "ms';\n");
  if (plan.settings.statement_timeout_ms > 0) absl::StrAppend(&out, "SET statement_timeout = '", plan.settings.statement_timeout_ms, "ms';\n");
  for (const PlanMigration& m : plan.migrations) {
    absl::StrAppend(&out, "\n-- ", m.version, " ", m.name, " (", m.file, ")\n");
    for (size_t i = 0; i < m.units.size(); ++i) {
      const PlanUnit& u = m.units[i];
      if (u.transaction) absl::StrAppend(&out, u.begin, ";\n");
      else if (u.statements[0].concurrently) absl::StrAppend(&out, "SET lock_timeout = 0;\n");
      for (const PlanStatement& s : u.statements) {
        absl::StrAppend(&out, s.sql, ";\n");
        if (s.copy) absl::StrAppend(&out, s.copy_data, absl::EndsWith(s.copy_data, "\n") || s.copy_data.empty() ? "" : "\n", "\\.\n");
      }
      if (i + 1 == m.units.size()) absl::StrAppend(&out, "-- and in schema_migrations: ", m.version, plan.direction == Direction::kUp ? " is applied" : " is no longer applied", "\n");
      if (u.transaction) absl::StrAppend(&out, "COMMIT;\n");
      else if (u.statements[0].concurrently) absl::StrAppend(&out, "SET lock_timeout = '", plan.settings.lock_timeout_ms, "ms';\n");
    }
  }
  return out;
}

void ShowFindings(const std::vector<Finding>& findings, bool notes) {
  std::vector<Finding> shown;
  for (const Finding& f : findings) {
    if (notes || f.severity > Severity::kNote) shown.push_back(f);
  }
  if (shown.empty()) return;
  ReportInput input;
  input.findings = shown;
  input.tool_version = kVersion;
  input.color = isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  input.quiet = true;
  StandardError sink;
  WriteReport(Format::kFull, input, sink);
}

GuardConfig GuardsOf(const RunnerSet& set) {
  GuardConfig g;
  // pawl.toml has the checks of all sets: a check belongs to the set that it names, else to those that speak its language.
  auto ours = [&](const CheckConfig& c) {
    if (!c.set.empty()) return c.set == set.component;
    std::string_view q = absl::StripLeadingAsciiWhitespace(c.query);
    const bool cypher = absl::StartsWithIgnoreCase(q, "MATCH") || absl::StartsWithIgnoreCase(q, "RETURN") || absl::StartsWithIgnoreCase(q, "OPTIONAL MATCH") || absl::StartsWithIgnoreCase(q, "CALL ") || absl::StartsWithIgnoreCase(q, "UNWIND ");
    const bool sql = absl::StartsWithIgnoreCase(q, "SELECT");
    return set.set->engine == Engine::kNeo4j ? !sql : !cypher;
  };
  for (const CheckConfig& c : set.config.apply.before) {
    if (ours(c)) g.before.push_back({c.name, c.query, c.expect});
  }
  for (const CheckConfig& c : set.config.apply.after) {
    if (ours(c)) g.after.push_back({c.name, c.query, c.expect});
  }
  g.row_counts = set.config.apply.row_counts;
  g.health_url = set.config.apply.health_url;
  return g;
}

std::vector<std::string> ApprovalsOf(const RunnerOptions& o, const RunnerSet& set, const Environment& environment, const PlanFile* file, std::string_view digest, std::vector<std::string>* problems) {
  std::vector<std::string> names;
  auto add = [&](std::string_view name) {
    if (!name.empty() && std::none_of(names.begin(), names.end(), [&](const std::string& n) { return absl::EqualsIgnoreCase(n, name); })) names.emplace_back(name);
  };
  const std::string& signers = set.config.apply.allowed_signers;
  if (file != nullptr) {
    for (const Approval& a : file->approvals) {
      if (a.digest == digest && !signers.empty()) {
        const absl::Status signed_by = a.signature.empty() ? absl::PermissionDeniedError("it is not signed") : Verify(a.over.empty() ? digest : std::string_view(a.over), a.signature, a.by, signers);
        if (signed_by.ok()) add(a.by);
        else problems->push_back(absl::StrCat("the approval by ", a.by, " does not count: ", signed_by.message()));
      } else if (a.digest == digest) add(a.by);
      else problems->push_back(absl::StrCat("the approval by ", a.by, " is of another plan (", a.digest.substr(0, 19), "…) and does not count"));
    }
  }
  const std::string variable = environment.Get("MIGRATION_APPROVED_BY");
  if (signers.empty()) {
    for (const std::string& n : o.approved_by) add(n);
    for (std::string_view n : absl::StrSplit(variable, ',', absl::SkipWhitespace())) add(absl::StripAsciiWhitespace(n));
  } else if (!o.approved_by.empty() || !variable.empty()) {
    problems->push_back("names in --approved-by and MIGRATION_APPROVED_BY do not count: pawl.toml asks for signatures (allowed-signers)");
  }
  if (signers.empty()) add(WhoRuns());  // the author's own; where signatures are asked for, it is signed like any other
  return names;
}

}  // namespace pawl
