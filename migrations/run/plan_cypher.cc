#include "migrations/run/plan_cypher.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/catalog/graph.h"
#include "analyzer/cypher/script.h"
#include "migrations/history/edit.h"
#include "migrations/layout/text.h"
#include "migrations/run/repeatable_cypher.h"
#include "rules/cypher/common.h"
#include "rules/cypher/schema.h"

namespace pawl {
namespace {

using cypher::Statement;
using cypher::StatementKind;

std::string KindOf(cypher::ConstraintKind k) {
  switch (k) {
    case cypher::ConstraintKind::kUnique: return "UNIQUENESS";
    case cypher::ConstraintKind::kKey: return "KEY";
    case cypher::ConstraintKind::kExistence: return "EXISTENCE";
    case cypher::ConstraintKind::kType: return "TYPE";
    case cypher::ConstraintKind::kUnknown: break;
  }
  return "";
}

std::vector<std::string> Texts(const List<cypher::Name>& names) {
  std::vector<std::string> out;
  for (const cypher::Name& n : names) out.emplace_back(n.text);
  return out;
}

SchemaTarget TargetOf(const Statement& s) {
  SchemaTarget t;
  if (s.kind == StatementKind::kCreateConstraint) {
    const auto& c = s.As<cypher::CreateConstraint>();
    t.constraint = true;
    t.name = std::string(c.name.text);
    t.kind = KindOf(c.kind);
    t.type = std::string(c.type);
    t.relationship = c.entity == cypher::EntityKind::kRelationship;
    if (!c.label.empty()) t.labels = {std::string(c.label.text)};
    t.properties = Texts(c.properties);
    t.if_exists = c.if_not_exists;
    if (t.kind.empty()) t.labels.clear();  // by its name alone
  } else if (s.kind == StatementKind::kCreateIndex) {
    const auto& i = s.As<cypher::CreateIndex>();
    t.name = std::string(i.name.text);
    t.kind = std::string(ToString(i.kind == cypher::IndexKind::kBtree ? cypher::IndexKind::kRange : i.kind));
    t.relationship = i.entity == cypher::EntityKind::kRelationship;
    t.labels = Texts(i.labels);
    t.properties = Texts(i.properties);
    t.if_exists = i.if_not_exists;
  } else {
    const auto& d = s.As<cypher::DropSchema>();
    t.present = false;
    t.constraint = d.constraint;
    t.name = std::string(d.name.text);
    t.if_exists = d.if_exists;
  }
  return t;
}

// A procedure of APOC that opens transactions of its own, whatever transaction it is called in.
bool CommitsByItself(const Statement& s) {
  bool found = cypher_rules::Runs(s) && HasInTransactions(s);
  VisitClauses(s, [&](const ClauseVisit& v) {
    found = found || (v.clause->kind == cypher::ClauseKind::kCallProcedure && v.clause->schema == "apoc.periodic" && (v.clause->name.text == "iterate" || v.clause->name.text == "commit" || absl::EqualsIgnoreCase(v.clause->name.text, "truncate")));
  });
  return found;
}

void AddNames(const cypher::Pattern& p, std::vector<std::string>* out) {
  auto add = [&](std::string name) {
    if (std::find(out->begin(), out->end(), name) == out->end()) out->push_back(std::move(name));
  };
  const std::function<void(const cypher::PathPattern&)> path = [&](const cypher::PathPattern& q) {
    for (const cypher::PathElement& e : q.elements) {
      if (e.node != nullptr) {
        for (const cypher::Name& n : e.node->labels.names) add(absl::StrCat(":", n.text));
      }
      if (e.relationship != nullptr) {
        for (const cypher::Name& n : e.relationship->types.names) add(absl::StrCat("[:", n.text, "]"));
      }
      if (e.group != nullptr) path(*e.group);
    }
  };
  for (const cypher::PathPattern* q : p.paths) path(*q);
}

// Labels and types that the statement names, as PlanLock::object has them; what it writes loses data where it deletes or replaces.
void ReadData(const Statement& s, std::string_view text, uint32_t line, const std::string& file, PlanStatement* to, std::vector<std::string>* losses) {
  if (s.kind != StatementKind::kQuery || !cypher_rules::Runs(s)) return;
  std::vector<std::string> names;
  const char* loses = nullptr;
  VisitClauses(s, [&](const ClauseVisit& v) {
    if (v.clause->pattern != nullptr) AddNames(*v.clause->pattern, &names);
    for (const cypher::SetItem& i : v.clause->items) {
      if (v.clause->kind == cypher::ClauseKind::kRemove) loses = loses == nullptr ? (i.kind == cypher::SetKind::kLabels ? "takes labels away" : "removes properties") : loses;
      const bool null = i.value != nullptr && i.value->kind == cypher::ExprKind::kLiteral && i.value->literal == cypher::LiteralKind::kNull;
      if (v.clause->kind == cypher::ClauseKind::kSet && null && loses == nullptr) loses = "removes properties";
      if (v.clause->kind == cypher::ClauseKind::kSet && i.kind == cypher::SetKind::kReplaceAll) loses = "replaces all properties";
      for (const cypher::Name& n : i.labels.names) {
        if (std::find(names.begin(), names.end(), absl::StrCat(":", n.text)) == names.end()) names.push_back(absl::StrCat(":", n.text));
      }
    }
    if (v.clause->kind == cypher::ClauseKind::kDelete) loses = v.clause->detach ? "deletes nodes with their relationships" : "deletes";
  });
  const bool writes = Writes(s);
  for (std::string& n : names) to->locks.push_back({std::move(n), writes ? LockMode::kRowExclusive : LockMode::kNone, writes ? Work::kRows : Work::kNone, true});
  if (loses != nullptr) losses->push_back(absl::StrCat(loses, ": ", absl::StripAsciiWhitespace(text.substr(0, std::min<size_t>(text.size(), 80))), text.size() > 80 ? "…" : "", " (", file, ":", line, ")"));
}

class Cutter {
 public:
  // `text` outlives the plan, and is what `file` holds; problems are of `shown`.
  Cutter(const SourceFile& file, std::string_view text, const SourceFile* shown, const cypher::Script& script, bool in_parts, const Graph& graph, int index, std::vector<PlanProblem>* problems)
      : file_(file), text_(text), shown_(shown), script_(script), in_parts_(in_parts), graph_(graph), index_(index), problems_(problems) {}

  std::vector<PlanUnit> Run(PlanMigration* m) {
    migration_ = m;
    for (const Statement* s : script_.statements) Add(*s);
    if (begun_ != nullptr) Problem(*begun_, "`:begin` opens a transaction that nothing ends; leave it away: pawl runs what belongs together in one transaction by itself");
    Close();
    if (schema_ != nullptr && data_ != nullptr && !in_parts_) {
      Problem(schema_->span.begin > data_->span.begin ? *schema_ : *data_,
              absl::StrCat("the file changes the schema (line ", Line(*schema_), ") and writes data (line ", Line(*data_),
                           "), which Neo4j never runs in one transaction: make two migrations of it, or say `// pawl: no-transaction` in the file, and its parts then commit one by one, each recorded"));
    }
    return std::move(units_);
  }

 private:
  uint32_t Line(const Statement& s) const { return file_.PositionAt(s.kind == StatementKind::kSyntaxError ? s.As<cypher::SyntaxError>().span.begin : s.span.begin).line; }
  void Problem(const Statement& s, std::string message) { problems_->push_back({shown_, Line(s), std::move(message)}); }

  PlanStatement Make(const Statement& s) {
    PlanStatement p;
    p.sql = text_.substr(s.span.begin, s.span.end - s.span.begin);
    p.offset = s.span.begin;
    p.line = Line(s);
    ReadData(s, p.sql, p.line, migration_->file, &p, &migration_->losses);
    // EXPLAIN plans it all the same, so the server would refuse it only when it runs.
    const cypher::Expr* parameter = nullptr;
    VisitExpressions(s, [&](const cypher::Expr& e) {
      if (e.kind == cypher::ExprKind::kParameter && parameter == nullptr) parameter = &e;
    });
    if (parameter != nullptr) Problem(s, absl::StrCat("`", text_.substr(parameter->span.begin, parameter->span.end - parameter->span.begin), "` has no value: a migration runs as its file has it, without parameters. Write the value into the statement"));
    return p;
  }
  void Close() {
    if (!current_.statements.empty()) units_.push_back(std::move(current_));
    current_ = PlanUnit();
  }

  void Add(const Statement& s) {
    switch (s.kind) {
      case StatementKind::kSyntaxError: return Problem(s, absl::StrCat("does not parse: ", s.As<cypher::SyntaxError>().message));
      case StatementKind::kAdministration:
        return Problem(s, absl::StrCat("`", s.As<cypher::Administration>().command, "` is a command to the database `system`, which no migration of this graph can hold; run it by itself"));
      case StatementKind::kClientCommand: return Command(s);
      case StatementKind::kCreateConstraint:
      case StatementKind::kCreateIndex:
      case StatementKind::kDropSchema: return Schema(s);
      default: break;
    }
    if (CommitsByItself(s)) {
      if (begun_ != nullptr) return Problem(s, absl::StrCat("cannot run inside the transaction that `:begin` in line ", Line(*begun_), " opens; end that with `:commit` before it"));
      Data(s);
      Close();
      PlanUnit alone;
      alone.transaction = false;
      alone.probe.kind = HasInTransactions(s) && MayRunAgain(s) ? ProbeKind::kRepeat : ProbeKind::kBatches;
      alone.statements.push_back(Make(s));
      alone.statements.back().concurrently = true;
      units_.push_back(std::move(alone));
      return;
    }
    if (cypher_rules::Runs(s) && cypher_rules::WritesData(s)) Data(s);
    current_.statements.push_back(Make(s));
    if (in_parts_ && begun_ == nullptr) Close();
  }

  void Data(const Statement& s) {
    if (data_ == nullptr) data_ = &s;
  }

  void Schema(const Statement& s) {
    if (begun_ != nullptr && !current_.statements.empty()) return Problem(s, absl::StrCat("cannot run inside the transaction that `:begin` in line ", Line(*begun_), " opens; end that with `:commit` before it"));
    if (schema_ == nullptr) schema_ = &s;
    Close();
    PlanUnit alone;
    alone.transaction = false;
    alone.probe.kind = ProbeKind::kSchema;
    alone.probe.targets.push_back(TargetOf(s));
    const SchemaTarget& t = alone.probe.targets.back();
    // Old forms without a name, and names in parameters: nothing to know it by.
    if (t.name.empty() && t.labels.empty()) alone.probe.kind = ProbeKind::kUnknown;
    PlanStatement p = Make(s);
    for (const std::string& l : t.labels) p.locks.push_back({t.relationship ? absl::StrCat("[:", l, "]") : absl::StrCat(":", l), LockMode::kShare, t.present ? Work::kBuild : Work::kMetadata, true});
    alone.statements.push_back(std::move(p));
    units_.push_back(std::move(alone));
  }

  void Command(const Statement& s) {
    const std::string_view command = s.As<cypher::ClientCommand>().command;
    if (command == ":auto") return;  // `:auto STATEMENT`: what pawl does with it anyway
    if (command == ":begin") {
      if (begun_ != nullptr) return Problem(s, "`:begin` inside a transaction");
      Close();
      begun_ = &s;
    } else if (command == ":commit") {
      if (begun_ == nullptr) return Problem(s, "`:commit` without `:begin`");
      begun_ = nullptr;
      Close();
    } else {
      Problem(s, absl::StrCat("`", command, "` is a command of cypher-shell, which no server understands; put what it does into Cypher"));
    }
  }

  const SourceFile& file_;
  std::string_view text_;
  const SourceFile* shown_;
  const cypher::Script& script_;
  bool in_parts_;
  const Graph& graph_;
  int index_;
  std::vector<PlanProblem>* problems_;
  PlanMigration* migration_ = nullptr;
  std::vector<PlanUnit> units_;
  PlanUnit current_;
  const Statement *begun_ = nullptr, *schema_ = nullptr, *data_ = nullptr;
};

// How pawl runs it, as lint is to see it: one transaction, or several that commit one by one.
TransactionMode ModeOf(const PlanMigration& m) { return m.units.size() <= 1 && (m.units.empty() || m.units[0].transaction) ? TransactionMode::kFile : TransactionMode::kStatement; }

}  // namespace

std::string SchemaKindOf(std::string_view shown) {
  for (const char* kind : {"UNIQUENESS", "KEY", "EXISTENCE", "TYPE"}) {
    if (absl::StrContains(shown, kind)) return kind;
  }
  return std::string(shown == "BTREE" ? "RANGE" : shown);
}

std::vector<PlanMigration> PlanCypherMigrations(const PlanRequest& request, std::vector<PlanProblem>* problems) {
  const MigrationSet& set = *request.set;
  std::vector<PlanMigration> planned(request.migrations.size());
  absl::flat_hash_map<const Migration*, size_t> place;
  for (size_t i = 0; i < request.migrations.size(); ++i) place[request.migrations[i]] = i;
  const bool up = request.direction == Direction::kUp;
  Graph graph;
  cypher::ParseOptions options;
  options.version = request.server_version < 500 ? cypher::Version::k44 : cypher::Version::k5;
  auto plan = [&](const Migration& m, int index, const cypher::Script* parsed, size_t at) {
    PlanMigration& p = planned[at];
    const ScriptRef& ref = up ? *m.up : *m.down;
    p.migration = &m;
    p.version = m.version;
    p.name = m.name;
    p.file = ref.file->path();
    p.direction = request.direction;
    p.script = ScriptText(ref);
    p.checksum = ScriptChecksum(ref);
    p.token_checksum = HashTokens(p.script, set.engine);
    const Encoding& encoding = ref.file->encoding();
    if (encoding.utf16) problems->push_back({ref.file, 1, "is UTF-16; save it as UTF-8"});
    else if (encoding.nul) problems->push_back({ref.file, ref.file->PositionAt(encoding.nul_at).line, "holds a NUL byte; take it out"});
    else if (!encoding.valid_utf8) problems->push_back({ref.file, ref.file->PositionAt(encoding.invalid_at).line, "holds bytes that are no UTF-8 (Latin-1?); save it as UTF-8"});
    // An undo section that is commented out line by line: the same bytes with blanks for the marks, so every offset stays true.
    std::string_view text = ref.file->text();
    std::unique_ptr<SourceFile> uncommented;
    std::unique_ptr<cypher::Script> script;
    if (ref.commented) {
      p.uncommented = std::make_unique<std::string>(WithoutCommentMarks(text, ref.section));
      text = *p.uncommented;
      uncommented = std::make_unique<SourceFile>(ref.file->path(), *p.uncommented);
    }
    const SourceFile& file = uncommented != nullptr ? *uncommented : *ref.file;
    if (parsed == nullptr || uncommented != nullptr) {
      script = cypher::ParseScript(file, ref.section, options);
      parsed = script.get();
    }
    p.units = Cutter(file, text, ref.file, *parsed, DeclaresNoTransaction(ref.file->text(), ref.section), graph, index, problems).Run(&p);
    p.mode = ModeOf(p);
    p.loses_data = !p.losses.empty();
  };
  uint32_t ordinal = 0;
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    const auto it = place.find(&m);
    const bool ours = it != place.end();
    if (!m.up || (!request.effects && !(up && ours))) continue;  // what came before is asked only for what it made
    const std::unique_ptr<cypher::Script> script = cypher::ParseScript(*m.up->file, m.up->section, options);
    if (up && ours) plan(m, static_cast<int>(i), script.get(), it->second);
    for (const Statement* s : script->statements) graph.Apply(*s, {static_cast<int>(i), ++ordinal, m.up->file, s->span});
  }
  if (!up) {
    for (const Migration* m : request.migrations) {
      plan(*m, static_cast<int>(m - set.migrations.data()), nullptr, place[m]);
    }
  }
  return planned;
}

}  // namespace pawl
