#include "migrations/run/plan_facts.h"

#include "migrations/run/plan_facts_reader.h"

namespace pawl {

namespace plan_facts {

PlanFacts FactsReader::Run() {
  for (size_t m = 0; m < plan_.migrations.size(); ++m) {
    const PlanMigration& migration = plan_.migrations[m];
    path_changed_ = false;
    const size_t done = m < done_.size() && done_[m] > 0 ? static_cast<size_t>(done_[m]) : 0;
    for (size_t u = 0; u < migration.units.size(); ++u) {
      migration_ = m;
      committed_ = u < done;
      // It may have had its effect: nobody has looked yet.
      uncertain_ = m < done_.size() && done_[m] >= 0 && u == done && !migration.units[u].transaction;
      alone_ = !migration.units[u].transaction;
      for (const PlanStatement& s : migration.units[u].statements) Read(migration, s);
    }
  }
  return std::move(facts_);
}

void FactsReader::Read(const PlanMigration& migration, const PlanStatement& s) {
  switch (VerbOf(s.sql)) {
    case Verb::kData:
      if (!committed_) data_.push_back(s.sql);
      return;
    case Verb::kOpaque: return ReadOpaque(s.sql);
    case Verb::kSet: {
      const std::string low = absl::AsciiStrToLower(s.sql.substr(0, 200));
      if (absl::StrContains(low, "search_path")) path_changed_ = true;
      if (absl::StrContains(low, "role") || absl::StrContains(low, "session authorization")) facts_.changes_role = true;
      return;
    }
    case Verb::kOther: return;
    case Verb::kSchema: break;
  }
  place_ = absl::StrCat(migration.file, ":", s.line);
  sql_ = s.sql;
  const SourceFile file(migration.file, std::string(s.sql));
  const std::unique_ptr<sql::Script> script = sql::ParseScript(file, {0, static_cast<uint32_t>(s.sql.size())}, {.templates = false});
  for (const Statement* statement : script->statements) ReadStatement(*statement);
}

void FactsReader::ReadOpaque(std::string_view sql) {
  std::string low = absl::AsciiStrToLower(sql);
  if (absl::StrContains(low, "search_path")) path_changed_ = true;
  if (absl::StartsWith(low, "select") && !absl::StrContains(low, "(")) return;  // it calls nothing
  if (absl::StartsWith(low, "select") && (absl::StrContains(low, "set_config(") || absl::StrContains(low, "setval("))) return;
  if (!committed_) opaque_ = true;
  // What it may take away is not expected any more.
  if (absl::StrContains(low, "execute") && (absl::StrContains(low, "drop") || absl::StrContains(low, "rename"))) facts_.after.clear();
  std::erase_if(facts_.after, [&](const ObjectFact& f) { return absl::StrContains(low, absl::AsciiStrToLower(f.name.name)); });
}

bool FactsReader::RowsChange(const ObjectName& table) {
  const std::string low = absl::AsciiStrToLower(table.name);
  for (; lowered_.size() < data_.size();) {
    lowered_.push_back(absl::AsciiStrToLower(data_[lowered_.size()]));
  }
  return std::any_of(lowered_.begin(), lowered_.end(), [&](const std::string& d) {
    // A deletion may cascade to tables that it does not name.
    return absl::StrContains(d, low) || absl::StartsWith(d, "delete") || absl::StartsWith(d, "truncate");
  });
}

void FactsReader::Before(ObjectFact f) {
  const bool part = !f.owner.name.empty();
  if (Unpredictable(part ? f.owner : f.name) || (part && ChangedPart(f.owner, f.name.name))) return;
  if (extended_ && f.present && !part) return;
  f.place = place_;
  f.migration = migration_;
  facts_.before.push_back(std::move(f));
}

void FactsReader::After(ObjectFact f) {
  if (!after_names_.insert(f.name.name).second) Forget([&](const ObjectFact& o) { return Same(o, f); });
  if (Unknowable(f.owner.name.empty() || f.is_index ? f.name : f.owner)) return;
  f.place = place_;
  f.migration = migration_;
  facts_.after.push_back(std::move(f));
}

void FactsReader::Touch(const ObjectName& n, bool owner, bool exclusive) {
  if (committed_ || Made(n) || Unknowable(n) || n.name.empty()) return;
  for (TouchedTable& t : facts_.tables) {
    if (!(t.name == n)) continue;
    t.owner = t.owner || owner;
    t.exclusive = t.exclusive || exclusive;
    t.concurrently = t.concurrently || alone_;
    return;
  }
  facts_.tables.push_back({n, owner, false, exclusive, alone_});
}

void FactsReader::CreateIn(const std::string& schema) {
  if (committed_ || path_changed_ || std::find(made_schemas_.begin(), made_schemas_.end(), schema) != made_schemas_.end()) return;
  if (std::find(facts_.creates_in.begin(), facts_.creates_in.end(), schema) == facts_.creates_in.end()) facts_.creates_in.push_back(schema);
}

void FactsReader::Probe(DataProbe p) {
  if (Unpredictable(p.table) || RowsChange(p.table)) return;
  for (const std::string& c : p.columns) {
    if (ChangedPart(p.table, c)) return;
  }
  if (p.of == ProbeOf::kOrphans && (Unpredictable(p.referenced) || RowsChange(p.referenced))) return;
  p.place = place_;
  p.migration = migration_;
  facts_.probes.push_back(std::move(p));
}

}  // namespace plan_facts

std::string Shown(const ObjectName& n) { return n.schema.empty() ? n.name : absl::StrCat(n.schema, ".", n.name); }

std::string Quoted(const ObjectName& n) { return n.schema.empty() ? QuoteIdentifier(n.name) : absl::StrCat(QuoteIdentifier(n.schema), ".", QuoteIdentifier(n.name)); }

std::string Shown(const ObjectFact& f) {
  switch (f.kind) {
    case ObjectKind::kRelation: return absl::StrCat(f.is_index ? "index " : "", Shown(f.name));
    case ObjectKind::kColumn: return absl::StrCat("column ", Shown(f.owner), ".", f.name.name);
    case ObjectKind::kConstraint: return absl::StrCat("constraint ", f.name.name, " of ", Shown(f.owner));
    case ObjectKind::kType: return absl::StrCat("type ", Shown(f.name));
    case ObjectKind::kLabel: return absl::StrCat("value '", f.name.name, "' of type ", Shown(f.owner));
    case ObjectKind::kExtension: return absl::StrCat("extension ", f.name.name);
    case ObjectKind::kSchema: return absl::StrCat("schema ", f.name.name);
    case ObjectKind::kFunction: return absl::StrCat("function ", Shown(f.name));
    case ObjectKind::kTrigger: return absl::StrCat("trigger ", f.name.name, " of ", Shown(f.owner));
    case ObjectKind::kPolicy: return absl::StrCat("policy ", f.name.name, " of ", Shown(f.owner));
  }
  return f.name.name;
}

PlanFacts FactsOf(const Plan& plan, const std::vector<int>& done) {
  if (plan.engine != Engine::kPostgresql) return {};  // Neo4j's are in the units' probes
  return plan_facts::FactsReader(plan, done).Run();
}

}  // namespace pawl
