#include "migrations/database/postgres_schema.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

// The queries give one JSON object a row. In them:
//   $user(n)      the schema n is neither the system's nor a session's
//   $own(c, o)    the object o of catalog c belongs to no extension
//   $q(o)         "schema.name" of the relation o
// Columns that a version lacks: $nnd (NULLS NOT DISTINCT, 15+), $enforced (NOT ENFORCED, 18+).

constexpr std::string_view kSchemas = R"sql(
SELECT json_build_object('name', n.nspname) FROM pg_namespace n WHERE $user(n) AND $own(pg_namespace, n.oid) ORDER BY n.nspname COLLATE "C")sql";

constexpr std::string_view kExtensions = R"sql(
SELECT json_build_object('name', e.extname, 'schema', n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' ORDER BY e.extname COLLATE "C")sql";

constexpr std::string_view kTypes = R"sql(
SELECT CASE
  WHEN t.typtype = 'e' THEN json_build_object('schema', n.nspname, 'name', t.typname, 'kind', 'enum',
    'values', (SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_enum e WHERE e.enumtypid = t.oid))
  WHEN t.typtype = 'd' THEN json_build_object('schema', n.nspname, 'name', t.typname, 'kind', 'domain', 'type', format_type(t.typbasetype, t.typtypmod),
    'not_null', t.typnotnull, 'default', t.typdefault,
    'constraints', (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'kind', 'check', 'expression', pg_get_expr(k.conbin, 0), 'valid', k.convalidated)
      ORDER BY k.conname COLLATE "C"), '[]') FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
  WHEN t.typtype = 'c' THEN json_build_object('schema', n.nspname, 'name', t.typname, 'kind', 'composite',
    'attributes', (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum), '[]')
      FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
  ELSE json_build_object('schema', n.nspname, 'name', t.typname, 'kind', CASE t.typtype WHEN 'r' THEN 'range' ELSE 'base' END) END
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE $user(n) AND $own(pg_type, t.oid) AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c') OR (t.typtype = 'b' AND t.typcategory <> 'A'))
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C")sql";

constexpr std::string_view kSequences = R"sql(
SELECT json_build_object('schema', n.nspname, 'name', c.relname, 'owned_by', (SELECT $q(d.refobjid) FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') LIMIT 1))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND $user(n) AND $own(pg_class, c.oid) AND c.relpersistence <> 't' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")sql";

// A relation's parts. Rows that a foreign key at a partitioned table has for its partitions are left out (its own has the same
// table): they are how it works, not something that anybody made.
constexpr std::string_view kColumns = R"sql((SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
  'default', pg_get_expr(d.adbin, d.adrelid), 'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
  'generated', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
  'collation', (SELECT l.collname FROM pg_collation l JOIN pg_type y ON y.oid = a.atttypid WHERE l.oid = a.attcollation AND l.oid <> y.typcollation)) ORDER BY a.attnum), '[]')
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))sql";

constexpr std::string_view kConstraints = R"sql((SELECT coalesce(json_agg((json_build_object('name', k.conname,
  'kind', CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclusion' WHEN 'f' THEN 'foreign key' WHEN 'n' THEN 'not null' ELSE 'check' END,
  'columns', CASE WHEN k.contype <> 'c' THEN (SELECT json_agg(a.attname ORDER BY u.i) FROM unnest(k.conkey) WITH ORDINALITY u(n, i) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n) END,
  'expression', CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END,
  'references', CASE WHEN k.contype = 'f' THEN json_build_object('table', $q(k.confrelid),
    'columns', (SELECT json_agg(a.attname ORDER BY u.i) FROM unnest(k.confkey) WITH ORDINALITY u(n, i) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n),
    'on_delete', $action(k.confdeltype), 'on_update', $action(k.confupdtype)) END,
  'valid', k.convalidated, 'enforced', $enforced, 'deferrable', k.condeferrable, 'no_inherit', CASE WHEN k.contype = 'c' THEN k.connoinherit END)) ORDER BY k.conname COLLATE "C"), '[]')
  FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x', 'f', 'c', 'n') AND (k.contype <> 'n' OR NOT k.convalidated)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)))sql";

constexpr std::string_view kIndexes = R"sql((SELECT coalesce(json_agg(json_build_object('name', i.relname, 'unique', x.indisunique, 'method', m.amname,
  'elements', (SELECT json_agg(CASE WHEN x.indkey[p - 1] <> 0 THEN json_build_object('column', (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = x.indkey[p - 1]),
      'descending', (x.indoption[p - 1] & 1) = 1, 'operator_class', (SELECT o.opcname FROM pg_opclass o WHERE o.oid = x.indclass[p - 1] AND NOT o.opcdefault))
    ELSE json_build_object('expression', pg_get_indexdef(i.oid, p, false),
      'descending', (x.indoption[p - 1] & 1) = 1, 'operator_class', (SELECT o.opcname FROM pg_opclass o WHERE o.oid = x.indclass[p - 1] AND NOT o.opcdefault)) END ORDER BY p)
    FROM generate_series(1, x.indnkeyatts) p),
  'include', (SELECT coalesce(json_agg((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = x.indkey[p - 1]) ORDER BY p), '[]')
    FROM generate_series(x.indnkeyatts + 1, x.indnatts) p),
  'predicate', pg_get_expr(x.indpred, x.indrelid), 'nulls_not_distinct', $nnd,
  'constraint', EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')), 'valid', x.indisvalid) ORDER BY i.relname COLLATE "C"), '[]')
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam WHERE x.indrelid = c.oid))sql";

constexpr std::string_view kTriggers = R"sql((SELECT coalesce(json_agg(json_build_object('name', t.tgname, 'function', (SELECT fn.nspname || '.' || f.proname FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = t.tgfoid),
  'row', (t.tgtype & 1) = 1, 'definition', pg_get_triggerdef(t.oid)) ORDER BY t.tgname COLLATE "C"), '[]')
  FROM pg_trigger t WHERE t.tgrelid = c.oid AND (NOT t.tgisinternal OR EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_trigger'::regclass))))sql";

constexpr std::string_view kPolicies = R"sql((SELECT coalesce(json_agg(json_build_object('name', p.polname, 'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
  'permissive', p.polpermissive, 'roles', (SELECT json_agg(coalesce(r.rolname, 'public') ORDER BY r.rolname COLLATE "C") FROM unnest(p.polroles) o LEFT JOIN pg_roles r ON r.oid = o),
  'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname COLLATE "C"), '[]') FROM pg_policy p WHERE p.polrelid = c.oid))sql";

constexpr std::string_view kRules = R"sql((SELECT coalesce(json_agg(r.rulename ORDER BY r.rulename COLLATE "C"), '[]') FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'))sql";

constexpr std::string_view kTables = R"sql(
SELECT json_build_object('schema', n.nspname, 'name', c.relname, 'kind', CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
  'unlogged', c.relpersistence = 'u', 'partition_key', pg_get_partkeydef(c.oid),
  'partition_of', CASE WHEN c.relispartition THEN (SELECT $q(h.inhparent) FROM pg_inherits h WHERE h.inhrelid = c.oid LIMIT 1) END,
  'partition_bound', pg_get_expr(c.relpartbound, c.oid),
  'inherits', CASE WHEN c.relispartition THEN '[]' ELSE (SELECT coalesce(json_agg($q(h.inhparent) ORDER BY h.inhseqno), '[]') FROM pg_inherits h WHERE h.inhrelid = c.oid) END,
  'row_security', c.relrowsecurity, 'force_row_security', c.relforcerowsecurity,
  'columns', $columns, 'constraints', $constraints, 'indexes', $indexes, 'triggers', $triggers, 'policies', $policies, 'rules', $rules)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND $user(n) AND $own(pg_class, c.oid) AND c.relpersistence <> 't' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")sql";

constexpr std::string_view kViews = R"sql(
SELECT json_build_object('schema', n.nspname, 'name', c.relname, 'kind', CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END,
  'columns', (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum), '[]')
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'indexes', $indexes, 'triggers', $triggers, 'rules', $rules,
  'reads', (SELECT coalesce(json_agg(x.name ORDER BY x.name COLLATE "C"), '[]') FROM (SELECT DISTINCT $q(d.refobjid) AS name FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    JOIN pg_class o ON o.oid = d.refobjid JOIN pg_namespace s ON s.oid = o.relnamespace
    WHERE r.ev_class = c.oid AND r.rulename = '_RETURN' AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid AND $user(s) AND o.relkind <> 'S') x),
  'definition', pg_get_viewdef(c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND $user(n) AND $own(pg_class, c.oid) AND c.relpersistence <> 't' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")sql";

constexpr std::string_view kFunctions = R"sql(
SELECT json_build_object('schema', n.nspname, 'name', p.proname, 'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
  'arguments', oidvectortypes(p.proargtypes), 'returns', pg_get_function_result(p.oid), 'language', l.lanname,
  'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END, 'security_definer', p.prosecdef,
  'body', CASE WHEN p.prokind <> 'a' THEN p.prosrc END)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE $user(n) AND $own(pg_proc, p.oid) AND NOT EXISTS (SELECT 1 FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i' AND i.refclassid = 'pg_type'::regclass)
ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", oidvectortypes(p.proargtypes) COLLATE "C")sql";

// reltuples is -1 (14+) or 0 with no pages (before) for what was never analysed.
constexpr std::string_view kStatistics = R"sql(
SELECT json_build_object('schema', n.nspname, 'table', c.relname,
  'rows', CASE WHEN c.relkind <> 'p' THEN CASE WHEN c.reltuples > 0 OR (c.reltuples = 0 AND (c.relpages > 0 OR pg_relation_size(c.oid) = 0)) THEN c.reltuples::bigint END
    ELSE (SELECT sum(greatest(l.reltuples, 0))::bigint FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf AND l.relkind = 'r') END,
  'bytes', CASE WHEN c.relkind <> 'p' THEN pg_total_relation_size(c.oid)
    ELSE (SELECT coalesce(sum(pg_total_relation_size(t.relid)), 0)::bigint FROM pg_partition_tree(c.oid) t WHERE t.isleaf) END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND $user(n) AND c.relpersistence <> 't' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")sql";

// "$name(a, b)" in `sql` becomes `body` with $1 and $2 in it replaced.
std::string Expand(std::string_view sql, std::string_view name, std::string_view body) {
  std::string out;
  for (;;) {
    const size_t at = sql.find(name);
    if (at == std::string_view::npos) break;
    const size_t end = sql.find(')', at), comma = sql.find(", ", at);
    const size_t begin = at + name.size();
    const std::string_view first = sql.substr(begin, std::min(end, comma) - begin);
    const std::string_view second = comma < end ? sql.substr(comma + 2, end - comma - 2) : std::string_view();
    absl::StrAppend(&out, sql.substr(0, at), absl::StrReplaceAll(body, {{"$1", first}, {"$2", second}}));
    sql.remove_prefix(end + 1);
  }
  absl::StrAppend(&out, sql);
  return out;
}

std::string Prepare(std::string_view query, int version) {
  std::string sql = absl::StrReplaceAll(query, {{"$columns", kColumns}, {"$constraints", kConstraints}, {"$indexes", kIndexes}, {"$triggers", kTriggers}, {"$policies", kPolicies}, {"$rules", kRules}});
  sql = absl::StrReplaceAll(sql, {{"$nnd", version >= 150000 ? "x.indnullsnotdistinct" : "false"}, {"$enforced", version >= 180000 ? "k.conenforced" : "true"}});
  sql = Expand(sql, "$user(", "($1.nspname NOT LIKE 'pg\\_%' AND $1.nspname <> 'information_schema')");
  sql = Expand(sql, "$own(", "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '$1'::regclass AND e.objid = $2 AND e.deptype = 'e')");
  sql = Expand(sql, "$action(", "CASE $1 WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' ELSE 'no action' END");
  return Expand(sql, "$q(", "(SELECT qn.nspname || '.' || qc.relname FROM pg_class qc JOIN pg_namespace qn ON qn.oid = qc.relnamespace WHERE qc.oid = $1)");
}

// What does not apply to a kind of constraint says null in the query: it is left out.
void DropNulls(Json& constraint) {
  for (auto it = constraint.begin(); it != constraint.end();) {
    if (it->is_null()) {
      it = constraint.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace

absl::StatusOr<Json> ReadSchema(PgConnection& connection, const ReadSchemaOptions& options) {
  const auto failed = [&](std::string_view what, const PgError& e) { return absl::FailedPreconditionError(absl::StrCat("cannot read ", what, ": ", e.Text())); };
  const int version = connection.server_version();
  if (version < 120000) return absl::FailedPreconditionError(absl::StrCat("the server is PostgreSQL ", version / 10000, "; schemas are read from 12 and later"));
  // With an empty search_path every name is shown with its schema, whatever the session's is; times and intervals are shown in one form.
  for (const char* sql : {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL search_path = ''", "SET LOCAL quote_all_identifiers = off", "SET LOCAL timezone = 'UTC'", "SET LOCAL datestyle = 'ISO'",
                          "SET LOCAL intervalstyle = 'postgres'", "SET LOCAL standard_conforming_strings = on", "SET LOCAL bytea_output = 'hex'"}) {
    const PgResult r = connection.Query(sql);
    if (!r.ok()) return failed("the catalogs", *r.error);
  }
  Json j;
  const PgResult who = connection.Query("SELECT current_setting('server_version'), current_database()");
  if (!who.ok()) return failed("the server's version", *who.error);
  const std::string shown = who.Value();
  j["server"] = {{"version", shown.substr(0, shown.find(' '))}, {"database", who.rows[0][1].value_or("")}};
  struct Section {
    const char* name;
    std::string_view query;
  };
  for (const Section& s : {Section{"schemas", kSchemas}, {"extensions", kExtensions}, {"types", kTypes}, {"sequences", kSequences}, {"tables", kTables}, {"views", kViews},
                           {"functions", kFunctions}, {"statistics", kStatistics}}) {
    if (s.query == kStatistics && !options.statistics) continue;
    const PgResult r = connection.Query(Prepare(s.query, version));
    if (!r.ok()) return failed(s.name, *r.error);
    Json& list = j[s.name] = Json::array();
    for (const PgRow& row : r.rows) {
      Json object = Json::parse(row[0].value_or("null"), nullptr, false);
      if (!object.is_object()) return absl::FailedPreconditionError(absl::StrCat("cannot read ", s.name, ": the server's answer is no JSON"));
      if (object.contains("constraints")) {
        for (Json& k : object["constraints"]) DropNulls(k);
      }
      list.push_back(std::move(object));
    }
  }
  const PgResult end = connection.Query("COMMIT");
  if (!end.ok()) return failed("the catalogs", *end.error);
  return j;
}

}  // namespace pawl
