// Other tools' history tables, by their names and columns as those tools make them.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "migrations/database/postgres.h"

namespace pawl {
namespace {

struct KnownTool {
  std::string_view tool;
  std::string_view table;
  std::string_view columns;   // all of these, comma-separated; "!x": not this one
  std::string_view applied;   // query of one column; %s is the table
  std::string_view failed;    // "" if the tool records none
  bool single_version = false;
};

constexpr KnownTool kTools[] = {
    {"golang-migrate", "schema_migrations", "version,dirty", "SELECT version FROM %s WHERE NOT dirty", "SELECT version FROM %s WHERE dirty", true},
    {"dbmate", "schema_migrations", "version,!dirty,!plan_digest,!inserted_at", "SELECT version FROM %s ORDER BY version", "", false},
    {"ecto", "schema_migrations", "version,inserted_at,!plan_digest", "SELECT version FROM %s ORDER BY version", "", false},
    {"goose", "goose_db_version", "version_id,is_applied,tstamp",
     "SELECT version_id FROM (SELECT DISTINCT ON (version_id) version_id, is_applied, id FROM %s ORDER BY version_id, id DESC) g WHERE is_applied AND version_id > 0 ORDER BY version_id", "", false},
    {"flyway", "flyway_schema_history", "installed_rank,version,success", "SELECT version FROM %s WHERE success AND version IS NOT NULL ORDER BY installed_rank",
     "SELECT version FROM %s WHERE NOT success AND version IS NOT NULL", false},
    {"node-pg-migrate", "pgmigrations", "id,name,run_on", "SELECT name FROM %s ORDER BY id", "", false},
    {"knex", "knex_migrations", "id,name,batch", "SELECT name FROM %s ORDER BY id", "", false},
    {"prisma", "_prisma_migrations", "migration_name,finished_at,rolled_back_at", "SELECT migration_name FROM %s WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at",
     "SELECT migration_name FROM %s WHERE finished_at IS NULL AND rolled_back_at IS NULL", false},
    {"sqlx", "_sqlx_migrations", "version,success,checksum", "SELECT version FROM %s WHERE success ORDER BY version", "SELECT version FROM %s WHERE NOT success", false},
    {"diesel", "__diesel_schema_migrations", "version,run_on", "SELECT version FROM %s ORDER BY version", "", false},
    {"liquibase", "databasechangelog", "id,author,orderexecuted", "SELECT id FROM %s ORDER BY orderexecuted", "", false},
    {"alembic", "alembic_version", "version_num", "SELECT version_num FROM %s", "", true},
    {"tern", "schema_version", "version,!plan_digest", "SELECT version FROM %s", "", true},
};

std::string With(std::string_view query, std::string_view table) {
  const size_t at = query.find("%s");
  return absl::StrCat(query.substr(0, at), table, query.substr(at + 2));
}

}  // namespace

absl::StatusOr<std::vector<ForeignHistory>> FindForeignHistory(PgConnection& c) {
  std::string names;
  for (const KnownTool& t : kTools) {
    if (!absl::StrContains(names, absl::StrCat("'", t.table, "'"))) absl::StrAppend(&names, names.empty() ? "" : ", ", "'", t.table, "'");
  }
  const PgResult found = c.Query(absl::StrCat(
      "SELECT t.name, quote_ident(n.nspname) || '.' || quote_ident(c.relname), (SELECT string_agg(a.attname, ',') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) "
      "FROM unnest(ARRAY[", names, "]) t(name) JOIN pg_class c ON c.oid = to_regclass(quote_ident(t.name)) JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE has_table_privilege(c.oid, 'SELECT')"));
  if (!found.ok()) return absl::FailedPreconditionError(absl::StrCat("cannot look for other tools' tables: ", found.error->Text()));
  std::vector<ForeignHistory> out;
  for (const PgRow& row : found.rows) {
    const std::string columns_text = row[2].value_or("");
    const std::vector<std::string_view> columns = absl::StrSplit(columns_text, ',');
    auto has = [&](std::string_view name) { return std::find(columns.begin(), columns.end(), name) != columns.end(); };
    for (const KnownTool& t : kTools) {
      if (row[0] != t.table) continue;
      bool fits = true;
      for (std::string_view want : absl::StrSplit(t.columns, ',')) fits = fits && (want[0] == '!' ? !has(want.substr(1)) : has(want));
      if (!fits) continue;
      ForeignHistory h;
      h.tool = std::string(t.tool);
      h.table = row[1].value_or("");
      h.single_version = t.single_version;
      const PgResult applied = c.Query(With(t.applied, h.table));
      for (const PgRow& v : applied.rows) h.versions.push_back(v[0].value_or(""));
      if (!t.failed.empty()) {
        const PgResult failed = c.Query(With(t.failed, h.table));
        for (const PgRow& v : failed.rows) h.failed.push_back(v[0].value_or(""));
      }
      out.push_back(std::move(h));
      break;
    }
  }
  return out;
}

}  // namespace pawl
