// unsupported-by-server: syntax newer than the oldest configured server, or gone from the newest.
//
// Versions come from the release notes of each major ("E.x. Release Notes", section Migration and Changes). What needs no syntax of its own
// (a function, a setting) is left out, except where a type or a call makes the statement fail on its own.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/cypher/context.h"
#include "rules/rule.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kUnsupportedByServer;

namespace {

constexpr int kMaxDepth = 32;

struct TypeVersion {
  std::string_view name;
  int first;
};
constexpr TypeVersion kTypes[] = {
    {"datemultirange", 14}, {"int4multirange", 14}, {"int8multirange", 14}, {"jsonpath", 12},     {"nummultirange", 14}, {"pg_snapshot", 13},
    {"regcollation", 13},   {"tsmultirange", 14},   {"tstzmultirange", 14}, {"xid8", 13},
};
// 12 release notes: "Remove data types abstime, reltime, and tinterval".
constexpr std::string_view kRemovedIn12[] = {"abstime", "reltime", "tinterval"};

// Words that only stand in options, so that they can be told by their text.
struct OptionVersion {
  sql::StatementKind kind;
  std::string_view word;
  int first;
};
constexpr OptionVersion kOptions[] = {
    {sql::StatementKind::kVacuum, "parallel", 13},
    {sql::StatementKind::kVacuum, "process_toast", 14},
    {sql::StatementKind::kVacuum, "process_main", 16},
    {sql::StatementKind::kVacuum, "buffer_usage_limit", 16},
    {sql::StatementKind::kVacuum, "skip_database_stats", 16},
    {sql::StatementKind::kVacuum, "only_database_stats", 16},
    {sql::StatementKind::kReindex, "tablespace", 14},
    {sql::StatementKind::kCreateView, "security_invoker", 15},
};

// Words that follow each other, where the tree keeps nothing of them.
struct PhraseVersion {
  sql::StatementKind kind;
  std::string_view words;   // for WordsIn
  int first;
  std::string_view what;
};
constexpr PhraseVersion kPhrases[] = {
    {sql::StatementKind::kAlterTable, "delete set null (", 15, "ON DELETE SET NULL with a list of columns"},
    {sql::StatementKind::kAlterTable, "delete set default (", 15, "ON DELETE SET DEFAULT with a list of columns"},
    {sql::StatementKind::kCreateTable, "delete set null (", 15, "ON DELETE SET NULL with a list of columns"},
    {sql::StatementKind::kCreateTable, "delete set default (", 15, "ON DELETE SET DEFAULT with a list of columns"},
    {sql::StatementKind::kGrant, "maintain on", 17, "the MAINTAIN privilege"},
    {sql::StatementKind::kGrant, "maintain ,", 17, "the MAINTAIN privilege"},
    {sql::StatementKind::kOther, "for tables in schema", 15, "FOR TABLES IN SCHEMA"},
    {sql::StatementKind::kOther, "add tables in schema", 15, "TABLES IN SCHEMA"},
    {sql::StatementKind::kQuery, "not matched by source", 17, "WHEN NOT MATCHED BY SOURCE"},
    {sql::StatementKind::kQuery, "json_table (", 17, "JSON_TABLE"},
    {sql::StatementKind::kCreateView, "json_table (", 17, "JSON_TABLE"},
    {sql::StatementKind::kQuery, "returning old .", 18, "OLD in RETURNING"},
    {sql::StatementKind::kQuery, "returning new .", 18, "NEW in RETURNING"},
    {sql::StatementKind::kQuery, "any_value (", 16, "any_value()"},
};
constexpr uint32_t kLongestLookedThrough = 64 << 10;  // bytes of a statement; longer ones are data

class Checker {
 public:
  explicit Checker(const StatementContext& context) : context_(context), oldest_(context.script.settings->versions.oldest), newest_(context.script.settings->versions.newest) {}

  void Statement();

 private:
  void Need(int first, std::string_view what, Span span) {
    if (oldest_ >= first) return;
    if (span.empty()) span = context_.statement.span;
    context_.Report(kUnsupportedByServer, span, absl::StrCat(what, " needs PostgreSQL ", first, ", and the configured versions begin with ", oldest_))
        .Why(absl::StrCat("a server of version ", oldest_, " answers with an error and the migration stops here"))
        .Help(absl::StrCat("use a form that version ", oldest_, " accepts, or raise `server-version` when all servers run ", first, " or newer"));
  }

  void Type(const sql::TypeName* t) {
    if (t == nullptr) return;
    for (const TypeVersion& v : kTypes) {
      if (t->name == v.name && t->schema.empty() && context_.catalog.FindType({{}, t->name, {}}) == nullptr) Need(v.first, absl::StrCat("type `", t->name, "`"), t->span);
    }
    for (std::string_view gone : kRemovedIn12) {
      if (t->name != gone || newest_ < 12 || context_.catalog.FindType({{}, t->name, {}}) != nullptr) continue;
      context_.Report(kUnsupportedByServer, t->span.empty() ? context_.statement.span : t->span, absl::StrCat("type `", gone, "` is gone since PostgreSQL 12"))
          .Why("the server does not know the type and the migration stops here")
          .Help("use timestamptz, interval or tstzrange");
    }
    // 15 release notes: "Allow the scale of a numeric value to be negative, or greater than its precision".
    if (t->name == "numeric" && t->modifiers.size() == 2 && (t->modifiers[1] < 0 || t->modifiers[1] > t->modifiers[0])) {
      Need(15, "a numeric scale that is negative or larger than the precision", t->span);
    }
  }

  void Constraint(const sql::Constraint& k, bool partitioned) {
    if (k.nulls_not_distinct) Need(15, "NULLS NOT DISTINCT", k.span);
    if (k.not_enforced) Need(18, "NOT ENFORCED", k.span);
    if (k.without_overlaps) Need(18, "WITHOUT OVERLAPS", k.span);
    if (k.kind == sql::ConstraintKind::kGenerated) {
      if (k.stored) Need(12, "a generated column", k.span);
      else Need(18, "a virtual generated column", k.span);
    }
    if (k.kind == sql::ConstraintKind::kNotNull && !k.column_constraint) Need(18, k.not_valid ? "NOT NULL ... NOT VALID as a constraint" : "NOT NULL as a table constraint", k.span);
    if (partitioned && k.kind == sql::ConstraintKind::kIdentity) Need(17, "an identity column of a partitioned table", k.span);
    if (partitioned && k.kind == sql::ConstraintKind::kExclusion) Need(17, "an exclusion constraint on a partitioned table", k.span);
    if (k.expression != nullptr) Expression(k.expression, 0);
  }

  void Column(const sql::Column& c, bool partitioned) {
    Type(c.type);
    if (!c.compression.empty()) Need(14, "COMPRESSION of a column", c.span);
    for (const sql::Constraint* k : c.constraints) Constraint(*k, partitioned);
  }

  void Expression(const sql::Expr* e, int depth) {
    if (e == nullptr || depth > kMaxDepth) return;
    // 18 release notes: "Add UUID version 7 generation function uuidv7()", and uuidv4() as another name of gen_random_uuid().
    if (e->kind == sql::ExprKind::kCall && e->schema.empty() && (e->text == "uuidv7" || e->text == "uuidv4") && context_.catalog.FindFunction({{}, e->text, {}}) == nullptr &&
        oldest_ < 18 && e->arguments.empty()) {
      uuid_ = e;
    }
    Type(e->type);
    if (e->query != nullptr) Query(*e->query, depth + 1);
    for (const sql::Expr* a : e->arguments) Expression(a, depth + 1);
  }

  void Query(const sql::Query& q, int depth) {
    if (depth > kMaxDepth) return;
    if (q.kind == sql::QueryKind::kMerge) {
      if (depth > 0) Need(17, "MERGE inside WITH", q.target.span);
      else if (!q.values.empty()) Need(17, "MERGE ... RETURNING", q.target.span);
      else Need(15, "MERGE", q.target.span);
    }
    for (const sql::Cte& c : q.ctes()) {
      if (c.query != nullptr) Query(*c.query, depth + 1);
    }
  }

  void Alter(const sql::AlterTable& alter);
  void Phrases();

  const StatementContext& context_;
  const int oldest_, newest_;
  const sql::Expr* uuid_ = nullptr;
};

void Checker::Alter(const sql::AlterTable& alter) {
  const CatalogTable* table = context_.catalog.FindTable(alter.name);
  const bool partitioned = table != nullptr && table->partition_strategy != 0;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.column != nullptr) Column(*c.column, partitioned);
    if (c.constraint != nullptr) Constraint(*c.constraint, partitioned);
    Type(c.type);
    Expression(c.expression, 0);
    switch (c.kind) {
      case sql::AlterKind::kDetachPartition:
        if (c.concurrently) Need(14, "DETACH PARTITION ... CONCURRENTLY", c.span);
        break;
      case sql::AlterKind::kDetachFinalize: Need(14, "DETACH PARTITION ... FINALIZE", c.span); break;
      case sql::AlterKind::kSetCompression: Need(14, "SET COMPRESSION", c.span); break;
      case sql::AlterKind::kSetAccessMethod:
        if (partitioned) Need(17, "SET ACCESS METHOD of a partitioned table", c.span);
        else Need(15, "SET ACCESS METHOD", c.span);
        break;
      case sql::AlterKind::kSetExpression: Need(17, "SET EXPRESSION", c.span); break;
      case sql::AlterKind::kDropExpression: Need(13, "DROP EXPRESSION", c.span); break;
      case sql::AlterKind::kAddIdentity:
        if (partitioned) Need(17, "an identity column of a partitioned table", c.span);
        break;
      default: break;
    }
  }
}

void Checker::Statement() {
  const sql::Statement& s = context_.statement;
  using K = sql::StatementKind;
  switch (s.kind) {
    case K::kQuery: Query(s.As<sql::Query>(), 0); break;
    case K::kAlterTable: Alter(s.As<sql::AlterTable>()); break;
    case K::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      const bool partitioned = t.partition_strategy != 0;
      for (const sql::Column* c : t.columns) Column(*c, partitioned);
      for (const sql::Constraint* k : t.constraints) Constraint(*k, partitioned);
      if (!t.access_method.empty()) Need(partitioned ? 17 : 12, partitioned ? "USING of a partitioned table" : "CREATE TABLE ... USING", t.name.span);
      break;
    }
    case K::kCreateIndex:
      if (s.As<sql::CreateIndex>().nulls_not_distinct) Need(15, "NULLS NOT DISTINCT", s.As<sql::CreateIndex>().keyword_span);
      break;
    case K::kReindex: {
      const auto& r = s.As<sql::Reindex>();
      if (r.concurrently) Need(12, "REINDEX ... CONCURRENTLY", s.span);
      if (r.name.empty() && (r.target == "DATABASE" || r.target == "SYSTEM")) Need(16, absl::StrCat("REINDEX ", r.target, " without a name"), s.span);
      break;
    }
    case K::kCreateTrigger:
      if (s.As<sql::CreateTrigger>().replace) Need(14, "CREATE OR REPLACE TRIGGER", s.span);
      break;
    case K::kCreateFunction: {
      const auto& f = s.As<sql::CreateFunction>();
      if (f.language == "sql" && f.body.empty()) Need(14, f.procedure ? "a procedure with its body in SQL syntax (BEGIN ATOMIC)" : "a function with its body in SQL syntax (BEGIN ATOMIC, RETURN)", f.name.span);
      Type(f.returns);
      break;
    }
    case K::kTransaction:
      if (s.As<sql::Transaction>().chain) Need(12, "COMMIT AND CHAIN", s.span);
      break;
    case K::kCreateDomain: {
      const auto& d = s.As<sql::CreateDomain>();
      Type(d.type);
      break;
    }
    default: break;
  }
  Phrases();
  if (uuid_ != nullptr) Need(18, absl::StrCat("`", uuid_->text, "()`"), uuid_->span);
  for (const OptionVersion& o : kOptions) {
    if (o.kind != s.kind || oldest_ >= o.first) continue;
    sql::Scanner scanner(context_.script.file->text(), s.span);
    for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind == sql::TokenKind::kIdentifier && scanner.Is(t, o.word)) {
        Need(o.first, absl::StrCat("option `", o.word, "`"), t.span);
        break;
      }
    }
  }
}

void Checker::Phrases() {
  const sql::Statement& s = context_.statement;
  if (s.span.size() > kLongestLookedThrough) return;
  for (const PhraseVersion& p : kPhrases) {
    if (p.kind != s.kind || oldest_ >= p.first) continue;
    if (const Span place = WordsIn(context_.script, s.span, p.words); !place.empty()) Need(p.first, p.what, place);
  }
}

void Check(const StatementContext& context) {
  if (!context.script.settings->versions_configured) return;
  Checker(context).Statement();
}

// "5.9" as 509; 0 if it is no release of the server.
int ReleaseNumber(std::string_view release) {
  const size_t dot = release.find('.');
  int major, minor;
  if (dot == std::string_view::npos || !absl::SimpleAtoi(release.substr(0, dot), &major) || !absl::SimpleAtoi(release.substr(dot + 1), &minor)) return 0;
  return major * 100 + minor;
}

std::string Neo4jWords(int number) {
  if (number == 500) return "Neo4j 5";
  return number >= 202500 ? absl::StrCat("Neo4j ", number / 100, number % 100 < 10 ? ".0" : ".", number % 100) : absl::StrCat("Neo4j ", number / 100, ".", number % 100);
}

// A form that the configured servers, or the language that the statement is read in, do not have yet. What they have no longer is
// cypher-removed-syntax's.
void CheckCypher(const CypherContext& context) {
  const LintSettings& settings = *context.script.settings;
  const cypher::Statement& s = context.statement;
  // 5 alone stands for a Neo4j 5 that is kept up to date.
  const int oldest = settings.neo4j_oldest == 500 ? 0 : settings.neo4j_oldest;
  if (s.prefix.version == 25 && settings.neo4j_oldest != 0 && settings.neo4j_oldest < 202506) {
    context.Report(kUnsupportedByServer, s.prefix.version_span, absl::StrCat("`CYPHER 25` needs Neo4j 2025.06, and the configured versions begin with ", Neo4jWords(settings.neo4j_oldest).substr(6)))
        .Why("an older server refuses the statement, whatever stands in it, and the migration stops here")
        .Help("write the statement in Cypher 5, or raise `server-version` when all servers run 2025.06 or newer");
    return;
  }
  SetOf<cypher::Form> told[2];  // 64 each
  for (const cypher::FormUse& use : s.forms) {
    auto& seen = told[static_cast<int>(use.form) / 64];
    const auto bit = static_cast<cypher::Form>(static_cast<int>(use.form) % 64);
    if (seen.Has(bit)) continue;
    const cypher::FormInfo& info = cypher::Info(use.form);
    const int since = ReleaseNumber(info.since);
    const std::string what = use.span.size() <= 40 && info.what == "this form" ? absl::StrCat("`", context.Text(use.span), "`") : std::string(info.what);
    if (cypher::StandingIn(use.form, s.version) == cypher::Standing::kNotYet) {
      seen.Add(bit);
      if (s.version == cypher::Version::k44) {
        context.Report(kUnsupportedByServer, use.span, absl::StrCat(what, since == 0 ? " came with Cypher 25" : absl::StrCat(" came with Neo4j ", info.since), ", and the statement must run on Neo4j 4.4"))
            .Why("a server of version 4.4 answers with a syntax error and the migration stops here")
            .Help("use a form that version 4.4 accepts, or raise `server-version` when all servers are newer");
      } else {
        context.Report(kUnsupportedByServer, use.span, absl::StrCat(what, " came with Cypher 25, and the statement is read as Cypher 5"))
            .Why("a database whose default language is Cypher 5 answers with a syntax error and the migration stops here")
            .Help(oldest != 0 && oldest < 202506 ? "write it in Cypher 5: not all configured versions know Cypher 25"
                                                 : "begin the statement with `CYPHER 25`, which needs Neo4j 2025.06, or configure `server-version = \"25\"` where it is the default language");
      }
    } else if (use.accepted && oldest != 0 && since > oldest) {
      seen.Add(bit);
      context.Report(kUnsupportedByServer, use.span, absl::StrCat(what, " came with Neo4j ", info.since, ", and the configured versions begin with ", Neo4jWords(oldest).substr(6)))
          .Why(absl::StrCat("a server of version ", Neo4jWords(oldest).substr(6), " answers with a syntax error and the migration stops here"))
          .Help(absl::StrCat("use a form that version ", Neo4jWords(oldest).substr(6), " accepts, or raise `server-version` when all servers run ", info.since, " or newer"));
    }
  }
}

}  // namespace

constinit const Rule kUnsupportedByServer = {
    .info = {
        .name = "unsupported-by-server",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "syntax that the configured server version does not have yet, or no longer has",
        .page = {
            .what = "The statement is correct for some PostgreSQL version, but not for one of those that `server-version` (or "
                    "`--server-version`) names. The message says since when, or until when, servers accept it.",
            .why = "The server answers with an error, and the migration stops there. It works on a developer's newer server and fails on "
                   "the production server, which is the worst place to find out.",
            .instead = "Use the form that every configured version accepts, or upgrade the servers first and raise `server-version`.",
            .fix_safety = "",
            .versions = "Checked for PostgreSQL 12 to 18, only where a version is configured. With several configured versions the oldest and the newest count. Of Neo4j, what "
                        "needs a newer release than the oldest configured one, and forms of Cypher 25 in statements that are read as Cypher 5: those also where nothing is configured.",
            .limits = "Judges syntax, a few built-in types, and uuidv7() and uuidv4(). Other functions, settings and extensions that exist only on some versions are not looked up. Inside strings that "
                      "are executed, only what can be parsed is checked. What Neo4j has removed is reported by `cypher-removed-syntax`; `5` alone stands for a Neo4j 5 that is kept up to date.",
            .references = "PostgreSQL documentation, appendix \"Release Notes\", of each major version\nNeo4j Cypher manual, \"Additions, deprecations, removals, and compatibility\"",
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
            .example_version = 14,
        },
    },
    .kinds = {sql::StatementKind::kQuery, sql::StatementKind::kAlterTable, sql::StatementKind::kCreateTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kReindex,
              sql::StatementKind::kCreateTrigger, sql::StatementKind::kCreateFunction, sql::StatementKind::kTransaction, sql::StatementKind::kCreateDomain, sql::StatementKind::kVacuum,
              sql::StatementKind::kCreateView, sql::StatementKind::kGrant, sql::StatementKind::kOther},
    .check_statement = Check,
    .check_cypher = CheckCypher,
};

}  // namespace pawl
