#include "tools/runner_options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pawl {
namespace {

constexpr int64_t kLongestMs = INT32_MAX;  // PostgreSQL keeps lock_timeout and statement_timeout in so many

// `--to "$VERSION"` with a variable that is not set means no version, and not all of them.
void AddVersion(CLI::App& app, const char* name, std::string& out, const char* help) {
  app.add_option_function<std::string>(
         name,
         [&out, name](const std::string& text) {
           if (absl::StripAsciiWhitespace(text).empty()) throw CLI::ValidationError(name, "is given without a version (an empty variable?)");
           out = text;
         },
         help)
      ->type_name("VERSION")
      ->group("What runs");
}

void AddDuration(CLI::App& app, const char* name, std::optional<int64_t>& out, const char* help) {
  app.add_option_function<std::string>(
         name,
         [&out, name](const std::string& text) {
           out = ParseMilliseconds(text);
           if (!out) throw CLI::ValidationError(name, absl::StrCat("`", text, "` is no duration; write 3s, 500ms, 10m or 1h"));
           if (*out > kLongestMs) throw CLI::ValidationError(name, absl::StrCat("`", text, "` is more than servers take (24 days); 0 is no limit"));
         },
         help)
      ->type_name("D");
}

void AddNames(CLI::App& app, const char* name, std::vector<std::string>& out, const char* help, const char* type) {
  app.add_option_function<std::vector<std::string>>(
         name,
         [&out](const std::vector<std::string>& given) {
           for (const std::string& g : given) {
             for (std::string_view n : absl::StrSplit(g, ',', absl::SkipWhitespace())) out.emplace_back(absl::StripAsciiWhitespace(n));
           }
         },
         help)
      ->type_name(type)
      ->allow_extra_args(false);
}

}  // namespace

std::optional<int64_t> ParseMilliseconds(std::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  size_t digits = 0;
  while (digits < text.size() && (absl::ascii_isdigit(text[digits]) || text[digits] == '.')) ++digits;
  double number = 0;
  if (digits == 0 || !absl::SimpleAtod(text.substr(0, digits), &number)) return std::nullopt;
  const std::string_view unit = text.substr(digits);
  double factor;
  if (unit == "ms") factor = 1;
  else if (unit.empty() || unit == "s") factor = 1000;
  else if (unit == "m" || unit == "min") factor = 60e3;
  else if (unit == "h") factor = 3600e3;
  else return std::nullopt;
  if (number * factor > 1e15) return std::nullopt;
  return static_cast<int64_t>(std::ceil(number * factor));  // never 0, which is no limit, for what is more
}

void AddRunnerOptions(CLI::App& app, const std::string& verb, RunnerOptions& o) {
  const bool database = verb != "new" && verb != "announce" && verb != "approve";
  const bool runs = verb == "apply" || verb == "rollback";
  app.add_option(verb == "announce" || verb == "approve" ? "PLAN" : verb == "new" ? "NAME" : "SET", verb == "new" ? o.message : o.set,
                 verb == "apply" ? "a set of pawl.toml, a folder, or a plan.json" : verb == "new" ? "what the migration does, such as add_email" : verb == "announce" ? "a plan.json, or the audit-....json of a run" : verb == "approve" ? "a plan.json" : "a set of pawl.toml, or a folder");
  app.add_option("--component", o.component, "the set, by another name")->group("Set");
  if (verb == "new") app.add_option("--set", o.set, "the set of pawl.toml, or the folder")->group("Set");
  app.add_option("--config", o.config, "use this pawl.toml")->type_name("FILE")->group("Set");
  app.add_flag("--isolated", o.isolated, "use no pawl.toml")->group("Set");
  app.add_option_function<std::string>(
         "--layout",
         [&o](const std::string& text) {
           o.layout = ParseLayout(text);
           if (!o.layout) throw CLI::ValidationError("--layout", absl::StrCat("`", text, "` is no layout"));
         },
         "the layout instead of the recognised one")
      ->group("Set");
  if (database) {
    app.add_option("--url", o.url, "postgresql://user@host:5432/database, or http://user@host:7474/database for Neo4j; put the password into a passfile, PGPASSWORD or NEO4J_PASSWORD")->group("Database");
    app.add_option("--url-env", o.url_env, "the environment variable that holds the URL")->type_name("NAME")->group("Database");
    app.add_option("--env", o.env_file, "read NAME=VALUE lines first, such as migrate.env")->type_name("FILE")->group("Database");
    app.add_option("--environment", o.environment, "production asks for approvals and a backup; development does not")->type_name("NAME")->group("Guards");
  }
  app.add_flag("--json", o.json, "one JSON object on standard output")->group("Output");
  app.add_flag("-v,--verbose", o.verbose, "every statement and lock")->group("Output");
  app.add_flag("-q,--quiet", o.quiet, "only what needs attention")->group("Output");
  if (database) app.add_option("--log", o.log, "write events as NDJSON to FILE (- is standard error)")->type_name("FILE")->group("Output");
  if (verb == "plan" || verb == "announce" || verb == "approve") app.add_option("--output", o.output, verb == "plan" ? "where the plan goes; default: plan.json" : "write to FILE")->type_name("FILE")->group("Output");
  if (runs || verb == "plan" || verb == "validate") {
    AddVersion(app, "--to", o.to, "stop after (or, going down, before) this version");
    app.add_option("--steps", o.steps, "this many migrations")->check(CLI::Range(1, 1000000))->group("What runs");
    AddNames(app, "--allow", o.allow, "findings of these rules do not stop the run; needs --reason", "RULE[,RULE]");
    app.add_option("--reason", o.reason, "why; it is recorded")->group("Guards");
    AddDuration(app, "--lock-timeout", o.lock_timeout_ms, "how long a statement may wait for a lock (default 3s)");
    AddDuration(app, "--statement-timeout", o.statement_timeout_ms, "how long a statement may run (default: no limit)");
    AddDuration(app, "--window", o.window_ms, "no new migration begins after this long");
    app.add_option("--retries", o.retries, "how often to try again when a lock was not to be had (default 5)")->check(CLI::Range(0, 1000))->group("Guards");
  }
  if (runs || verb == "repair" || verb == "plan") AddVersion(app, "--version", o.version, verb == "rollback" ? "roll back this version only" : "this version only");
  if (verb == "apply" || verb == "plan") app.add_flag("--all", o.all, "every set of pawl.toml, in the order that `after` gives")->group("Set");
  if (verb == "plan") app.add_flag("--down", o.down, "plan a rollback")->group("What runs");
  if (runs || verb == "baseline" || verb == "repair") {
    app.add_flag("-y,--yes", o.yes, "do not ask")->group("Guards");
    AddDuration(app, "--wait", o.wait_ms, "how long to wait for another runner (default 1m; 0: not at all)");
  }
  if (runs || verb == "baseline" || verb == "approve" || verb == "repair") AddNames(app, "--approved-by", o.approved_by, "who approved; also MIGRATION_APPROVED_BY", "NAME");
  if (runs) {
    app.add_flag("--dry-run", o.dry_run, "print the SQL that would run; change nothing")->group("What runs");
    app.add_flag("--rollback-test", o.rollback_test, "with --dry-run: run it in a transaction and roll that back")->group("What runs")->needs("--dry-run");
    app.add_flag("--cancel-at-window", o.cancel_at_window, "the end of the window also cancels what runs")->group("Guards");
    AddDuration(app, "--yield-after", o.yield_after_ms, "when others wait for us longer than this, stop and try again later");
    app.add_option("--backup-id", o.backup_id, "the backup that was taken before")->type_name("ID")->group("Guards");
    app.add_flag("--backup", o.backup, "take one now, with pg_dump or the configured command, and verify it")->group("Guards");
  }
  if (verb == "rollback") app.add_flag("--accept-data-loss", o.accept_data_loss, "also run downs that lose data")->group("Guards");
  if (verb == "repair") {
    app.add_flag("--retry", o.retry, "run it again, or the rest of it where parts are committed")->group("What to do");
    app.add_flag("--mark-applied", o.mark_applied, "it is applied, whatever the record says")->group("What to do");
    app.add_flag("--mark-rolled-back", o.mark_rolled_back, "nothing of it is left, whatever the record says")->group("What to do");
    app.add_flag("--cancel", o.cancel, "end the session of an earlier, killed run")->group("What to do");
    app.add_option("--reason", o.reason, "why; it is recorded")->group("Guards");
  }
  if (verb == "baseline") {
    app.add_option("--from", o.from, "adopt what this tool's own table says: golang-migrate, dbmate, goose, flyway, neo4j-migrations ...")->type_name("TOOL")->group("What to do");
    AddVersion(app, "--to", o.to, "the newest version that is already applied");
    app.add_option("--reason", o.reason, "why; it is recorded")->group("Guards");
  }
  if (verb == "approve") app.add_option("--sign", o.sign_key, "sign with this SSH key (ssh-keygen -Y)")->type_name("KEY")->group("Guards");
  if (verb == "history") {
    app.add_flag("--failed", o.failed, "only attempts that failed")->group("Which");
    app.add_flag("--verify-audit", o.verify_audit, "instead: whether the audit records of audit-dir are as they were written, and none is missing")->group("Which");
    AddDuration(app, "--slower-than", o.slower_than_ms, "only those that took longer");
    app.add_option("--limit", o.limit, "how many, newest first (default 20)")->check(CLI::Range(1, 100000))->group("Which");
  }
  if (verb == "announce") {
    app.add_option("--message", o.message, "announcement, progress, complete or failed (default: announcement)")->group("Output");
    app.add_option("--log", o.log, "the events of the run, as apply --log writes them")->type_name("FILE")->group("What it says");
    app.add_option("--when", o.when, "when it is to happen")->type_name("TEXT")->group("What it says");
    app.add_option("--contact", o.contact, "whom to ask; also contact of [announce]")->type_name("TEXT")->group("What it says");
    app.add_option("--channel", o.channel, "where updates go; also channel of [announce]")->type_name("TEXT")->group("What it says");
  }
}

void AddSchemaOptions(CLI::App& app, RunnerOptions& o) {
  app.require_subcommand(1);
  for (const bool dump : {true, false}) {
    CLI::App* c = dump ? app.add_subcommand("dump", "write the schema of a database, or the one that migrations make, as JSON")
                       : app.add_subcommand("check", "compare migrations, a snapshot or a schema.sql with a database; exit 1 if they differ");
    c->final_callback([&o, dump] { o.schema_dump = dump; });
    c->add_option("SET", o.set, dump ? "a set of pawl.toml or a folder: its migrations are replayed. Without it, or with --url, a database is read"
                                     : "a set of pawl.toml, a folder, a snapshot (.json) or SQL of pg_dump --schema-only (.sql)");
    c->add_option("--component", o.component, "the set, by another name")->group("Set");
    c->add_option("--config", o.config, "use this pawl.toml")->type_name("FILE")->group("Set");
    c->add_flag("--isolated", o.isolated, "use no pawl.toml")->group("Set");
    c->add_option_function<std::string>(
         "--layout",
         [&o](const std::string& text) {
           o.layout = ParseLayout(text);
           if (!o.layout) throw CLI::ValidationError("--layout", absl::StrCat("`", text, "` is no layout"));
         },
         "the layout instead of the recognised one")
        ->group("Set");
    c->add_option("--schema", o.schema, "what the history begins with: a snapshot or a schema.sql")->type_name("FILE")->group("Set");
    c->add_option("--url", o.url, "postgresql://user@host:5432/database; put the password into a passfile or PGPASSWORD")->group("Database");
    c->add_option("--url-env", o.url_env, "the environment variable that holds the URL")->type_name("NAME")->group("Database");
    c->add_option("--env", o.env_file, "read NAME=VALUE lines first, such as migrate.env")->type_name("FILE")->group("Database");
    c->add_option("--database", o.database, "the database of this set of pawl.toml, or a URL")->type_name("SET|URL")->group("Database");
    if (dump) {
      c->add_flag("--statistics", o.statistics, "sizes and estimated rows too, for `pawl lint --statistics`")->group("Output");
    } else {
      c->add_option("--with", o.with, "compare with this snapshot, schema.sql, set or folder instead of a database")->type_name("FILE|SET")->group("Database");
      c->add_flag("--json", o.json, "one JSON object on standard output")->group("Output");
    }
    c->add_flag("-q,--quiet", o.quiet, "only what needs attention")->group("Output");
    c->add_option("--output", o.output, "write to FILE")->type_name("FILE")->group("Output");
  }
}

}  // namespace pawl
