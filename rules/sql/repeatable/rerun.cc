#include "rules/sql/repeatable/rerun.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"

namespace pawl {
namespace {

using K = sql::StatementKind;

constexpr size_t kPlacesShown = 4;

// Statements that change nothing and do not fail for want of anything.
bool Matters(const sql::Statement& s) {
  switch (s.kind) {
    case K::kVariableSet:
    case K::kTransaction:
    case K::kClientCommand:
    case K::kNotUnderstood:
    case K::kExplain:
      return false;
    default:
      return true;
  }
}

// Statements that Collector may report.
bool MayCreate(K k) {
  return k == K::kCreateTable || k == K::kCreateIndex || k == K::kCreateSequence || k == K::kCreateSchema || k == K::kCreateExtension || k == K::kAlterEnum ||
         k == K::kAlterTable;
}
bool MayDrop(K k) { return k == K::kDrop || k == K::kAlterTable; }

// Names that the script has made or dropped so far, of any kind of object: what is called alike is taken for the same.
class Names {
 public:
  void Add(std::string_view table, std::string_view name) { names_.emplace(table, name); }
  bool Has(std::string_view table, std::string_view name) const { return names_.contains(std::pair(table, name)); }

 private:
  absl::flat_hash_set<std::pair<std::string_view, std::string_view>> names_;  // (table or "", name)
};

class Collector {
 public:
  Collector(const ScriptContext& script, bool creations) : script_(script), creations_(creations) {}

  std::vector<RerunPlace> Run() {
    const StatementFacts* last = nullptr;
    size_t top_level = 0;
    bool any = false;
    for (const StatementFacts& f : script_.facts) {
      if (!Matters(*f.statement)) continue;
      any = any || (creations_ ? MayCreate(f.statement->kind) : MayDrop(f.statement->kind));
      last = &f;
      top_level += f.statement == f.top;
    }
    if (last == nullptr || top_level < 2 || !any) return {};  // one statement is all or nothing
    for (const StatementFacts& f : script_.facts) {
      if (f.statement->inside == sql::Inside::kFunction) continue;
      facts_ = &f;
      risk_ = f.transaction != last->transaction ? RerunRisk::kPartial : f.in_block() ? RerunRisk::kAllOrNothing : RerunRisk::kNone;
      Visit(*f.statement);
    }
    return std::move(places_);
  }

 private:
  bool Handled(const sql::Statement& s) const { return s.guarded || s.conditional || risk_ == RerunRisk::kNone; }

  // Whether this creation is a place to report; if not, only its name counts. The same for drops.
  bool Made(const sql::Statement& s, std::string_view table, std::string_view name, bool if_not_exists) {
    if (creations_) return !if_not_exists && !Handled(s) && !names_.Has(table, name);
    names_.Add(table, name);
    return false;
  }
  bool Dropped(const sql::Statement& s, std::string_view table, std::string_view name, bool if_exists) {
    if (!creations_) return !if_exists && !Handled(s) && !names_.Has(table, name);
    names_.Add(table, name);
    return false;
  }

  void Add(const sql::Statement& s, std::string what, Span span, std::optional<uint32_t> at) {
    RerunPlace p;
    p.statement = &s;
    p.what = std::move(what);
    p.span = span.empty() ? s.span : span;
    p.risk = risk_;
    if (at && s.outer == nullptr) p.edit = Insert(*at, creations_ ? "IF NOT EXISTS " : "IF EXISTS ");  // text inside quotes is left alone
    places_.push_back(std::move(p));
  }

  // Where the n-th word of the statement begins (from 0); nullopt if there is none.
  std::optional<uint32_t> Word(Span in, int n) const {
    sql::Scanner scanner(script_.file->text(), in);
    sql::Token t = scanner.NextCode();
    while (n-- > 0 && t.kind != sql::TokenKind::kEnd) t = scanner.NextCode();
    if (t.kind == sql::TokenKind::kEnd) return std::nullopt;
    return t.span.begin;
  }

  // Behind the first `word`.
  std::optional<uint32_t> After(Span in, std::string_view word) const {
    sql::Scanner scanner(script_.file->text(), in);
    for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
      if (!scanner.Is(t, word)) continue;
      t = scanner.NextCode();
      if (t.kind == sql::TokenKind::kEnd) return std::nullopt;
      return t.span.begin;
    }
    return std::nullopt;
  }

  // ALTER TYPE name ADD VALUE: the type itself may be called so.
  std::optional<uint32_t> BehindAddValue(Span in) const {
    const std::optional<uint32_t> name = Word(in, 2);
    if (!name) return std::nullopt;
    return Word({sql::NameSpanAt(script_.file->text(), *name, in.end).end, in.end}, 2);
  }

  static std::optional<uint32_t> BeginOf(Span s) { return s.empty() ? std::nullopt : std::optional<uint32_t>(s.begin); }

  void Visit(const sql::Statement& s);
  void Alter(const sql::Statement& s, const sql::AlterTable& alter);

  const ScriptContext& script_;
  const bool creations_;
  const StatementFacts* facts_ = nullptr;
  RerunRisk risk_ = RerunRisk::kNone;
  Names names_;
  std::vector<RerunPlace> places_;
};

void Collector::Visit(const sql::Statement& s) {
  switch (s.kind) {
    case K::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      if (t.temporary || (t.as_query != nullptr && t.as_query->select_into)) return;
      const char* word = t.materialized_view ? "CREATE MATERIALIZED VIEW " : t.foreign ? "CREATE FOREIGN TABLE " : "CREATE TABLE ";
      if (!Made(s, {}, t.name.name, t.if_not_exists)) return;
      return Add(s, absl::StrCat(word, Quoted(t.name)), t.name.span, BeginOf(t.name.span));
    }
    case K::kCreateIndex: {
      const auto& i = s.As<sql::CreateIndex>();
      if (i.name.empty() || i.concurrently) return;  // without a name a second run makes a second index
      if (!Made(s, {}, i.name, i.if_not_exists)) return;
      // On a live table CONCURRENTLY is the better change (index-not-concurrent), and the two do not go together.
      bool live = false;
      for (const Effect& e : facts_->effects) live = live || e.live;
      std::optional<uint32_t> at;
      if (!live && !i.keyword_span.empty()) at = Word({i.keyword_span.end, s.span.end}, 0);
      return Add(s, absl::StrCat("CREATE INDEX `", i.name, "`"), i.keyword_span, at);
    }
    case K::kCreateSequence: {
      const auto& q = s.As<sql::CreateSequence>();
      if (q.temporary) return;
      if (!Made(s, {}, q.name.name, q.if_not_exists)) return;
      return Add(s, absl::StrCat("CREATE SEQUENCE ", Quoted(q.name)), q.name.span, BeginOf(q.name.span));
    }
    case K::kCreateSchema: {
      const auto& c = s.As<sql::CreateSchema>();
      if (!c.elements.empty()) return;  // IF NOT EXISTS does not go with elements
      if (!Made(s, {}, c.name, c.if_not_exists)) return;
      return Add(s, absl::StrCat("CREATE SCHEMA `", c.name, "`"), s.span, Word(s.span, 2));
    }
    case K::kCreateExtension: {
      const auto& c = s.As<sql::CreateExtension>();
      if (!Made(s, {}, c.name, c.if_not_exists)) return;
      return Add(s, absl::StrCat("CREATE EXTENSION `", c.name, "`"), s.span, Word(s.span, 2));
    }
    case K::kCreateType:
      return creations_ ? void() : names_.Add({}, s.As<sql::CreateType>().name.name);
    case K::kCreateDomain:
      return creations_ ? void() : names_.Add({}, s.As<sql::CreateDomain>().name.name);
    case K::kCreateView:
      return creations_ ? void() : names_.Add({}, s.As<sql::CreateView>().name.name);
    case K::kCreateFunction:
      return creations_ ? void() : names_.Add({}, s.As<sql::CreateFunction>().name.name);
    case K::kCreateTrigger:
      return creations_ ? void() : names_.Add(s.As<sql::CreateTrigger>().table.name, s.As<sql::CreateTrigger>().name);
    case K::kAlterEnum: {
      const auto& a = s.As<sql::AlterEnum>();
      if (!a.new_value.empty()) return;
      if (!Made(s, a.name.name, a.value, a.if_not_exists)) return;
      return Add(s, absl::StrCat("ADD VALUE '", a.value, "'"), s.span, BehindAddValue(s.span));
    }
    case K::kAlterTable:
      return Alter(s, s.As<sql::AlterTable>());
    case K::kRename: {
      const auto& r = s.As<sql::Rename>();
      // The new name exists from here on, the old one is free.
      const bool part = !r.old_name.empty();
      if (creations_) return names_.Add(part ? r.name.name : std::string_view(), part ? r.old_name : r.name.name);
      return names_.Add(part ? r.name.name : std::string_view(), r.new_name);
    }
    case K::kDrop: {
      const auto& d = s.As<sql::Drop>();
      switch (d.type) {
        case sql::ObjectType::kOther:
        case sql::ObjectType::kStatistics:
        case sql::ObjectType::kPublication:
        case sql::ObjectType::kForeignServer:
        case sql::ObjectType::kForeignDataWrapper:
        case sql::ObjectType::kOperatorClass: return;
        default: break;
      }
      for (size_t i = 0; i < d.names.size(); ++i) {
        const std::string_view table = i < d.tables.size() ? d.tables[i].name : std::string_view();
        // One IF EXISTS serves all names of the statement, and one place is enough.
        if (i > 0 && !creations_) return;
        if (Dropped(s, table, d.names[i].name, d.if_exists)) Add(s, absl::StrCat("DROP ", ToString(d.type), " ", Quoted(d.names[i])), d.names[i].span, BeginOf(d.names[i].span));
      }
      return;
    }
    default:
      return;
  }
}

void Collector::Alter(const sql::Statement& s, const sql::AlterTable& alter) {
  if (alter.type != sql::ObjectType::kTable && alter.type != sql::ObjectType::kForeignTable) return;
  const std::string_view table = alter.name.name;
  for (const sql::AlterCommand& c : alter.commands) {
    switch (c.kind) {
      case sql::AlterKind::kAddColumn:
        if (c.column == nullptr || !Made(s, table, c.column->name, c.if_not_exists)) break;
        Add(s, absl::StrCat("ADD COLUMN `", c.column->name, "`"), c.column->name_span, BeginOf(c.column->name_span));
        break;
      case sql::AlterKind::kAddConstraint:
      case sql::AlterKind::kAddIndexConstraint:
        if (!creations_ && c.constraint != nullptr && !c.constraint->name.empty()) names_.Add(table, c.constraint->name);
        break;
      case sql::AlterKind::kDropColumn:
      case sql::AlterKind::kDropConstraint: {
        if (!Dropped(s, table, c.name, c.if_exists)) break;
        const bool column = c.kind == sql::AlterKind::kDropColumn;
        std::optional<uint32_t> at = Word(c.span, 1);
        if (at) {
          const std::optional<uint32_t> named = After(c.span, column ? "column" : "constraint");
          // DROP [COLUMN] name; the column itself may be called so.
          if (named && Word({*at, c.span.end}, 1) == named) at = named;
        }
        Add(s, absl::StrCat(column ? "DROP COLUMN `" : "DROP CONSTRAINT `", c.name, "`"), c.span, at);
        break;
      }
      default:
        break;
    }
  }
}

}  // namespace

std::vector<RerunPlace> FindCreations(const ScriptContext& script) { return Collector(script, true).Run(); }
std::vector<RerunPlace> FindDrops(const ScriptContext& script) { return Collector(script, false).Run(); }

void ReportRerun(const ScriptContext& script, const Rule& rule, const std::vector<RerunPlace>& all, std::string_view clause, bool partial_only, bool note) {
  // A place that is accepted is no part of the others' finding, and not of their fix: it has one of its own, which the comment answers.
  std::vector<RerunPlace> places;
  for (const RerunPlace& p : all) {
    if (p.risk != RerunRisk::kNone && IsAccepted(script, rule, *p.statement)) {
      if (!partial_only || p.risk == RerunRisk::kPartial) script.Report(rule, p.span, absl::StrCat("a second run of this file would stop at ", p.what));
    } else {
      places.push_back(p);
    }
  }
  const RerunPlace* first = nullptr;
  for (const RerunPlace& p : places) {
    if (first == nullptr || p.risk > first->risk) first = &p;
  }
  if (first == nullptr || first->risk == RerunRisk::kNone || (partial_only && first->risk != RerunRisk::kPartial)) return;
  const bool partial = first->risk == RerunRisk::kPartial;
  // Names like these do not tell how the files are run: many runners wrap such a file in a transaction.
  const bool runner_unknown = script.set->layout == Layout::kPlain || script.set->layout == Layout::kNumbered;
  size_t others = 0;
  for (const RerunPlace& p : places) others += &p != first && p.risk == first->risk;

  FindingBuilder f = script.Report(rule, first->span, absl::StrCat("a second run of this file would stop at ", first->what));
  if (partial) {
    f.Why(absl::StrCat(runner_unknown ? "unless the runner wraps the file in a transaction, it" : "it",
                       " commits before the file ends: if a later statement fails, the next run fails here and never reaches what is missing"));
    f.Help(absl::StrCat("add ", clause, others == 0 ? "" : absl::StrCat(", also in the ", others, " other place", others == 1 ? "" : "s"), ", or run the whole file in one transaction"));
  } else {
    f.Why("the file is one transaction, so a failed run leaves nothing behind; only where a run was applied but not recorded does the next one fail here");
    f.Help(absl::StrCat("add ", clause, " if the file may also be run by hand, or twice"));
  }
  if (!partial || runner_unknown || note) f.AtSeverity(Severity::kNote);
  size_t shown = 0;
  for (const RerunPlace& p : places) {
    if (&p == first || p.risk != first->risk) continue;
    if (++shown > kPlacesShown) {
      f.Note(absl::StrCat("and ", others - kPlacesShown, " more"));
      break;
    }
    f.Note(p.what, script.file, p.span);
  }
  if (!partial) return;
  std::vector<TextEdit> edits;
  for (const RerunPlace& p : places) {
    if (p.edit && p.risk == RerunRisk::kPartial) edits.push_back(*p.edit);
  }
  std::sort(edits.begin(), edits.end(), [](const TextEdit& a, const TextEdit& b) { return a.span.begin < b.span.begin; });
  if (!edits.empty()) f.SafeFix(absl::StrCat("add ", clause), std::move(edits));
}

}  // namespace pawl
