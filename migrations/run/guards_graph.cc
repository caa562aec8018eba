// What is asked of a Neo4j database: before a run whether the plan can work there, afterwards whether its schema is there.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "migrations/run/guards_internal.h"
#include "migrations/run/plan_cypher.h"
#include "migrations/run/statement_text.h"

namespace pawl {
namespace {

constexpr double kLong = 60;          // seconds that a transaction may be open before it counts as long
// EXPLAIN takes as long as planning does, some 5 to 50 ms a statement; asked together, hundreds are explained in that time, of thousands
// the longest.
constexpr double kExplainSeconds = 5;

std::string Quoted(std::string_view name) { return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`"); }

struct SchemaEntry {
  std::string name, kind;
  bool constraint = false, relationship = false, orphan = false;
  std::string state;
  std::vector<std::string> labels, properties;
};

std::vector<std::string> Names(const std::string& json) {
  std::vector<std::string> out;
  const nlohmann::json j = nlohmann::json::parse(json, nullptr, false);
  if (j.is_array()) {
    for (const auto& n : j) {
      if (n.is_string()) out.push_back(n.get<std::string>());
    }
  }
  return out;
}

absl::StatusOr<std::vector<SchemaEntry>> ReadSchema(Asker& asker) {
  std::vector<SchemaEntry> out;
  const absl::StatusOr<Rows> constraints = asker.Ask("SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties RETURN name, type, entityType, labelsOrTypes, properties");
  if (!constraints.ok()) return constraints.status();
  for (const auto& r : *constraints) out.push_back({r[0], SchemaKindOf(r[1]), true, r[2] == "RELATIONSHIP", false, "ONLINE", Names(r[3]), Names(r[4])});
  absl::StatusOr<Rows> indexes = asker.Ask("SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, state, owningConstraint RETURN name, type, entityType, labelsOrTypes, properties, state, coalesce(owningConstraint, '')");
  if (!indexes.ok()) indexes = asker.Ask("SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, state RETURN name, type, entityType, labelsOrTypes, properties, state, name AS owner");  // before 5.0
  if (!indexes.ok()) return indexes.status();
  for (const auto& r : *indexes) {
    const bool owned = !r[6].empty();
    if (owned && std::any_of(out.begin(), out.end(), [&](const SchemaEntry& e) { return e.constraint && e.name == r[0]; })) continue;
    out.push_back({r[0], SchemaKindOf(r[1]), false, r[2] == "RELATIONSHIP", false, r[5], Names(r[3]), Names(r[4])});
  }
  return out;
}

std::string Shape(const SchemaTarget& t) { return absl::StrCat(t.relationship ? "[:" : "(:", absl::StrJoin(t.labels, "|"), t.relationship ? "]" : ")", t.properties.empty() ? "" : absl::StrCat(" on ", absl::StrJoin(t.properties, ", "))); }

std::string Shape(const SchemaEntry& e) { return absl::StrCat(e.relationship ? "[:" : "(:", absl::StrJoin(e.labels, "|"), e.relationship ? "]" : ")", e.properties.empty() ? "" : absl::StrCat(" on ", absl::StrJoin(e.properties, ", "))); }

std::string What(const SchemaTarget& t) { return absl::StrCat("the ", t.constraint ? "constraint" : "index", " ", t.name.empty() ? Shape(t) : t.name); }

bool SameShape(const SchemaEntry& e, const SchemaTarget& t) {
  auto sorted = [](std::vector<std::string> v) {
    std::sort(v.begin(), v.end());
    return v;
  };
  return e.relationship == t.relationship && sorted(e.labels) == sorted(t.labels) && e.properties == t.properties;
}

// Walks the plan's units that are not committed yet; `in_doubt`: with the lone one that an interrupted run may or may not have done.
template <typename Visit>
void EachUnit(const Plan& plan, const std::vector<int>& done, bool in_doubt, Visit visit) {
  for (size_t m = 0; m < plan.migrations.size(); ++m) {
    size_t first = m < done.size() && done[m] > 0 ? static_cast<size_t>(done[m]) : 0;
    if (in_doubt && first > 0 && first <= plan.migrations[m].units.size() && !plan.migrations[m].units[first - 1].transaction) --first;
    // One that was interrupted may have had its effect: nobody has looked yet.
    const bool interrupted = m < done.size() && done[m] >= 0;
    for (size_t u = first; u < plan.migrations[m].units.size(); ++u) visit(plan.migrations[m], plan.migrations[m].units[u], interrupted);
  }
}

void CheckTransactions(Asker& asker, bool schema, std::vector<CheckResult>* out) {
  const absl::StatusOr<Rows> rows = asker.Ask(
      "SHOW TRANSACTIONS YIELD transactionId, username, currentQuery, elapsedTime, activeLockCount, outerTransactionId WHERE outerTransactionId = '' AND elapsedTime > duration({seconds: 60}) AND NOT currentQuery CONTAINS '/*pawl ' "
      "RETURN transactionId, username, left(currentQuery, 200), elapsedTime.seconds, activeLockCount");
  if (!rows.ok()) {
    out->push_back({"long-transactions", false, true, absl::StrCat("cannot be asked: ", rows.status().message())});
    return;
  }
  std::vector<std::string> all;
  bool locks = false;
  for (const auto& r : *rows) {
    double seconds = 0;
    (void)absl::SimpleAtod(r[3], &seconds);
    const bool holds = r[4] != "0" && !r[4].empty();
    locks = locks || holds;
    all.push_back(absl::StrCat(r[0], r[1].empty() ? "" : absl::StrCat(" of ", r[1]), " is open for ", ShowSeconds(seconds), holds ? absl::StrCat(" with ", r[4], " locks") : "", r[2].empty() ? ", idle" : absl::StrCat(": ", r[2])));
  }
  if (all.empty()) {
    out->push_back({"long-transactions", true, false, absl::StrCat("none is open for more than ", ShowSeconds(kLong))});
  } else {
    out->push_back({"long-transactions", false, !(schema && locks), absl::StrCat(Few(all, 4, "; "), schema && locks ? ". A schema command waits for every transaction that has written to its label: let them end, or end them with TERMINATE TRANSACTION \"...\", then try again" : "")});
  }
}

// Names and shapes that are taken, what is to be dropped and is not there, editions, indexes left by what was killed.
void CheckObjects(Asker& asker, const Plan& plan, const std::vector<int>& done, std::vector<CheckResult>* out) {
  absl::StatusOr<std::vector<SchemaEntry>> read = ReadSchema(asker);
  if (!read.ok()) {
    out->push_back({"objects", false, true, absl::StrCat("cannot be asked: ", read.status().message())});
    return;
  }
  std::vector<SchemaEntry>& schema = *read;
  const bool community = asker.database().server().edition == "community";
  std::vector<std::string> wrong, warn;
  size_t looked = 0;
  EachUnit(plan, done, /*in_doubt=*/true, [&](const PlanMigration& m, const PlanUnit& u, bool interrupted) {
    for (const SchemaTarget& t : u.probe.targets) {
      ++looked;
      const std::string place = absl::StrCat(m.file, ":", u.statements[0].line);
      if (!t.present) {
        const auto at = std::find_if(schema.begin(), schema.end(), [&](const SchemaEntry& e) { return e.name == t.name && e.constraint == t.constraint; });
        if (at != schema.end()) schema.erase(at);
        else if (!t.if_exists && !interrupted && !t.name.empty()) wrong.push_back(absl::StrCat(What(t), ", which ", place, " drops, does not exist: say IF EXISTS if that is well"));
        continue;
      }
      if (community && t.constraint && t.kind != "UNIQUENESS" && !t.kind.empty()) {
        wrong.push_back(absl::StrCat(place, ": ", t.kind == "KEY" ? "a key" : t.kind == "EXISTENCE" ? "an existence" : "a property type", " constraint needs Neo4j Enterprise, and this server is the Community edition"));
        continue;
      }
      const SchemaEntry *named = nullptr, *same = nullptr, *index = nullptr;
      for (const SchemaEntry& e : schema) {
        if (!t.name.empty() && e.name == t.name) named = &e;
        if (t.labels.empty() || !SameShape(e, t)) continue;
        if (e.constraint == t.constraint && e.kind == t.kind) same = &e;
        else if (!e.constraint && t.constraint && (t.kind == "UNIQUENESS" || t.kind == "KEY") && e.kind == "RANGE") index = &e;
      }
      if (!interrupted) {
        if (named != nullptr && named != same && !(index != nullptr && named == index)) {
          wrong.push_back(absl::StrCat(What(t), ", which ", place, " makes on ", Shape(t), ": a ", named->constraint ? "constraint" : "index", " of that name exists already, on ", Shape(*named), t.if_exists ? "; IF NOT EXISTS would take it for the new one in silence" : "", ". Choose another name, or drop the old one first"));
        } else if (same != nullptr && !t.if_exists) {
          wrong.push_back(absl::StrCat(What(t), ", which ", place, " makes, exists already", same->name == t.name ? "" : absl::StrCat(" under the name ", same->name), ": say IF NOT EXISTS if that is well, or take over what is there with `pawl baseline`"));
        } else if (same != nullptr && same->name != t.name && !t.name.empty()) {
          warn.push_back(absl::StrCat(What(t), " (", place, ") exists already under the name ", same->name, ": IF NOT EXISTS makes nothing, and the name ", t.name, " will not be there"));
        } else if (index != nullptr && same == nullptr) {
          wrong.push_back(absl::StrCat(What(t), ", which ", place, " makes: the index ", index->name, " on the same ", Shape(*index), " stands in its way",
                                       index->name == t.name ? " (left behind, it seems, when the making of this constraint was killed)" : "", ": DROP INDEX ", index->name, " first"));
        }
        if (same != nullptr && same->state == "FAILED") wrong.push_back(absl::StrCat("the index ", same->name, " is FAILED: DROP INDEX ", same->name, ", and IF NOT EXISTS makes it again"));
      }
      if (same == nullptr) schema.push_back({t.name, t.kind, t.constraint, t.relationship, false, "ONLINE", t.labels, t.properties});
    }
  });
  for (const SchemaEntry& e : schema) {
    if (!e.constraint && e.state == "FAILED") warn.push_back(absl::StrCat("the index ", e.name, " on ", Shape(e), " is FAILED: no query uses it; DROP INDEX and make it again"));
  }
  if (!wrong.empty()) out->push_back({"objects", false, false, Few(wrong, 6, "; ")});
  if (!warn.empty()) out->push_back({"objects", false, true, Few(warn, 6, "; ")});
  if (wrong.empty() && warn.empty() && looked > 0) out->push_back({"objects", true, false, absl::StrCat(looked, looked == 1 ? " constraint or index is" : " constraints and indexes are", " as the plan finds them")});
}

std::string Pattern(const SchemaTarget& t) {
  const std::string name = Quoted(t.labels[0]);
  return t.relationship ? absl::StrCat("MATCH ()-[n:", name, "]->()") : absl::StrCat("MATCH (n:", name, ")");
}

// "n.`a` IS NOT NULL AND n.`b` IS NOT NULL"
std::string EachProperty(const SchemaTarget& t, std::string_view test, std::string_view between) {
  std::vector<std::string> parts;
  for (const std::string& p : t.properties) parts.push_back(absl::StrCat("n.", Quoted(p), " ", test));
  return absl::StrJoin(parts, between);
}

std::string ObjectOf(const SchemaTarget& t) { return absl::StrCat(t.relationship ? "[:" : ":", t.labels[0], t.relationship ? "]" : ""); }

// The labels and types, of those that a constraint is made for, that nothing has yet. The server keeps their numbers and tells all of them
// at once, in the time that planning one query for duplicates takes it.
absl::flat_hash_set<std::string> EmptyOnes(Asker& asker, const Plan& plan, const std::vector<int>& done) {
  absl::flat_hash_set<std::string> objects, out;
  EachUnit(plan, done, /*in_doubt=*/true, [&](const PlanMigration&, const PlanUnit& u, bool) {
    for (const SchemaTarget& t : u.probe.targets) {
      if (t.present && t.constraint && t.labels.size() == 1) objects.insert(ObjectOf(t));
    }
  });
  if (objects.size() < 2 || !asker.database().counts_are_exact()) return out;
  for (const TableSize& size : asker.database().Sizes({objects.begin(), objects.end()})) {
    if (size.rows == 0) out.insert(size.table);
  }
  return out;
}

// Nodes that would make a constraint fail. Nothing is predicted where the plan writes to the label first.
void CheckData(Asker& asker, const Plan& plan, const std::vector<int>& done, std::vector<CheckResult>* out) {
  const absl::flat_hash_set<std::string> empty = EmptyOnes(asker, plan, done);
  absl::flat_hash_set<std::string> written;
  bool anything = false;  // a statement without a label may have written anywhere
  EachUnit(plan, done, /*in_doubt=*/true, [&](const PlanMigration& m, const PlanUnit& u, bool) {
    if (u.probe.kind != ProbeKind::kSchema) {
      for (const PlanStatement& s : u.statements) {
        if (s.locks.empty()) anything = true;
        for (const PlanLock& l : s.locks) written.insert(l.object);
      }
      return;
    }
    for (const SchemaTarget& t : u.probe.targets) {
      if (!t.present || !t.constraint || t.labels.size() != 1 || t.properties.empty() || anything || written.contains(ObjectOf(t))) continue;
      const std::string place = absl::StrCat(m.file, ":", u.statements[0].line), what = absl::StrCat(What(t), " (", place, ")");
      if (empty.contains(ObjectOf(t))) {
        out->push_back({"data", true, false, absl::StrCat(what, ": there is no ", t.relationship ? "relationship" : "node", " ", ObjectOf(t), " yet")});
        continue;
      }
      if (t.kind == "UNIQUENESS" || t.kind == "KEY") {
        std::string keys, list;
        for (size_t i = 0; i < t.properties.size(); ++i) {
          absl::StrAppend(&keys, keys.empty() ? "" : ", ", "n.", Quoted(t.properties[i]), " AS k", i);
          absl::StrAppend(&list, list.empty() ? "" : ", ", "k", i);
        }
        const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(Pattern(t), " WHERE ", EachProperty(t, "IS NOT NULL", " AND "), " WITH ", keys, ", count(*) AS c WHERE c > 1 WITH ", list,
                                                                 ", c ORDER BY c DESC RETURN count(*), sum(c), collect([", list, ", c])[..3]"), 20);
        if (!rows.ok()) {
          out->push_back({"data", false, true, absl::StrCat(what, ": whether there are duplicates could not be asked (", rows.status().message(), ")")});
        } else if (!rows->empty() && (*rows)[0][0] != "0") {
          std::vector<std::string> few;
          const nlohmann::json samples = nlohmann::json::parse((*rows)[0][2], nullptr, false);
          for (const auto& sample : samples.is_array() ? samples : nlohmann::json::array()) {
            std::string shown;
            for (size_t i = 0; i < t.properties.size() && i < sample.size(); ++i) absl::StrAppend(&shown, shown.empty() ? "" : ", ", t.properties[i], " = ", sample[i].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
            few.push_back(absl::StrCat(shown, " (", sample.back().dump(), " times)"));
          }
          out->push_back({"data", false, false, absl::StrCat(what, " would fail: ", (*rows)[0][0], " values of ", absl::StrJoin(t.properties, ", "), " stand on more than one ", t.relationship ? "relationship" : "node", " of ", Shape(t), ", such as ", absl::StrJoin(few, "; "),
                                                             ". Merge or change them first"), m.file, u.statements[0].line});
        } else {
          out->push_back({"data", true, false, absl::StrCat(what, ": no duplicates")});
        }
      }
      std::string missing;
      if (t.kind == "KEY" || t.kind == "EXISTENCE") missing = EachProperty(t, "IS NULL", " OR ");
      else if (t.kind == "TYPE" && !t.type.empty()) missing = absl::StrCat(EachProperty(t, "IS NOT NULL", " AND "), " AND NOT ", EachProperty(t, absl::StrCat("IS :: ", t.type), " AND "));
      if (missing.empty()) continue;
      const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(Pattern(t), " WHERE ", missing, " RETURN count(n)"), 20);
      if (!rows.ok()) out->push_back({"data", false, true, absl::StrCat(what, ": what stands against it could not be asked (", rows.status().message(), ")")});
      else if (!rows->empty() && (*rows)[0][0] != "0") out->push_back({"data", false, false, absl::StrCat(what, " would fail: ", (*rows)[0][0], " of ", Shape(t), t.kind == "TYPE" ? absl::StrCat(" hold something else than ", t.type) : " lack the property", ". Fill them first"), m.file, u.statements[0].line});
    }
  });
}

// Before 5.0 the server runs over HTTP nothing that commits by itself (measured on 4.4.44: "can only be executed in an implicit transaction").
void CheckBatches(Asker& asker, const Plan& plan, const std::vector<int>& done, std::vector<CheckResult>* out) {
  const ServerInfo& server = asker.database().server();
  if (server.major == 0 || server.major >= 500) return;
  EachUnit(plan, done, /*in_doubt=*/false, [&](const PlanMigration& m, const PlanUnit& u, bool) {
    if (u.transaction || u.probe.kind == ProbeKind::kSchema || u.statements.empty()) return;
    out->push_back({"batches", false, false, absl::StrCat("Neo4j ", server.version, " does not run CALL { } IN TRANSACTIONS over HTTP: run this file with cypher-shell, then `pawl repair --mark-applied ", m.version, "`"), m.file, u.statements[0].line});
  });
}

// The server's own opinion of each data statement: what it refuses, and plans that read everything or hold everything back. One of each
// shape is asked for, the longest first: time may run out over thousands, and the short ones have the least in them.
void CheckPlans(Asker& asker, const Plan& plan, const std::vector<int>& done, std::vector<CheckResult>* out) {
  struct Question {
    const PlanMigration* migration;
    const PlanStatement* statement;
    std::string wrong, costly;
  };
  std::vector<Question> questions;
  absl::flat_hash_set<std::string> seen;
  EachUnit(plan, done, /*in_doubt=*/false, [&](const PlanMigration& m, const PlanUnit& u, bool) {
    if (u.probe.kind == ProbeKind::kSchema) return;
    for (const PlanStatement& s : u.statements) {
      if (seen.insert(WithoutLiterals(s.sql)).second) questions.push_back({&m, &s, "", ""});
    }
  });
  if (questions.empty()) return;
  std::vector<Question*> order;
  for (Question& q : questions) order.push_back(&q);
  std::stable_sort(order.begin(), order.end(), [](const Question* a, const Question* b) { return a->statement->sql.size() > b->statement->sql.size(); });
  std::vector<std::string_view> texts;
  for (const Question* q : order) texts.push_back(q->statement->sql);
  const absl::StatusOr<std::vector<Explained>> all = asker.database().Explain(texts, kExplainSeconds);
  if (!all.ok()) {
    if (!absl::IsUnimplemented(all.status())) out->push_back({"explain", false, true, std::string(all.status().message())});
    return;
  }
  size_t explained = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    Question* q = order[i];
    const PlanStatement& s = *q->statement;
    const Explained& e = (*all)[i];
    if (!e.asked) continue;
    ++explained;
    if (e.error) {
      q->wrong = absl::StrCat(q->migration->file, ":", LineOf(s, e.error->position), ": ", e.error->text, " [", e.error->code, "]");
      continue;
    }
    std::vector<std::string> costly;
    for (const Explained::Operator& o : e.operators) {
      if (o.type == "Eager" && !s.locks.empty()) costly.push_back(absl::StrCat("Eager (", o.details.substr(0, 120), "): all rows are held in memory before it goes on"));
      if (o.type == "AllNodesScan") costly.push_back("AllNodesScan: every node of the database is read; name a label");
      if (o.type == "CartesianProduct" && !s.locks.empty()) costly.push_back("CartesianProduct: every row of one pattern with every row of the other");
    }
    std::sort(costly.begin(), costly.end());
    costly.erase(std::unique(costly.begin(), costly.end()), costly.end());
    q->costly = Few(costly, 3, "; ");
  }
  std::vector<std::string> wrong;
  for (const Question& q : questions) {
    if (!q.wrong.empty()) wrong.push_back(q.wrong);
    if (!q.costly.empty()) out->push_back({"explain", false, true, absl::StrCat(q.migration->file, ":", q.statement->line, ": the server plans ", q.costly)});
  }
  if (!wrong.empty()) out->push_back({"explain", false, false, absl::StrCat("the server refuses ", Few(wrong, 4, "; "))});
  else if (explained > 0) out->push_back({"explain", true, false, absl::StrCat("the server accepts ", explained, explained == 1 ? " statement" : " different statements", explained < questions.size() ? absl::StrCat("; ", questions.size() - explained, " shorter ones were not asked for") : "")});
}

}  // namespace

void CheckGraphBefore(Asker& asker, const Plan& plan, const std::vector<int>& done, std::vector<CheckResult>* out) {
  bool schema = false;
  EachUnit(plan, done, /*in_doubt=*/false, [&](const PlanMigration&, const PlanUnit& u, bool) { schema = schema || u.probe.kind == ProbeKind::kSchema; });
  CheckTransactions(asker, schema, out);
  if (plan.migrations.empty()) return;
  CheckObjects(asker, plan, done, out);
  CheckData(asker, plan, done, out);
  CheckBatches(asker, plan, done, out);
  CheckPlans(asker, plan, done, out);
}

void CheckGraphAfter(Asker& asker, const Plan& plan, std::vector<CheckResult>* out) {
  const absl::StatusOr<std::vector<SchemaEntry>> schema = ReadSchema(asker);
  if (!schema.ok()) return;
  // The last word on each name or shape counts.
  std::vector<std::pair<const SchemaTarget*, std::string>> last;
  for (const PlanMigration& m : plan.migrations) {
    for (const PlanUnit& u : m.units) {
      for (const SchemaTarget& t : u.probe.targets) {
        std::erase_if(last, [&](const auto& o) { return o.first->constraint == t.constraint && (t.name.empty() ? o.first->labels == t.labels && o.first->properties == t.properties : o.first->name == t.name); });
        last.emplace_back(&t, absl::StrCat(m.file, ":", u.statements[0].line));
      }
    }
  }
  std::vector<std::string> wrong;
  for (const auto& [t, place] : last) {
    const bool there = std::any_of(schema->begin(), schema->end(), [&](const SchemaEntry& e) {
      if (e.constraint != t->constraint || e.state == "FAILED") return false;
      return t->labels.empty() ? e.name == t->name : SameShape(e, *t) && e.kind == t->kind;
    });
    if (there != t->present && !(t->labels.empty() && t->name.empty())) wrong.push_back(absl::StrCat(What(*t), t->present ? ", which " : ", which ", place, t->present ? " makes, is not there" : " drops, is still there"));
  }
  if (!wrong.empty()) out->push_back({"objects", false, false, Few(wrong, 6, "; ")});
  else if (!last.empty()) out->push_back({"objects", true, false, absl::StrCat(last.size(), last.size() == 1 ? " constraint or index is" : " constraints and indexes are", " as the plan leaves them")});
  std::vector<std::string> unwell;
  for (const SchemaEntry& e : *schema) {
    if (!e.constraint && e.state != "ONLINE") unwell.push_back(absl::StrCat("index ", e.name, " (", e.state, ")"));
  }
  out->push_back({"invalid-objects", unwell.empty(), !unwell.empty(), unwell.empty() ? "none in this database" : absl::StrCat("in this database: ", Few(unwell))});
}

std::vector<std::string> LabelsOf(const Plan& plan) {
  std::vector<std::string> out;
  if (plan.engine != Engine::kNeo4j) return out;
  for (const PlanMigration& m : plan.migrations) {
    for (const PlanUnit& u : m.units) {
      for (const PlanStatement& s : u.statements) {
        for (const PlanLock& l : s.locks) {
          if (l.mode != LockMode::kNone && out.size() < 50 && std::find(out.begin(), out.end(), l.object) == out.end()) out.push_back(l.object);
        }
      }
    }
  }
  return out;
}

}  // namespace pawl
