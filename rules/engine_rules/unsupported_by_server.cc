#include "rules/engine_rules/engine_rules.h"

namespace pawl {

const Rule kUnsupportedByServer = {
    .info = {
        .name = "unsupported-by-server",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "syntax that the configured server version does not have yet, or no longer has",
        .page = {
            .what = "The statement is correct for some PostgreSQL version, but not for one of those that `server-version` (or "
                    "`--server-version`) names. The message says since when, or until when, servers accept it.",
            .why = "The server answers with a syntax error, and the migration stops there. It works on a developer's newer server and fails on "
                   "the production server, which is the worst place to find out.",
            .instead = "Use the form that every configured version accepts, or upgrade the servers first and raise `server-version`.",
            .fix_safety = "",
            .versions = "Checked for PostgreSQL 12 to 18. With several configured versions the oldest and the newest count.",
            .limits = "Judges syntax. A function, setting or extension that exists only on some versions is not looked up. Inside strings that "
                      "are executed, only what can be parsed is checked.",
            .references = "PostgreSQL documentation, appendix \"Release Notes\", of each major version",
            .elsewhere = "",
            .bad = "CREATE TABLE IF NOT EXISTS lines (\n"
                   "  id bigint PRIMARY KEY,\n"
                   "  amount bigint NOT NULL,\n"
                   "  doubled bigint GENERATED ALWAYS AS (amount * 2) VIRTUAL\n"
                   ");\n",
            .good = "CREATE TABLE IF NOT EXISTS lines (\n"
                    "  id bigint PRIMARY KEY,\n"
                    "  amount bigint NOT NULL,\n"
                    "  doubled bigint GENERATED ALWAYS AS (amount * 2) STORED\n"
                    ");\n",
        }}};

}  // namespace pawl
