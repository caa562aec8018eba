#include "tools/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "rules/rule.h"

namespace pawl {
namespace {

std::vector<std::string> SplitNames(const std::vector<std::string>& given) {
  std::vector<std::string> names;
  for (const std::string& g : given) {
    for (std::string_view n : absl::StrSplit(g, ',', absl::SkipWhitespace())) names.emplace_back(absl::StripAsciiWhitespace(n));
  }
  return names;
}

// "16", "12,17": majors of PostgreSQL, "16.4" is taken for its major; "4.4", "5.26", "2025.06": Neo4j. No number is both.
absl::Status ParseVersions(const std::string& text, CommandLine* out) {
  for (std::string_view v : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    v = absl::StripAsciiWhitespace(v);
    LintSettings neo4j;
    int major;
    if (AddNeo4jVersion(v, &neo4j)) {
      out->neo4j_versions.emplace_back(v);
    } else if (absl::SimpleAtoi(v.substr(0, v.find('.')), &major) && major >= 9 && major <= 99) {
      out->server_versions.push_back(major);
    } else {
      return absl::InvalidArgumentError(absl::StrCat("--server-version: `", v, "` is no version of PostgreSQL or Neo4j; write `16`, `13,17`, `5.26` or `2025.06`"));
    }
  }
  return absl::OkStatus();
}

struct RunnerVerb {
  const char* name;
  Verb verb;
  const char* help;
};
constexpr RunnerVerb kRunnerVerbs[] = {
    {"status", Verb::kStatus, "what is applied, pending, failed, edited, missing, out of order"},
    {"validate", Verb::kValidate, "lint, checksums, history and connectivity, changing nothing"},
    {"plan", Verb::kPlan, "what an apply would do; writes plan.json"},
    {"approve", Verb::kApprove, "record an approval bound to a plan's digest"},
    {"apply", Verb::kApply, "run what is pending"},
    {"rollback", Verb::kRollback, "run down scripts: --steps N, --to VERSION or --version VERSION"},
    {"repair", Verb::kRepair, "settle a failed or interrupted migration"},
    {"baseline", Verb::kBaseline, "adopt a database that already has these migrations"},
    {"history", Verb::kHistory, "recent, failed and slow runs"},
    {"new", Verb::kNew, "a new migration in the set's layout"},
    {"announce", Verb::kAnnounce, "the messages to the team, from a plan or a run's audit record"},
};

struct RawLint {
  std::vector<std::string> select, ignore, extend_select;
  std::string format, fail_on, engine, server_version, layout, transaction_mode, color = "auto", add_ignores, edition;
  bool no_cache = false;
};

void AddLintOptions(CLI::App& app, CommandLine& out, RawLint& raw) {
  app.add_option("PATH", out.paths, "files and folders; - reads one file from standard input; default: the current folder");
  app.add_option("--format", raw.format, "full, concise, json, sarif, github, gitlab, junit, rdjson or html")->group("Output");
  app.add_option("--output", out.output, "write the report to FILE")->group("Output")->type_name("FILE");
  app.add_option("--color", raw.color, "auto, always or never")->group("Output");
  app.add_flag("-q,--quiet", out.quiet, "findings only, no summary")->group("Output");
  app.add_flag("-v,--verbose", out.verbose, "also say which sets were found and what was left out")->group("Output");
  app.add_flag("--exit-zero", out.exit_zero, "exit 0 even when there are findings")->group("Output");
  app.add_option("--fail-on", raw.fail_on, "lowest severity that makes the exit code 1: error, warning (default) or note")->group("Output");
  app.add_option("--select", raw.select, "run only these rules or groups (comma-separated; `all`)")->group("Rules")->allow_extra_args(false);
  app.add_option("--ignore", raw.ignore, "do not run these")->group("Rules")->allow_extra_args(false);
  app.add_option("--extend-select", raw.extend_select, "run these too")->group("Rules")->allow_extra_args(false);
  app.add_option("--engine", raw.engine, "postgresql or neo4j; default: by the files' names")->group("Migrations");
  app.add_option("--server-version", raw.server_version, "versions the migrations must run on, such as 16; with several, 13,17, each finding says where it holds; of Neo4j 5.26 or 2025.06")->group("Migrations")->type_name("V[,V...]");
  app.add_option("--layout", raw.layout, "the layout instead of the recognised one (golang-migrate, goose, flyway ...)")->group("Migrations");
  app.add_option("--edition", raw.edition, "Neo4j's edition: community, enterprise or aura")->group("Migrations");
  app.add_option("--transaction-mode", raw.transaction_mode, "what the runner does: file, statement or none")->group("Migrations");
  app.add_option("--since", out.since, "report only migrations added or changed since git REF")->group("History")->type_name("REF");
  app.add_option("--database", out.database, "compare with what this database says was applied")->group("History")->type_name("SET|URL");
  app.add_option("--statistics", out.statistics, "table sizes, from `pawl schema dump --statistics`: small tables are left alone, large ones named")->group("Migrations")->type_name("FILE");
  app.add_option("--schema", out.schema, "what the history begins with: a snapshot of `pawl schema dump`, or a schema.sql of pg_dump")->group("Migrations")->type_name("FILE");
  app.add_flag("--write-sums", out.write_sums, "write pawl.sums into each set's folder")->group("History");
  app.add_option("--baseline", out.baseline, "findings listed in FILE are not reported")->group("History")->type_name("FILE");
  app.add_option("--write-baseline", out.write_baseline, "list today's findings in FILE")->group("History")->type_name("FILE");
  app.add_flag("--fix", out.fix, "apply safe fixes to the files")->group("Fixes");
  app.add_flag("--unsafe-fixes", out.unsafe_fixes, "apply (or show) fixes that need a second look, too")->group("Fixes");
  app.add_flag("--diff", out.diff, "show what --fix would change; change nothing")->group("Fixes");
  app.add_option("--add-ignores", raw.add_ignores, "put a suppression with this reason above each statement that has findings")->group("Fixes")->type_name("REASON");
  app.add_option("--stdin-filename", out.stdin_filename, "name of the text on standard input")->group("Input")->type_name("NAME");
  app.add_option("--jobs", out.jobs, "parser threads; default: one a processor")->group("Input")->check(CLI::Range(1, 256));
  app.add_option("--config", out.config, "use this pawl.toml")->group("Input")->type_name("FILE");
  app.add_flag("--isolated", out.isolated, "use no pawl.toml")->group("Input");
  app.add_flag("--no-cache", raw.no_cache, "accepted for scripts; nothing is cached between runs")->group("Input");
}

absl::Status Finish(const CLI::App& app, const RawLint& raw, CommandLine& out) {
  auto choose = [](std::string_view option, const std::string& given, auto parse, auto& target, std::string_view choices) -> absl::Status {
    if (given.empty()) return absl::OkStatus();
    auto value = parse(given);
    if (!value) return absl::InvalidArgumentError(absl::StrCat(option, ": `", given, "` is not one of ", choices));
    target = *value;
    return absl::OkStatus();
  };
  absl::Status s = choose("--format", raw.format, ParseFormat, out.format, "full, concise, json, sarif, github, gitlab, junit, rdjson, html");
  s.Update(choose("--fail-on", raw.fail_on, [](std::string_view v) { auto p = ParseSeverity(v); return p == Severity::kOff ? std::nullopt : p; }, out.fail_on, "error, warning, note"));
  s.Update(choose("--engine", raw.engine, [](std::string_view v) -> std::optional<Engine> { return v == "postgresql" ? std::optional(Engine::kPostgresql) : v == "neo4j" ? std::optional(Engine::kNeo4j) : std::nullopt; }, out.engine, "postgresql, neo4j"));
  s.Update(choose("--layout", raw.layout, ParseLayout, out.layout,
                  "plain, golang-migrate, dbmate, goose, flyway, prisma, sqlx, diesel, node-pg-migrate, liquibase, numbered, timestamp-slug, neo4j-migrations"));
  s.Update(choose("--transaction-mode", raw.transaction_mode, [](std::string_view v) -> std::optional<TransactionMode> {
    if (v == "file") return TransactionMode::kFile;
    if (v == "statement" || v == "none") return TransactionMode::kStatement;
    return std::nullopt;
  }, out.transaction, "file, statement, none"));
  s.Update(choose("--color", raw.color, [](std::string_view v) -> std::optional<ColorMode> {
    return v == "auto" ? std::optional(ColorMode::kAuto) : v == "always" ? std::optional(ColorMode::kAlways) : v == "never" ? std::optional(ColorMode::kNever) : std::nullopt;
  }, out.color, "auto, always, never"));
  if (!raw.edition.empty() && raw.edition != "community" && raw.edition != "enterprise" && raw.edition != "aura") {
    s.Update(absl::InvalidArgumentError(absl::StrCat("--edition: `", raw.edition, "` is not one of community, enterprise, aura")));
  }
  if (!s.ok()) return s;
  if (!raw.server_version.empty()) {
    if (const absl::Status v = ParseVersions(raw.server_version, &out); !v.ok()) return v;
  }
  if (app.count("--select") > 0) out.select = SplitNames(raw.select);
  // A variable that is not set. Reporting everything instead would look like the new ones.
  if (app.count("--since") > 0 && out.since.empty()) return absl::InvalidArgumentError("--since needs a commit, branch or tag");
  if (app.count("--baseline") > 0 && out.baseline.empty()) return absl::InvalidArgumentError("--baseline needs a file");
  if (app.count("--database") > 0 && out.database.empty()) return absl::InvalidArgumentError("--database needs the name of a set, or a URL");
  out.edition = raw.edition;
  out.ignore = SplitNames(raw.ignore);
  out.extend_select = SplitNames(raw.extend_select);
  if (app.count("--add-ignores") > 0) {
    if (raw.add_ignores.empty()) return absl::InvalidArgumentError("--add-ignores needs a reason: every suppression says why");
    out.add_ignores = raw.add_ignores;
  }
  if (out.unsafe_fixes && !out.fix && !out.diff && out.verb != Verb::kFix) return absl::InvalidArgumentError("--unsafe-fixes goes with --fix or --diff");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  CommandLine out;
  RawLint raw;
  CLI::App app("Reads SQL migrations, tells what is unsafe and why, and offers the safe form.", "pawl");
  app.require_subcommand(0, 1);
  bool version = false;
  app.add_flag("-V,--version", version, "print the version");
  CLI::App* lint = app.add_subcommand("lint", "check migrations; no database needed");
  CLI::App* fix = app.add_subcommand("fix", "the same as lint --fix");
  CLI::App* locks = app.add_subcommand("locks", "the lock timeline: which lock on what, held until when, who waits");
  CLI::App* rules = app.add_subcommand("rules", "list the rules");
  CLI::App* explain = app.add_subcommand("explain", "show one rule's page");
  explain->add_option("RULE", out.rule, "name of the rule")->required();
  // Only the command that was asked for needs its options: building them all costs as much as linting a small file.
  const std::string_view verb = argc > 1 ? argv[1] : "";
  CLI::App* chosen = verb == "fix" ? fix : verb == "locks" ? locks : lint;
  const Verb none = out.verb;
  if (chosen != lint || verb == "lint") AddLintOptions(*chosen, out, raw);
  rules->add_option("--format", raw.format, "full or json");
  for (const RunnerVerb& v : kRunnerVerbs) {
    CLI::App* command = app.add_subcommand(v.name, v.help);
    if (verb != v.name) continue;
    AddRunnerOptions(*command, v.name, out.runner);
    chosen = command;
    out.verb = v.verb;
  }
  CLI::App* schema = app.add_subcommand("schema", "dump a schema as JSON; check a database against migrations or a snapshot");
  if (verb == "schema") {
    AddSchemaOptions(*schema, out.runner);
    chosen = schema;
    out.verb = Verb::kSchema;
  }
  // Thousands of paths at the end of the line are paths and nothing else: the option parser need not look at each. The first of
  // them may be the last option's value, so it sees two.
  int looked_at = argc;
  if (verb == "lint" || verb == "fix" || verb == "locks") {
    while (looked_at > 2 && argv[looked_at - 1][0] != '-') --looked_at;
    looked_at = std::min(argc, looked_at + 2);
  }
  try {
    app.parse(looked_at, argv);
    out.paths.insert(out.paths.end(), argv + looked_at, argv + argc);
  } catch (const CLI::CallForHelp&) {
    out.verb = Verb::kHelp;
    out.text = app.help();
    return out;
  } catch (const CLI::ParseError& e) {
    // What is not expected is named, and an address may have a password.
    if (absl::StrContains(e.what(), "://")) return absl::InvalidArgumentError("an address of a database stands where none is expected (it is not shown, for it may have a password): give it with --url, or better with --url-env NAME");
    return absl::InvalidArgumentError(absl::StrCat(e.what(), "; `pawl ", chosen->parsed() ? absl::StrCat(verb, " ") : "", "--help` lists what there is"));
  }
  if (out.verb != none) return out;  // one of the runner's
  if (version) {
    out.verb = Verb::kVersion;
    out.text = absl::StrCat("pawl ", kVersion, "\n");
    return out;
  }
  if (explain->parsed()) {
    out.verb = Verb::kExplain;
    return out;
  }
  if (rules->parsed()) {
    out.verb = Verb::kRules;
    if (!raw.format.empty()) {
      out.format = ParseFormat(raw.format);
      if (!out.format) return absl::InvalidArgumentError(absl::StrCat("--format: `", raw.format, "` is not one of full, json"));
    }
    return out;
  }
  if (!lint->parsed() && !fix->parsed() && !locks->parsed()) {
    out.verb = Verb::kHelp;
    out.text = app.help();
    return out;
  }
  out.verb = fix->parsed() ? Verb::kFix : locks->parsed() ? Verb::kLocks : Verb::kLint;
  const absl::Status status = Finish(*chosen, raw, out);
  if (!status.ok()) return status;
  if (fix->parsed() && !out.diff) out.fix = true;
  return out;
}

}  // namespace pawl
