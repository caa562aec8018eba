// pawl plan --all, pawl apply --all: every set of pawl.toml as one release, in the order that `after` gives, with one approval and one
// report. No transaction spans two databases: a set that fails stops those that come after it, and what is applied stays.
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/source/atomic_write.h"
#include "tools/runner_run.h"

namespace pawl {
namespace {

// Those that others come after, first; else as the file has them. CheckOrder of config.cc has refused circles.
std::vector<const SetConfig*> InOrder(const Config& config) {
  std::vector<const SetConfig*> out;
  const std::function<void(const SetConfig&)> visit = [&](const SetConfig& s) {
    if (std::find(out.begin(), out.end(), &s) != out.end()) return;
    for (const std::string& before : s.after) {
      if (const SetConfig* b = config.FindSet(before)) visit(*b);
    }
    out.push_back(&s);
  };
  for (const SetConfig& s : config.sets) visit(s);
  return out;
}

absl::StatusOr<Config> ConfigOf(const RunnerOptions& o) {
  if (!o.url.empty() || !o.url_env.empty()) return absl::InvalidArgumentError("--all and --url do not go together: each set of pawl.toml names its own database (url-env)");
  absl::StatusOr<Config> config = o.config.empty() ? FindConfig("") : LoadConfig(o.config);
  if (!config.ok()) return absl::InvalidArgumentError(config.status().message());
  if (config->sets.empty()) return absl::InvalidArgumentError("--all needs sets: there is no [[set]] in pawl.toml");
  return config;
}

RunnerOptions OptionsOf(const RunnerOptions& o, const std::string& set) {
  RunnerOptions one = o;
  one.all = false;
  one.component = set;
  one.set.clear();
  one.output.clear();
  return one;
}

struct SetPlan {
  const SetConfig* set = nullptr;
  nlohmann::ordered_json plan;      // null: nothing is pending
  std::vector<std::string> refusals;
  size_t migrations = 0;
  int code = kExitDone;             // why it could not be planned
};

SetPlan PlanOf(const RunnerOptions& o, const SetConfig& config) {
  SetPlan out;
  out.set = &config;
  const RunnerOptions one = OptionsOf(o, config.name);
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(one);
  if (!set.ok()) return out.code = FailWith(set.status()), out;
  absl::StatusOr<RunnerSession> session = Connect(**set, "plan");
  if (!session.ok()) return out.code = FailWith(session.status()), out;
  absl::StatusOr<std::unique_ptr<Prepared>> prepared = Prepare(**set, *session, one, Direction::kUp, /*effects=*/true);
  if (!prepared.ok()) return out.code = FailWith(prepared.status()), out;
  const Prepared& p = **prepared;
  if (!o.quiet) ShowFindings(p.findings, o.verbose);
  for (const std::string& r : p.refusals) out.refusals.push_back(Redact(session->target, r));
  out.migrations = p.plan.migrations.size();
  const std::vector<TableSize> sizes = SizesOf(*session->database, p.plan);
  if (!p.chosen.empty()) out.plan = PlanToJson(p.plan, sizes, kVersion);
  if (!o.json && !o.quiet) {
    std::printf("== %s%s: %s\n", config.name.c_str(), config.after.empty() ? "" : absl::StrCat(" (after ", absl::StrJoin(config.after, ", "), ")").c_str(), p.chosen.empty() ? "nothing is pending" : p.plan.target.c_str());
    if (!p.chosen.empty()) std::printf("%s", PlanText(p.plan, sizes, o.verbose).c_str());
  }
  return out;
}

// All of them; kExitDone, or the first reason why the release cannot be planned, which has been said.
int PlanAll(const RunnerOptions& o, const Config& config, std::vector<SetPlan>* plans) {
  int code = kExitDone;
  for (const SetConfig* s : InOrder(config)) {
    SetPlan p = PlanOf(o, *s);
    if (p.code != kExitDone && code == kExitDone) code = p.code;
    for (const std::string& r : p.refusals) {
      FailWith(0, absl::StrCat(s->name, ": ", r));
      if (code == kExitDone) code = kExitRefused;
    }
    plans->push_back(std::move(p));
  }
  return code;
}

struct Line {
  std::string set, outcome, message;
  int code = kExitDone;
  int done = 0;
};

}  // namespace

int PlanRelease(const RunnerOptions& o) {
  const absl::StatusOr<Config> config = ConfigOf(o);
  if (!config.ok()) return FailWith(config.status());
  std::vector<SetPlan> plans;
  if (const int code = PlanAll(o, *config, &plans); code != kExitDone) return code;
  std::vector<nlohmann::ordered_json> parts;
  size_t migrations = 0;
  for (SetPlan& p : plans) {
    migrations += p.migrations;
    if (!p.plan.is_null()) parts.push_back(std::move(p.plan));
  }
  const nlohmann::ordered_json release = ReleaseToJson(parts, kVersion);
  const std::string text = release.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (o.json) std::printf("%s", text.c_str());
  if (parts.empty()) {
    if (!o.json && !o.quiet) std::printf("nothing to do: nothing is pending in %zu sets\n", plans.size());
    return kExitDone;
  }
  if (o.json && o.output.empty()) return kExitDone;
  const std::string file = o.output.empty() ? "release.json" : o.output;
  if (const absl::Status s = WriteFileAtomically(file, text); !s.ok()) return FailWith(kExitTool, s.message());
  if (!o.json) {
    std::printf("%zu %s in %zu %s, written to %s\n%s\nnext: `pawl approve %s` by a reviewer, then `pawl apply %s`\n", migrations, migrations == 1 ? "migration" : "migrations", parts.size(), parts.size() == 1 ? "set" : "sets", file.c_str(),
                release["digest"].get<std::string>().c_str(), file.c_str(), file.c_str());
  }
  return kExitDone;
}

int ApplyRelease(const RunnerOptions& o) {
  const absl::StatusOr<Config> config = ConfigOf(o);
  if (!config.ok()) return FailWith(config.status());
  std::optional<PlanFile> file;
  if (IsPlanFile(o.set)) {
    absl::StatusOr<PlanFile> read = ReadPlanFile(o.set);
    if (!read.ok()) return FailWith(read.status());
    if (read->parts.empty()) return FailWith(kExitTool, absl::StrCat(o.set, " is the plan of one set; `pawl plan --all` writes that of a release"));
    file = *std::move(read);
  } else if (!o.set.empty()) {
    return FailWith(kExitTool, absl::StrCat("--all is every set of pawl.toml, so `", o.set, "` cannot be named beside it"));
  }
  // Looked at as a whole first: a release whose second half is refused should not have its first half applied.
  std::vector<SetPlan> plans;
  RunnerOptions quiet = o;
  quiet.quiet = o.quiet || o.yes;
  if (const int code = PlanAll(quiet, *config, &plans); code != kExitDone) {
    FailWith(0, "nothing was changed in any database");
    return code;
  }
  size_t migrations = 0;
  for (const SetPlan& p : plans) migrations += p.migrations;
  if (!o.yes && !o.dry_run && migrations > 0) {
    if (isatty(STDIN_FILENO) != 1) return FailWith(kExitRefused, "refused, nothing was changed: without a terminal there is nobody to ask; say --yes");
    std::fprintf(stderr, "apply %zu migrations to %zu databases? [y/N] ", migrations, plans.size());
    char answer[16] = "";
    if (std::fgets(answer, sizeof answer, stdin) == nullptr || (answer[0] != 'y' && answer[0] != 'Y')) return FailWith(kExitRefused, "not confirmed, nothing was changed");
  }
  std::vector<Line> lines;
  int code = kExitDone;
  auto failed = [&](const std::string& set) {
    return std::any_of(lines.begin(), lines.end(), [&](const Line& l) { return l.set == set && l.code != kExitDone; });
  };
  for (const SetPlan& p : plans) {
    Line& line = lines.emplace_back();
    line.set = p.set->name;
    const auto cause = std::find_if(p.set->after.begin(), p.set->after.end(), failed);
    std::optional<PlanFile> part;
    if (file) {
      const auto at = std::find_if(file->parts.begin(), file->parts.end(), [&](const PlanFile& f) { return f.component == p.set->name; });
      if (at != file->parts.end()) part = *at;
    }
    if (cause != p.set->after.end()) {
      line.outcome = "not begun";
      line.code = kExitFailed;
      line.message = absl::StrCat("it comes after ", *cause, ", which failed");
      continue;
    }
    if (p.migrations == 0 || (file && !part)) {
      line.outcome = p.migrations == 0 ? "nothing to do" : "not in the plan";
      continue;
    }
    RunnerOptions one = OptionsOf(o, p.set->name);
    one.yes = true;
    one.json = false;
    one.quiet = o.quiet || o.json;
    if (!one.quiet) std::printf("== %s\n", p.set->name.c_str());
    std::fflush(stdout);
    const SetRun run = RunSet(one, Direction::kUp, std::move(part));
    line.code = run.code;
    line.done = run.report.done;
    line.message = run.report.message;
    line.outcome = run.code == kExitDone ? o.dry_run ? "would be applied" : "applied" : run.report.done > 0 ? "failed on the way" : run.code == kExitRefused ? "refused" : run.code == kExitLocked ? "locked" : run.code == kExitUnreachable ? "unreachable" : "failed";
    if (run.code != kExitDone && code == kExitDone) code = run.code;
  }
  // Something stands in one database and not in the other: that is a failed release, however the other set ended.
  const bool any = std::any_of(lines.begin(), lines.end(), [](const Line& l) { return l.done > 0; });
  if (code != kExitDone && any) code = kExitFailed;
  if (o.json) {
    nlohmann::ordered_json j;
    j["outcome"] = code == kExitDone ? "done" : code == kExitRefused ? "refused" : "failed";
    if (file) j["digest"] = file->digest;
    j["sets"] = nlohmann::ordered_json::array();
    for (const Line& l : lines) j["sets"].push_back({{"component", l.set}, {"outcome", l.outcome}, {"done", l.done}, {"exit_code", l.code}, {"message", l.message}});
    std::printf("%s\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return code;
  }
  if (!o.quiet || code != kExitDone) {
    std::FILE* to = code == kExitDone ? stdout : stderr;
    std::fprintf(to, "release:\n");
    for (const Line& l : lines) std::fprintf(to, "  %s: %s%s%s\n", l.set.c_str(), l.outcome.c_str(), l.done > 0 ? absl::StrCat(", ", l.done, l.done == 1 ? " migration" : " migrations").c_str() : "", l.message.empty() || l.code == kExitDone ? "" : absl::StrCat(": ", l.message).c_str());
    if (code != kExitDone) std::fprintf(to, "what is applied stays applied; mend the cause and run the same command again: it goes on with what is left%s\n", file ? " (a set that is half applied needs a new plan)" : "");
  }
  return code;
}

}  // namespace pawl
