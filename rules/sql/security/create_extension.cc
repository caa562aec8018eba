// create-extension: the server must have it, and the role must be allowed to.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kCreateExtension;

namespace {

// "trusted" in the control files of PostgreSQL's own extensions since 13: CREATE on the database is enough.
constexpr std::string_view kTrusted[] = {"btree_gin", "btree_gist", "citext", "cube", "dict_int", "fuzzystrmatch", "hstore", "intarray", "isn", "lo", "ltree",
                                         "pg_trgm", "pgcrypto", "plperl", "pltcl", "seg", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp"};

Span NameSpan(const StatementContext& context) {
  sql::Scanner scanner(context.script.file->text(), context.statement.span);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (!scanner.Is(t, "extension")) continue;
    t = scanner.NextCode();
    if (scanner.Is(t, "if")) {
      scanner.NextCode();  // NOT
      scanner.NextCode();  // EXISTS
      t = scanner.NextCode();
    }
    return t.span;
  }
  return context.statement.span;
}

void Check(const StatementContext& context) {
  const auto& create = context.statement.As<sql::CreateExtension>();
  if (create.name == "plpgsql") return;  // every database has it
  // Made before in this script, or dropped: whoever could do that can do this.
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement == &context.statement) break;
    if (f.statement->kind == sql::StatementKind::kCreateExtension && f.statement->As<sql::CreateExtension>().name == create.name) return;
    if (f.statement->kind == sql::StatementKind::kDrop && f.statement->As<sql::Drop>().type == sql::ObjectType::kExtension) {
      const auto& names = f.statement->As<sql::Drop>().names;
      if (std::any_of(names.begin(), names.end(), [&](const sql::Name& n) { return n.name == create.name; })) return;
    }
  }
  const bool trusted = context.script.settings->versions.oldest >= 13 && std::find(std::begin(kTrusted), std::end(kTrusted), create.name) != std::end(kTrusted);
  context
      .Report(kCreateExtension, NameSpan(context),
              absl::StrCat("extension `", create.name, "` needs ", trusted ? "CREATE on the database" : "a superuser, or a provider that allows it,", " and its files on the server"))
      .Why(trusted ? "the migration stops here on a server whose packages lack the extension (postgresql-contrib), or where the migrating role does not own the database"
                   : "the migration stops here if the migrating role is no superuser, if the managed service does not offer the extension, or if the server's packages lack it")
      .Help(absl::StrCat("check pg_available_extensions on every server first; or have an administrator create it beforehand: CREATE EXTENSION IF NOT EXISTS then does nothing and needs no privilege"));
}

}  // namespace

constinit const Rule kCreateExtension = {
    .info = {
        .name = "create-extension",
        .group = RuleGroup::kSecurity,
        .severity = Severity::kNote,
        .summary = "CREATE EXTENSION needs privileges and files that a server may not have",
        .page = {
            .what = "`CREATE EXTENSION` runs the extension's script with raised rights. It needs the extension's files on the server and a superuser; for extensions that are marked trusted (13+) the CREATE "
                    "privilege on the database is enough.",
            .why = "It works on a developer's machine, where the role is a superuser and the packages are all there, and stops the deploy on a managed server or a plain one.",
            .instead = "Create extensions when a database is set up, by an administrator. In the migration write `CREATE EXTENSION IF NOT EXISTS`, which does nothing and needs no privilege where the "
                       "extension is there.",
            .fix_safety = "",
            .versions = "Trusted extensions exist from PostgreSQL 13 on.",
            .limits = "What a server offers and who runs the migration are not known here. `plpgsql`, which every database has, is left alone.",
            .references = "PostgreSQL documentation, CREATE EXTENSION\n"
                          "PostgreSQL documentation, Additional Supplied Modules, trusted extensions",
            .elsewhere = "MigrationPilot MP078",
            .bad = "CREATE EXTENSION IF NOT EXISTS postgis;\n",
            .good = "CREATE TABLE IF NOT EXISTS tokens (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateExtension},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
