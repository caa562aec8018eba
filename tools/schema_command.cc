#include "tools/schema_command.h"

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/schema/compare.h"
#include "analyzer/schema/schema.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/database/connection.h"
#include "migrations/database/postgres_schema.h"
#include "rules/engine/replay_set.h"
#include "tools/cli.h"
#include "tools/runner.h"
#include "tools/schema_file.h"

namespace pawl {
namespace {

using Json = SchemaJson;

// One side of a comparison, and what an operator would call it.
struct Described {
  Json schema;
  std::string name;       // "db/migrations", "schema.json", "postgresql://ada@db1:5432/app"
  bool database = false;
};

Json WithHead(Json body) {
  Json j;
  j["version"] = 1;
  j["tool"] = {{"name", "pawl"}, {"version", kVersion}};
  for (const char* key : {"source", "server", "schemas", "extensions", "types", "sequences", "tables", "views", "functions", "statistics"}) {
    if (body.contains(key)) j[key] = std::move(body[key]);
  }
  return j;
}

bool IsFile(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

bool NamesDatabase(const RunnerOptions& o) { return !o.url.empty() || !o.url_env.empty() || !o.database.empty(); }

absl::StatusOr<Described> FromSet(const RunnerOptions& options, const std::string& wanted) {
  RunnerOptions o = options;
  o.set = wanted;
  o.component.clear();
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(o);
  if (!set.ok()) return set.status();
  if ((*set)->set->engine != Engine::kPostgresql) return absl::InvalidArgumentError(absl::StrCat(wanted.empty() ? (*set)->set->root : wanted, " is a set for Neo4j; schemas are described for PostgreSQL only"));
  LintSettings settings;
  std::unique_ptr<StartSchema> start;
  const std::string file = !options.schema.empty() ? options.schema : (*set)->configured != nullptr ? (*set)->configured->schema : std::string();
  if (!file.empty()) {
    absl::StatusOr<std::unique_ptr<StartSchema>> read = ReadStartSchema(file);
    if (!read.ok()) return read.status();
    start = *std::move(read);
    settings.start = start.get();
  }
  Described d;
  Catalog catalog;
  catalog.KeepDetails();
  const uint32_t lost = ReplaySet(*(*set)->set, settings, &catalog);
  d.schema = SchemaFromCatalog(catalog);
  d.name = (*set)->component.empty() ? (*set)->set->root : (*set)->component;
  if (lost != 0 && !options.quiet) std::fprintf(stderr, "pawl: %s: %u pieces were not understood, such as dynamic SQL; what they change is not in the schema\n", d.name.c_str(), lost);
  return d;
}

// A snapshot, the SQL of a schema, or a set.
absl::StatusOr<Described> FromFiles(const RunnerOptions& options, const std::string& what) {
  if (!IsFile(what)) return FromSet(options, what);
  absl::StatusOr<Json> schema = ReadSchemaDescription(what);
  if (!schema.ok()) return schema.status();
  const bool database = schema->contains("source") && (*schema)["source"] == "database";
  return Described{*std::move(schema), what, database};
}

// `set`: where pawl.toml may say where the database is; may be "".
absl::StatusOr<Described> FromDatabase(const RunnerOptions& options, const std::string& set) {
  TargetRequest request;
  request.url = options.url;
  request.url_env = options.url_env;
  request.env_file = options.env_file;
  std::string name = options.database.empty() ? set : options.database;
  if (absl::StrContains(name, "://") || absl::StrContains(name, "=")) {
    request.url = name;
    name.clear();
  }
  if (request.url.empty() && !options.isolated) {
    absl::StatusOr<Config> config = options.config.empty() ? FindConfig(IsFile(name) ? name : std::string()) : LoadConfig(options.config);
    if (!config.ok()) return absl::InvalidArgumentError(config.status().message());
    const SetConfig* c = config->FindSet(name);
    if (c == nullptr && name.empty() && config->sets.size() == 1) c = &config->sets[0];
    for (const SetConfig& s : config->sets) {
      if (c == nullptr && !name.empty() && s.path == name) c = &s;
    }
    if (c == nullptr && !options.database.empty()) return absl::InvalidArgumentError(absl::StrCat("--database: `", options.database, "` is neither a URL nor a set of ", config->file.empty() ? "pawl.toml (there is none here)" : config->file));
    if (c != nullptr) {
      request.set_url_env = c->url_env;
      request.set_env_file = c->env_file;
    }
  }
  absl::StatusOr<Target> target = FindTarget(request);
  if (!target.ok()) return absl::InvalidArgumentError(target.status().message());
  absl::StatusOr<std::unique_ptr<PgConnection>> connection = PgConnection::Open(*target, "pawl schema");
  if (!connection.ok()) return connection.status();
  ReadSchemaOptions read;
  read.statistics = options.statistics;
  absl::StatusOr<Json> schema = ReadSchema(**connection, read);
  if (!schema.ok()) return absl::InternalError(Redact(*target, schema.status().message()));
  (*schema)["source"] = "database";
  return Described{*std::move(schema), DescribeTarget(*target), true};
}

int Write(const RunnerOptions& options, const std::string& text) {
  if (options.output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kExitDone;
  }
  const absl::Status s = WriteFileAtomically(options.output, text);
  return s.ok() ? kExitDone : FailWith(kExitTool, s.message());
}

int Dump(const RunnerOptions& options) {
  const std::string& set = options.component.empty() ? options.set : options.component;
  const bool history = !set.empty() && !NamesDatabase(options);
  if (history && options.statistics) return FailWith(kExitTool, "--statistics needs a database: name it with --url or --database, files have no sizes");
  absl::StatusOr<Described> d = history ? FromFiles(options, set) : FromDatabase(options, set);
  if (!d.ok()) return FailWith(d.status());
  return Write(options, WithHead(std::move(d->schema)).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

// "column public.users.email: type is text, not character varying(50)"
std::string Sentence(const SchemaDifference& d, const Described& expected, const Described& actual) {
  const std::string what = absl::StrCat(d.kind, " ", d.object);
  switch (d.side) {
    case SchemaDifference::Side::kMissing: return absl::StrCat(what, " is not in ", actual.database ? "the database" : actual.name);
    case SchemaDifference::Side::kExtra: return absl::StrCat(what, " is in ", actual.database ? "the database" : actual.name, " only");
    case SchemaDifference::Side::kDiffers: break;
  }
  return absl::StrCat(what, ": ", d.property, " is ", d.actual, " in ", actual.database ? "the database" : actual.name, ", ", d.expected, " in ", expected.name);
}

Json ToJson(const SchemaComparison& c, const Described& expected, const Described& actual) {
  Json j;
  j["version"] = 1;
  j["tool"] = {{"name", "pawl"}, {"version", kVersion}};
  j["expected"] = expected.name;
  j["actual"] = actual.name;
  Json objects = Json::object();
  for (const auto& [kind, n] : c.objects) objects[kind] = n;
  j["summary"] = {{"differences", c.differences.size()}, {"objects", objects}, {"values", c.values}, {"unknown", c.unknown}};
  j["differences"] = Json::array();
  for (const SchemaDifference& d : c.differences) {
    Json o = {{"side", d.side == SchemaDifference::Side::kMissing ? "missing" : d.side == SchemaDifference::Side::kExtra ? "extra" : "differs"}, {"kind", d.kind}, {"object", d.object}};
    if (d.side == SchemaDifference::Side::kDiffers) {
      o["property"] = d.property;
      o["expected"] = d.expected;
      o["actual"] = d.actual;
    }
    o["message"] = Sentence(d, expected, actual);
    j["differences"].push_back(std::move(o));
  }
  return j;
}

int Check(const RunnerOptions& options) {
  const std::string& set = options.component.empty() ? options.set : options.component;
  if (!options.with.empty() && NamesDatabase(options)) return FailWith(kExitTool, "--with names a file or set instead of a database: leave out --url, --url-env and --database");
  absl::StatusOr<Described> expected = FromFiles(options, set);
  if (!expected.ok()) return FailWith(expected.status());
  absl::StatusOr<Described> actual = options.with.empty() ? FromDatabase(options, set) : FromFiles(options, options.with);
  if (!actual.ok()) return FailWith(actual.status());
  const SchemaComparison c = CompareSchemas(expected->schema, actual->schema);
  std::string text;
  if (options.json) {
    text = ToJson(c, *expected, *actual).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  } else {
    for (const SchemaDifference& d : c.differences) absl::StrAppend(&text, Sentence(d, *expected, *actual), "\n");
    int objects = 0;
    for (const auto& [kind, n] : c.objects) objects += n;
    if (!options.quiet) {
      absl::StrAppend(&text, c.differences.empty() ? "no difference" : absl::StrCat(c.differences.size(), c.differences.size() == 1 ? " difference" : " differences"), " between ", expected->name, " and ",
                      actual->name, ": ", objects, " objects and ", c.values, " properties compared", c.unknown == 0 ? "" : absl::StrCat(", ", c.unknown, " properties not known on one side"), "\n");
    }
  }
  if (const int code = Write(options, text); code != kExitDone) return code;
  return c.differences.empty() ? kExitDone : kExitRefused;
}

}  // namespace

int SchemaCommand(const RunnerOptions& options) { return options.schema_dump ? Dump(options) : Check(options); }

}  // namespace pawl
