// unknown-object: uses a table, column, index or constraint that is not there at this point of a complete history, or makes one that is.
//
// Of a name that no statement made, one cannot tell a slip from an object that something else makes. So there has to be evidence:
// the history starts with nothing, all of it is here, and what was made in ways that are not read would have been named somewhere.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/finding/nearest_name.h"
#include "rules/sql/common.h"
#include "rules/sql/history/already_there.h"
#include "rules/sql/history/mention.h"

namespace pawl {
namespace {

constexpr uint32_t kClose = 4096;  // bytes

Mention LastBefore(const StatementContext& context, std::string_view name) {
  const ScriptContext& script = context.script;
  // Most texts do not have it: those are passed over at the speed of memory, for the spellings that people use.
  std::string capital(name);
  capital[0] = static_cast<char>(absl::ascii_toupper(static_cast<unsigned char>(capital[0])));
  const auto speaks = [&](std::string_view text) { return Mentions(text, name) || (capital != name && Mentions(text, capital)); };
  const Span before{script.ref->section.begin, context.facts.top->span.begin};
  // What stands close before it is found at once from behind.
  const Span close{before.end - std::min(before.size(), kClose), before.end};
  if (const Mention m = LastIn(*script.file, close, name); m.file != nullptr) return m;
  if (speaks(script.file->Slice(before))) {
    if (const Mention m = LastIn(*script.file, before, name); m.file != nullptr) return m;
  }
  for (size_t i = static_cast<size_t>(script.migration_index); i-- > 0;) {
    const Migration& m = script.set->migrations[i];
    if (!m.up) continue;
    if (!speaks(m.up->file->Slice(m.up->section))) continue;
    if (const Mention found = LastIn(*m.up->file, m.up->section, name); found.file != nullptr) return found;
  }
  return {};
}

// Extensions that bring no tables.
bool BringsNoTables(std::string_view extension) {
  for (std::string_view e : {"uuid-ossp", "pgcrypto", "citext", "hstore", "pg_trgm", "btree_gin", "btree_gist", "unaccent", "ltree", "intarray", "tablefunc", "fuzzystrmatch", "pg_stat_statements", "vector", "plpgsql",
                             "cube", "earthdistance"}) {
    if (extension == e) return true;
  }
  return false;
}

// The name behind CREATE EXTENSION.
std::string ExtensionAt(std::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  std::string_view rest = lower;
  for (std::string_view word : {"if", "not", "exists"}) {
    rest = absl::StripLeadingAsciiWhitespace(rest);
    absl::ConsumePrefix(&rest, word);
  }
  rest = absl::StripLeadingAsciiWhitespace(rest);
  absl::ConsumePrefix(&rest, "\"");
  return std::string(rest.substr(0, rest.find_first_of("\"; \n\t\r")));
}

// The first migration makes a table, and early on: there was nothing before it.
constexpr size_t kBeginning = 16 << 10;  // bytes
bool BeginsWithTables(const StatementContext& context) {
  const MigrationSet& set = *context.script.set;
  if (!set.complete || set.migrations.empty() || !set.migrations[0].up) return false;
  const ScriptRef& first = *set.migrations[0].up;
  const std::string_view text = first.file->Slice(first.section).substr(0, kBeginning);
  return Mentions(text, "create table");
}

// Nothing else makes things: no file up to here includes others, or asks for an extension that may bring tables.
bool NothingElseMakes(const StatementContext& context) {
  const MigrationSet& set = *context.script.set;
  for (int i = 0; i <= context.script.migration_index; ++i) {
    const Migration& m = set.migrations[static_cast<size_t>(i)];
    if (!m.up) return false;
    const std::string_view text = m.up->file->Slice(m.up->section);
    for (size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 1)) {
      if ((at == 0 || text[at - 1] == '\n') && at + 1 < text.size() && text[at + 1] == 'i') return false;
    }
    if (!Mentions(text, "extension")) continue;
    for (std::string_view word : {"EXTENSION", "extension"}) {
      for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) {
        if (!BringsNoTables(ExtensionAt(text.substr(at + word.size(), 80)))) return false;
      }
    }
  }
  return true;
}

// A variable of psql, :tbl or :"tbl": what it holds nobody knows here.
bool IsVariable(const StatementContext& context, const sql::Name& n) { return n.span.begin > 0 && !n.span.empty() && context.script.file->text()[n.span.begin - 1] == ':'; }

bool IsSystem(const sql::Name& n) { return absl::StartsWith(n.schema, "pg_") || n.schema == "information_schema" || absl::StartsWith(n.name, "pg_"); }

FindingBuilder Tell(const StatementContext& context, Span span, std::string_view kind, std::string_view object, std::string_view says, const Mention& gone, std::string_view near) {
  FindingBuilder f = context.Report(kUnknownObject, span, absl::StrCat(kind, " ", object, gone.file == nullptr ? " is not there: no migration makes it" : " is not there any more"));
  f.Why(absl::StrCat("the server refuses the statement with `", says, "` and the migration stops here"));
  f.Help(!near.empty() ? absl::StrCat("did you mean `", near, "`?") : gone.file != nullptr ? "use what took its place, or leave the statement out" : "make it in an earlier migration, correct the name, or give the command line the whole history");
  if (gone.file != nullptr) f.Note("it is taken away here", gone.file, {gone.at, gone.at + 1});
  return f;
}

// A name that the history made once and took away, or never made and never speaks of.
bool Missing(const StatementContext& context, std::string_view name, Mention* gone) {
  *gone = LastBefore(context, name);
  return gone->file == nullptr || WentAway(*gone);
}

void CheckTable(const StatementContext& context, const sql::Name& name) {
  if (name.empty() || IsVariable(context, name) || IsPlaceholder(name.name) || IsPlaceholder(name.schema) || IsSystem(name) || context.catalog.FindTable(name) != nullptr || context.catalog.HasSequence(name)) return;
  if (!name.schema.empty() && !context.catalog.HasSchema(name.schema)) return;  // somebody else's schema
  Mention gone;  // the cheap questions first: a mention is mostly near
  if (!BeginsWithTables(context) || !Missing(context, name.name, &gone) || !NothingElseMakes(context)) return;
  std::vector<std::string_view> names;
  for (const auto& [key, table] : context.catalog.tables()) names.push_back(std::string_view(key).substr(key.find('.') + 1));
  std::sort(names.begin(), names.end());
  Tell(context, name.span, "table", Quoted(name), absl::StrCat("relation \"", sql::ToString(name), "\" does not exist"), gone, NearestName(name.name, names));
}

// Made by a CREATE that was read, without parents whose columns may be others.
const CatalogTable* WhollyKnown(const StatementContext& context, const sql::Name& name) {
  const CatalogTable* t = context.catalog.FindTable(name);
  if (t == nullptr || !t->complete || t->type != sql::ObjectType::kTable || t->temporary || !t->inherits.empty() || !t->partition_of.empty() || !t->of_type.empty()) return nullptr;
  return t;
}

bool IsSystemColumn(std::string_view c) {
  for (std::string_view s : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}) {
    if (c == s) return true;
  }
  return false;
}

void CheckColumn(const StatementContext& context, const CatalogTable& table, std::string_view column, Span span) {
  if (column.empty() || IsPlaceholder(column) || IsSystemColumn(column) || table.FindColumn(column) != nullptr || !context.script.set->complete) return;
  Mention gone;
  if (!Missing(context, column, &gone)) return;
  std::vector<std::string_view> names;
  for (const CatalogColumn& c : table.columns) names.push_back(c.name);
  const std::string plain = table.key.substr(table.key.find('.') + 1);
  Tell(context, span, "column", absl::StrCat("`", column, "` of ", Quoted(table.key)), absl::StrCat("column \"", column, "\" of relation \"", plain, "\" does not exist"), gone, NearestName(column, names))
      .Note("the table is made here", table.origin.file, table.origin.span);
}

// The statement of this script makes, renames or drops the column before the command that uses it.
bool TouchedInStatement(const sql::AlterTable& alter, std::string_view column) {
  return std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& c) { return c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->name == column; });
}

// ADD CONSTRAINT k ... NOT VALID, VALIDATE CONSTRAINT k.
bool MadeInStatement(const sql::AlterTable& alter, std::string_view constraint) {
  return std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& c) { return c.constraint != nullptr && c.constraint->name == constraint; });
}

bool LooksGenerated(std::string_view name) {
  for (std::string_view suffix : {"_key", "_pkey", "_fkey", "_check", "_excl", "_idx", "_not_null"}) {
    const size_t at = name.rfind(suffix);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = name.substr(at + suffix.size());
    if (std::all_of(rest.begin(), rest.end(), absl::ascii_isdigit)) return true;
  }
  return false;
}

void CheckAlter(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (alter.if_exists || (alter.type != sql::ObjectType::kTable && alter.type != sql::ObjectType::kForeignTable)) return;
  CheckTable(context, alter.name);
  const CatalogTable* table = WhollyKnown(context, alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.constraint != nullptr && !c.constraint->referenced.empty()) CheckTable(context, c.constraint->referenced);
    if (c.column != nullptr) {
      for (const sql::Constraint* k : c.column->constraints) {
        if (!k->referenced.empty()) CheckTable(context, k->referenced);
      }
    }
    if (table == nullptr || c.if_exists) continue;
    switch (c.kind) {
      case sql::AlterKind::kDropColumn:
      case sql::AlterKind::kColumnType:
      case sql::AlterKind::kSetDefault:
      case sql::AlterKind::kDropDefault:
      case sql::AlterKind::kSetNotNull:
      case sql::AlterKind::kDropNotNull:
        if (!TouchedInStatement(alter, c.name)) CheckColumn(context, *table, c.name, c.span);
        break;
      case sql::AlterKind::kAddConstraint:
        if (c.constraint == nullptr || c.constraint->kind == sql::ConstraintKind::kCheck) break;
        for (std::string_view column : c.constraint->columns) {
          if (!TouchedInStatement(alter, column)) CheckColumn(context, *table, column, c.span);
        }
        break;
      case sql::AlterKind::kDropConstraint:
      case sql::AlterKind::kValidateConstraint: {
        if (MadeInStatement(alter, c.name) || table->FindConstraint(c.name) != nullptr || table->FindIndex(c.name) != nullptr || LooksGenerated(c.name) || IsPlaceholder(c.name) || !context.script.set->complete) break;
        Mention gone;
        if (!Missing(context, c.name, &gone)) break;
        std::vector<std::string_view> names;
        for (const CatalogConstraint& k : table->constraints) names.push_back(k.name);
        const std::string plain = table->key.substr(table->key.find('.') + 1);
        Tell(context, c.span, "constraint", absl::StrCat("`", c.name, "` of ", Quoted(table->key)), absl::StrCat("constraint \"", c.name, "\" of relation \"", plain, "\" does not exist"), gone, NearestName(c.name, names));
        break;
      }
      default: break;
    }
  }
}

void CheckIndex(const StatementContext& context, const sql::Name& name) {
  const CatalogTable* same = context.catalog.FindTable(name);
  if (IsPlaceholder(name.name) || IsSystem(name) || same != nullptr || context.catalog.FindIndex(name, nullptr) != nullptr || LooksGenerated(name.name)) return;
  if (!name.schema.empty() && !context.catalog.HasSchema(name.schema)) return;
  Mention gone;
  if (!BeginsWithTables(context) || !Missing(context, name.name, &gone) || !NothingElseMakes(context)) return;
  std::vector<std::string_view> names;
  for (const auto& [key, table] : context.catalog.tables()) {
    for (const CatalogIndex& i : table.indexes) names.push_back(i.name);
  }
  std::sort(names.begin(), names.end());
  Tell(context, name.span, "index", Quoted(name), absl::StrCat("index \"", sql::ToString(name), "\" does not exist"), gone, NearestName(name.name, names));
}

void CheckQuery(const StatementContext& context, const sql::Query& q) {
  if (q.kind == sql::QueryKind::kSelect || q.kind == sql::QueryKind::kValues || q.target.empty()) return;
  for (const sql::Cte& c : q.ctes()) {
    if (c.name == q.target.name) return;
  }
  CheckTable(context, q.target);
  const CatalogTable* table = WhollyKnown(context, q.target);
  if (table == nullptr) return;
  for (std::string_view column : q.columns) CheckColumn(context, *table, column, q.target.span);
  if (q.kind != sql::QueryKind::kUpdate) return;
  for (const sql::Assignment& a : q.assignments) CheckColumn(context, *table, a.column, a.span);
}

// A script of 100,000 statements stays linear: names are looked for in what stands before, and dumps are not written by hand. Where one
// is there twice, its first statements tell it.
constexpr size_t kMostStatements = 2000;
constexpr size_t kMostMade = 500;

void Check(const StatementContext& context) {
  const sql::Statement& s = context.statement;
  if (context.script.facts.size() > kMostStatements) return;
  if (!context.script.set->complete || s.conditional || s.guarded || s.in_loop || s.inside == sql::Inside::kFunction || s.inside == sql::Inside::kExecute) return;
  if (context.script.facts.size() <= kMostMade && !context.script.migration->repeatable) {
    CheckMade(context, s.kind == sql::StatementKind::kAlterTable ? WhollyKnown(context, s.As<sql::AlterTable>().name) : nullptr);
  }
  switch (s.kind) {
    case sql::StatementKind::kAlterTable: return CheckAlter(context);
    case sql::StatementKind::kCreateIndex: {
      const auto& index = s.As<sql::CreateIndex>();
      CheckTable(context, index.table);
      if (const CatalogTable* table = WhollyKnown(context, index.table)) {
        for (const sql::IndexElement& e : index.elements) CheckColumn(context, *table, e.column, index.table.span);
        for (std::string_view column : index.include) CheckColumn(context, *table, column, index.table.span);
      }
      return;
    }
    case sql::StatementKind::kDrop: {
      const auto& drop = s.As<sql::Drop>();
      if (drop.if_exists) return;
      for (const sql::Name& n : drop.names) {
        if (drop.type == sql::ObjectType::kTable) CheckTable(context, n);
        if (drop.type == sql::ObjectType::kIndex) CheckIndex(context, n);
      }
      return;
    }
    case sql::StatementKind::kRename: {
      const auto& r = s.As<sql::Rename>();
      if (r.if_exists || r.type != sql::ObjectType::kColumn) return;
      if (const CatalogTable* table = WhollyKnown(context, r.name)) CheckColumn(context, *table, r.old_name, s.span);
      return;
    }
    case sql::StatementKind::kTruncate:
      for (const sql::Name& n : s.As<sql::Truncate>().tables) CheckTable(context, n);
      return;
    case sql::StatementKind::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      const auto refers = [&](const sql::Constraint& k) {
        if (!k.referenced.empty() && context.catalog.Resolve(k.referenced) != context.catalog.Resolve(t.name)) CheckTable(context, k.referenced);
      };
      for (const sql::Constraint* k : t.constraints) refers(*k);
      for (const sql::Column* c : t.columns) {
        for (const sql::Constraint* k : c->constraints) refers(*k);
      }
      return;
    }
    case sql::StatementKind::kQuery: return CheckQuery(context, s.As<sql::Query>());
    default: return;
  }
}

}  // namespace

constinit const Rule kUnknownObject = {
    .info = {
        .name = "unknown-object",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "uses a table, column, index or constraint that the complete history does not have at this point, or makes one that it has",
        .page = {
            .what = "A statement changes, fills or refers to a table, column, index or constraint that no earlier migration makes, or that an earlier one dropped or renamed. Or it makes, without "
                    "`IF NOT EXISTS` or `OR REPLACE`, a table, view, index, sequence, type, schema, extension, trigger, function, column or constraint that an earlier one made and none took away.",
            .why = "The server refuses the statement with `... does not exist`, or `... already exists`. On a machine where somebody made the object by hand, or dropped it, the migration works, and "
                   "everywhere else it stops.",
            .instead = "The right name, or a migration before this one that makes the object. Of what is there already: leave the statement out, or take the old one away first.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only where all of a set's migrations are given. Tables and indexes count as missing where the history starts with the making of tables, and neither includes other files nor "
                      "installs extensions that may bring tables; names in a schema that it did not make are somebody else's. A name that the history speaks of anywhere else than where it takes "
                      "it away (in dynamic SQL, say) is not reported. What is there already is "
                      "reported in sets that are numbered in some way, where a statement of its own made it, under a name written in the same way, and no migration since takes back, includes, or puts commands together. Columns that queries read, statements in an IF, in a loop or under an exception handler, down scripts, and what stands behind the first 2,000 statements of a script (500 where it makes things) are not judged.",
            .references = "PostgreSQL documentation, Error Codes, class 42 (measured on 12 and 18)",
            .elsewhere = "MigrationPilot SQ004",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, customer_id bigint);\n"
                   "CREATE INDEX IF NOT EXISTS orders_customer_idx ON orders (custmer_id);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, customer_id bigint);\n"
                    "CREATE INDEX IF NOT EXISTS orders_customer_idx ON orders (customer_id);\n",
            .example_complete = true,
        },
    },
    .kinds = {sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kDrop, sql::StatementKind::kRename, sql::StatementKind::kTruncate, sql::StatementKind::kCreateTable,
              sql::StatementKind::kQuery, sql::StatementKind::kCreateView, sql::StatementKind::kCreateSequence, sql::StatementKind::kCreateType, sql::StatementKind::kCreateDomain,
              sql::StatementKind::kCreateSchema, sql::StatementKind::kCreateExtension, sql::StatementKind::kCreateTrigger, sql::StatementKind::kCreateFunction},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
