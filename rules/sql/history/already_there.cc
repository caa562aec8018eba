#include "rules/sql/history/already_there.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/catalog/names.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"
#include "rules/sql/history/mention.h"

namespace pawl {
namespace {

bool InWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

// The word stands in the text, in whichever spelling; 'q' behind a dot, 'u' without one; 0: it does not stand there.
char HowNamed(std::string_view text, std::string_view name) {
  for (size_t at = 0; at + name.size() <= text.size(); ++at) {
    if (!absl::EqualsIgnoreCase(text.substr(at, name.size()), name)) continue;
    if (at > 0 && InWord(text[at - 1])) continue;
    if (at + name.size() < text.size() && InWord(text[at + name.size()])) continue;
    while (at > 0 && text[at - 1] == '"') --at;
    return at > 0 && text[at - 1] == '.' ? 'q' : 'u';
  }
  return 0;
}

// The text does, or may do, what the catalogue cannot follow: it takes back, it includes, it puts commands together, it asks.
bool MayUndo(std::string_view text) {
  for (std::string_view word : {"rollback", "ROLLBACK", "drop owned", "DROP OWNED", "drop schema", "DROP SCHEMA", "\\if", "\\i ", "\\ir ", "\\c ", "\\connect"}) {
    if (absl::StrContains(text, word)) return true;
  }
  for (std::string_view execute : {"EXECUTE", "execute", "Execute"}) {
    for (size_t at = text.find(execute); at != std::string_view::npos; at = text.find(execute, at + execute.size())) {
      const std::string next = absl::AsciiStrToLower(absl::StripLeadingAsciiWhitespace(text.substr(at + execute.size(), 40)));
      if (!absl::StartsWith(next, "function") && !absl::StartsWith(next, "procedure") && !absl::StartsWith(next, "on ")) return true;
    }
  }
  return false;
}

// A statement of its own stands there: not in a DO block or a string.
bool IsTopLevel(std::string_view text, uint32_t at) {
  sql::Scanner scanner(text);
  bool begins = true;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd && t.span.begin <= at; t = scanner.NextCode()) {
    if (t.span.begin == at) return begins;
    begins = t.kind == sql::TokenKind::kSemicolon;
  }
  return false;
}

// What was made at `origin` under that name, written in the same way (qualified or not), is certainly there still: a statement of its own
// made it, and nothing since may have taken it away unseen.
bool CertainlyThere(const StatementContext& context, const Origin& origin, std::string_view name, bool qualified) {
  const MigrationSet& set = *context.script.set;
  // Files that no runner numbers need not belong together: examples, variants of each other.
  if (!set.complete || set.layout == Layout::kPlain || origin.file == nullptr || origin.migration < 0 || origin.span.empty() || IsPlaceholder(name)) return false;
  // A folder of examples has numbers, too: there only the newest file may be wrong, for the others have been applied.
  if (set.layout == Layout::kNumbered && static_cast<size_t>(context.script.migration_index) + 1 < set.migrations.size()) return false;
  const char how = HowNamed(origin.file->Slice(origin.span), name);
  if (how != (qualified ? 'q' : 'u')) return false;
  for (int i = origin.migration; i <= context.script.migration_index; ++i) {
    const Migration& m = set.migrations[static_cast<size_t>(i)];
    if (!m.up || m.repeatable) return false;
    // Two of one version: one of them is mostly a leftover that the runner does not know.
    if (i > 0 && !m.version.empty() && set.migrations[static_cast<size_t>(i) - 1].version == m.version) return false;
    if (static_cast<size_t>(i) + 1 < set.migrations.size() && !m.version.empty() && set.migrations[static_cast<size_t>(i) + 1].version == m.version) return false;
    const bool first = i == origin.migration, last = i == context.script.migration_index;
    if (first && (m.up->file != origin.file || !IsTopLevel(m.up->file->Slice(m.up->section), origin.span.begin - m.up->section.begin))) return false;
    const Span between{first ? origin.span.end : m.up->section.begin, last ? context.facts.top->span.begin : m.up->section.end};
    const std::string_view text = m.up->file->Slice(between);
    if (MayUndo(m.up->file->Slice(m.up->section))) return false;
    // Somebody drops or renames something of that name, and the catalogue did not take it for this.
    for (Span rest = between; !rest.empty();) {
      if (!Mentions(text.substr(0, rest.end - between.begin), name)) break;
      const Mention mention = LastIn(*m.up->file, rest, name);
      if (mention.file == nullptr) break;
      if (WentAway(mention)) return false;
      rest.end = mention.at;
    }
  }
  return true;
}

// As the catalogue keeps them: the first parenthesis of CREATE FUNCTION.
std::string FoldedArguments(const StatementContext& context, const sql::Statement& s) {
  const std::string_view text = context.Text(s.span);
  size_t open = std::string_view::npos, depth = 0;
  sql::Scanner scanner(text);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen && depth++ == 0) open = t.span.begin;
    if (t.kind == sql::TokenKind::kClose && --depth == 0) return FoldText(text.substr(open, t.span.end - open), true);
  }
  return {};
}

void Exists(const StatementContext& context, Span span, std::string_view kind, std::string object, std::string_view says, const Origin& made, std::string_view help) {
  context.Report(kUnknownObject, span, absl::StrCat(kind, " ", object, " is there already"))
      .Why(absl::StrCat("the server refuses the statement with `", says, "` and the migration stops here"))
      .Help(std::string(help))
      .Note("it is made here", made.file, made.span);
}

constexpr std::string_view kMadeHelp = "leave the statement out, choose another name, or drop or rename the old one first; IF NOT EXISTS would hide a difference";

// The schema in which an unqualified name is made.
std::string MakingSchema(const StatementContext& context, std::string_view schema) {
  if (!schema.empty()) return std::string(schema);
  const std::string key = context.catalog.Resolve({{}, "a name that nothing has", {}});
  return key.substr(0, key.find('.'));
}

// Tables, views, indexes and sequences share their names.
void CheckRelation(const StatementContext& context, const sql::Name& name, std::string_view schema, Span span, std::string_view kind) {
  const std::string key = absl::StrCat(schema, ".", name.name);
  const Origin* made = nullptr;
  if (const CatalogTable* t = context.catalog.FindTable(key); t != nullptr) {
    if (!t->temporary) made = &t->origin;
  } else if (const CatalogIndex* index = nullptr; context.catalog.FindIndex({schema, name.name, {}}, &index) != nullptr) {
    if (index != nullptr) made = &index->origin;
  } else if (const auto s = context.catalog.sequences().find(key); s != context.catalog.sequences().end()) {
    made = &s->second;
  }
  if (made == nullptr || !CertainlyThere(context, *made, name.name, !name.schema.empty())) return;
  Exists(context, span, kind, Quoted(name), absl::StrCat("relation \"", name.name, "\" already exists"), *made, kMadeHelp);
}

void CheckNewRelation(const StatementContext& context, const sql::Name& name, std::string_view kind) { CheckRelation(context, name, MakingSchema(context, name.schema), name.span, kind); }

void CheckNewType(const StatementContext& context, const sql::Name& name) {
  const auto it = context.catalog.types().find(absl::StrCat(MakingSchema(context, name.schema), ".", name.name));
  if (it == context.catalog.types().end() || !CertainlyThere(context, it->second.origin, name.name, !name.schema.empty())) return;
  Exists(context, name.span.empty() ? context.statement.span : name.span, "type", Quoted(name), absl::StrCat("type \"", name.name, "\" already exists"), it->second.origin, kMadeHelp);
}

void CheckAdded(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable& table) {
  const auto gone_here = [&](sql::AlterKind kind, std::string_view name) {
    return std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& c) { return c.kind == kind && c.name == name; });
  };
  const std::string plain = table.key.substr(table.key.find('.') + 1);
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && !c.if_not_exists && !gone_here(sql::AlterKind::kDropColumn, c.column->name)) {
      const CatalogColumn* column = table.FindColumn(c.column->name);
      if (column == nullptr || !CertainlyThere(context, column->origin, column->name, false)) continue;
      Exists(context, c.column->name_span, "column", absl::StrCat("`", column->name, "` of ", Quoted(table.key)), absl::StrCat("column \"", column->name, "\" of relation \"", plain, "\" already exists"), column->origin, kMadeHelp);
    } else if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && !c.constraint->name.empty() && !gone_here(sql::AlterKind::kDropConstraint, c.constraint->name)) {
      const CatalogConstraint* k = table.FindConstraint(c.constraint->name);
      if (k == nullptr || !CertainlyThere(context, k->origin, k->name, false)) continue;
      Exists(context, c.span, "constraint", absl::StrCat("`", k->name, "` of ", Quoted(table.key)), absl::StrCat("constraint \"", k->name, "\" for relation \"", plain, "\" already exists"), k->origin, kMadeHelp);
    }
  }
}

}  // namespace

void CheckMade(const StatementContext& context, const CatalogTable* altered) {
  const sql::Statement& s = context.statement;
  switch (s.kind) {
    case sql::StatementKind::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      if (!t.if_not_exists && !t.temporary) CheckNewRelation(context, t.name, t.materialized_view ? "materialized view" : "table");
      return;
    }
    case sql::StatementKind::kCreateIndex: {
      const auto& i = s.As<sql::CreateIndex>();
      if (i.if_not_exists || i.name.empty()) return;
      // It lies in its table's schema, and is never written with it.
      const std::string key = context.catalog.Resolve(i.table);
      CheckRelation(context, {{}, i.name, {}}, std::string_view(key).substr(0, key.find('.')), i.keyword_span.empty() ? s.span : i.keyword_span, "index");
      return;
    }
    case sql::StatementKind::kCreateView: {
      const auto& v = s.As<sql::CreateView>();
      if (!v.replace && !v.temporary) CheckNewRelation(context, v.name, "view");
      return;
    }
    case sql::StatementKind::kCreateSequence: {
      const auto& q = s.As<sql::CreateSequence>();
      if (!q.if_not_exists && !q.temporary) CheckNewRelation(context, q.name, "sequence");
      return;
    }
    case sql::StatementKind::kCreateType: return CheckNewType(context, s.As<sql::CreateType>().name);
    case sql::StatementKind::kCreateDomain: return CheckNewType(context, s.As<sql::CreateDomain>().name);
    case sql::StatementKind::kCreateSchema: {
      const auto& c = s.As<sql::CreateSchema>();
      const auto it = context.catalog.schemas().find(c.name);
      if (c.if_not_exists || c.name.empty() || it == context.catalog.schemas().end() || !CertainlyThere(context, it->second, c.name, false)) return;
      return Exists(context, s.span, "schema", absl::StrCat("`", c.name, "`"), absl::StrCat("schema \"", c.name, "\" already exists"), it->second, kMadeHelp);
    }
    case sql::StatementKind::kCreateExtension: {
      const auto& e = s.As<sql::CreateExtension>();
      const auto it = context.catalog.extensions().find(e.name);
      if (e.if_not_exists || it == context.catalog.extensions().end() || !CertainlyThere(context, it->second, e.name, false)) return;
      return Exists(context, s.span, "extension", absl::StrCat("`", e.name, "`"), absl::StrCat("extension \"", e.name, "\" already exists"), it->second, "leave the statement out, or say IF NOT EXISTS");
    }
    case sql::StatementKind::kCreateTrigger: {
      const auto& t = s.As<sql::CreateTrigger>();
      const CatalogTable* table = context.catalog.FindTable(t.table);
      if (t.replace || table == nullptr) return;
      for (const CatalogTrigger& old : table->triggers) {
        if (old.name != t.name || old.inherited || !CertainlyThere(context, old.origin, t.name, false)) continue;
        Exists(context, t.table.span, "trigger", absl::StrCat("`", t.name, "` of ", Quoted(t.table)), absl::StrCat("trigger \"", t.name, "\" for relation \"", t.table.name, "\" already exists"), old.origin, "drop the old one first, or say CREATE OR REPLACE TRIGGER (14+)");
      }
      return;
    }
    case sql::StatementKind::kCreateFunction: {
      const auto& f = s.As<sql::CreateFunction>();
      const auto it = context.catalog.functions().find(absl::StrCat(MakingSchema(context, f.name.schema), ".", f.name.name));
      if (f.replace || it == context.catalog.functions().end() || it->second.overloaded || it->second.arguments.empty()) return;
      if (it->second.arguments != FoldedArguments(context, s) || !CertainlyThere(context, it->second.origin, f.name.name, !f.name.schema.empty())) return;
      return Exists(context, f.name.span.empty() ? s.span : f.name.span, f.procedure ? "procedure" : "function", Quoted(f.name), absl::StrCat("function \"", f.name.name, "\" already exists with same argument types"), it->second.origin,
                    "say CREATE OR REPLACE, or drop the old one first");
    }
    case sql::StatementKind::kAlterTable: {
      const auto& alter = s.As<sql::AlterTable>();
      if (altered != nullptr && !alter.if_exists && alter.type == sql::ObjectType::kTable) CheckAdded(context, alter, *altered);
      return;
    }
    default: return;
  }
}

}  // namespace pawl
