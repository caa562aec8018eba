#include "tools/lint_database.h"

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/run/guards.h"
#include "rules/registry.h"
#include "tools/runner_run.h"

namespace pawl {
namespace {

class Adder {
 public:
  Adder(const RunnerSet& set, const CommandLine& command, LintResult* result) : set_(set), command_(command), result_(*result) {}

  void Add(std::string_view rule, const SourceFile* file, Span span, std::string_view version, std::string message, std::string why, std::string help) {
    const Rule* r = FindRule(rule);
    if (r == nullptr || file == nullptr) return;
    auto names = [&](const std::vector<std::string>& list) { return std::find(list.begin(), list.end(), rule) != list.end() || std::find(list.begin(), list.end(), "all") != list.end(); };
    if (names(command_.ignore) || names(set_.config.lint.ignore) || set_.config.IsIgnored(file->path(), r->info) || (command_.select && !names(*command_.select))) return;
    Finding f;
    f.rule = &r->info;
    f.severity = Severity::kError;
    f.engine = set_.set->engine;
    f.file = file;
    f.span = span;
    f.migration = std::string(version);
    f.message = std::move(message);
    f.why = std::move(why);
    f.help = std::move(help);
    result_.findings.push_back(std::move(f));
    ++result_.summary.errors;
  }

 private:
  const RunnerSet& set_;
  const CommandLine& command_;
  LintResult& result_;
};

Span LineSpan(const SourceFile& file, uint32_t line) {
  const std::string_view text = file.text();
  size_t begin = 0;
  for (uint32_t n = 1; n < line; ++n) {
    const size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  const size_t end = std::min(text.size(), text.find('\n', begin));
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

}  // namespace

int AddDatabaseFindings(const CommandLine& command, LintResult* result) {
  RunnerOptions o;
  o.config = command.config;
  o.isolated = command.isolated;
  o.layout = command.layout;
  if (absl::StrContains(command.database, "://")) {
    o.url = command.database;
    if (!command.paths.empty()) o.set = command.paths[0];
  } else {
    o.component = command.database;
  }
  absl::StatusOr<std::unique_ptr<RunnerSet>> found = FindRunnerSet(o);
  if (!found.ok()) return FailWith(found.status());
  // Findings point into its files: it lives as long as the process.
  RunnerSet& set = *found->release();
  absl::StatusOr<RunnerSession> session = Connect(set, "lint");
  if (!session.ok()) return FailWith(session.status());
  const std::string where = DescribeTarget(session->target);
  absl::StatusOr<std::unique_ptr<Prepared>> prepared = Prepare(set, *session, o, Direction::kUp, /*effects=*/false);
  if (!prepared.ok()) return FailWith(prepared.status());
  const Prepared& p = **prepared;
  Adder add(set, command, result);
  const Migration* last = nullptr;
  for (const MigrationState& m : p.known->state.migrations) {
    if (m.migration != nullptr) last = m.migration;
    const Migration* at = last != nullptr ? last : set.set->migrations.empty() ? nullptr : &set.set->migrations[0];
    if (at == nullptr) continue;
    if (m.status == MigrationStatus::kApplied && m.edit == EditKind::kMeaning) {
      add.Add("edited-applied-migration", m.migration->file(), m.migration->anchor, m.version, absl::StrCat("this is not what was applied to ", where, " on ", m.row->applied_at),
              "that database has the old statements, every new one gets these: they drift apart, and the next `pawl apply` refuses", "put the file back as it was and write a new migration; `pawl status` shows the rest");
    } else if (m.status == MigrationStatus::kMissing) {
      add.Add("deleted-applied-migration", at->file(), at->anchor, m.version, absl::StrCat("migration ", m.version, m.name.empty() ? "" : absl::StrCat(" (", m.name, ")"), " is applied to ", where, " (", m.row->applied_at, "), and its file is gone"),
              "a new database is made without it, and nobody can roll it back here", "bring the file back from git; `pawl repair --mark-rolled-back` settles one that was undone by hand");
    } else if (m.status == MigrationStatus::kOutOfOrder) {
      add.Add("out-of-order-version", m.migration->file(), m.migration->anchor, m.version, absl::StrCat("later migrations are applied to ", where, " already, and this one is not"),
              "it would run behind them there and before them everywhere else", "give it a version behind the newest one that is applied");
    }
  }
  if (set.set->engine == Engine::kNeo4j) {
    for (const CheckResult& c : RunPreChecks(*session->database, p.plan, GuardConfig())) {
      if (c.ok || c.warning || c.check != "data") continue;
      for (const PlanMigration& m : p.plan.migrations) {
        if (m.file != c.file) continue;
        const SourceFile* file = m.migration->file();
        add.Add("cypher-constraint-may-fail-on-data", file, LineSpan(*file, c.line), m.version, Redact(session->target, c.detail), absl::StrCat("this was asked of ", where, " now: the server refuses the constraint with ConstraintCreationFailed"), "merge or change those nodes in a migration before this one");
      }
    }
  }
  std::stable_sort(result->findings.begin(), result->findings.end(), [](const Finding& a, const Finding& b) {
    const std::string_view x = a.file == nullptr ? std::string_view() : a.file->path(), y = b.file == nullptr ? std::string_view() : b.file->path();
    return x != y ? x < y : a.span.begin < b.span.begin;
  });
  return 0;
}

}  // namespace pawl
