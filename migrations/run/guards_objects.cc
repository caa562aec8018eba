#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "migrations/run/guards_internal.h"
#include "migrations/run/sql_text.h"

namespace pawl {
namespace {

constexpr size_t kAtOnce = 400;  // objects a query

// The name as PostgreSQL stores it: cut to 63 bytes.
std::string Stored(std::string_view name) {
  std::string q = QuoteIdentifier(name);
  std::string out;
  for (size_t i = 1; i + 1 < q.size(); ++i) {
    out += q[i];
    if (q[i] == '"') ++i;
  }
  return out;
}

std::string Text(std::string_view s) { return QuoteLiteral(s); }

// SQL that gives '-', '+' or '!'.
std::string Question(const ObjectFact& f) {
  const std::string owner = absl::StrCat("to_regclass(", Text(Quoted(f.owner)), ")"), type = absl::StrCat("to_regtype(", Text(Quoted(f.owner)), ")");
  const std::string name = Text(Stored(f.name.name));
  auto there = [](const std::string& condition) { return absl::StrCat("CASE WHEN ", condition, " THEN '+' ELSE '-' END"); };
  switch (f.kind) {
    case ObjectKind::kRelation: {
      const std::string relation = absl::StrCat("to_regclass(", Text(Quoted(f.name)), ")");
      // An index over partitions is valid once all of them have theirs; that is nobody's fault.
      return absl::StrCat("CASE WHEN ", relation, " IS NULL THEN '-' WHEN EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid = ", relation,
                          " AND NOT (i.indisvalid AND i.indisready) AND c.relkind = 'i') THEN '!' ELSE '+' END");
    }
    case ObjectKind::kColumn: return there(absl::StrCat("EXISTS (SELECT FROM pg_attribute WHERE attrelid = ", owner, " AND attname = ", name, " AND attnum > 0 AND NOT attisdropped)"));
    case ObjectKind::kConstraint:
      return absl::StrCat("coalesce((SELECT CASE WHEN convalidated THEN '+' ELSE '!' END FROM pg_constraint WHERE conrelid = ", owner, " AND conname = ", name, "), '-')");
    case ObjectKind::kType: return there(absl::StrCat("to_regtype(", Text(Quoted(f.name)), ") IS NOT NULL"));
    case ObjectKind::kLabel: return there(absl::StrCat("EXISTS (SELECT FROM pg_enum WHERE enumtypid = ", type, " AND enumlabel = ", Text(f.name.name), ")"));
    case ObjectKind::kExtension: return there(absl::StrCat("EXISTS (SELECT FROM pg_extension WHERE extname = ", name, ")"));
    case ObjectKind::kSchema: return there(absl::StrCat("EXISTS (SELECT FROM pg_namespace WHERE nspname = ", name, ")"));
    case ObjectKind::kFunction:
      return there(absl::StrCat("EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = ", name,
                                f.name.schema.empty() ? ")" : absl::StrCat(" AND n.nspname = ", Text(Stored(f.name.schema)), ")")));
    case ObjectKind::kTrigger: return there(absl::StrCat("EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ", owner, " AND tgname = ", name, ")"));
    case ObjectKind::kPolicy: return there(absl::StrCat("EXISTS (SELECT FROM pg_policy WHERE polrelid = ", owner, " AND polname = ", name, ")"));
  }
  return "'?'";
}

}  // namespace

absl::StatusOr<std::vector<Found>> Look(Asker& asker, const std::vector<ObjectFact>& facts) {
  std::vector<Found> out;
  for (size_t at = 0; at < facts.size(); at += kAtOnce) {
    std::string query = "SELECT concat(";
    const size_t end = std::min(facts.size(), at + kAtOnce);
    // A function takes 100 arguments.
    for (size_t i = at; i < end; ++i) absl::StrAppend(&query, i == at ? "" : (i - at) % 50 == 0 ? "), concat(" : ", ", Question(facts[i]));
    absl::StrAppend(&query, ")");
    const absl::StatusOr<Rows> rows = asker.Ask(query, 10);
    if (!rows.ok()) return rows.status();
    if (rows->size() != 1) return absl::InternalError("no answer");
    for (const std::string& part : (*rows)[0]) {
      for (char c : part) out.push_back(static_cast<Found>(c));
    }
  }
  return out;
}

void CheckObjectsBefore(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  if (facts.before.empty()) return;
  const absl::StatusOr<std::vector<Found>> found = Look(asker, facts.before);
  if (!found.ok()) {
    out->push_back({"objects", false, true, absl::StrCat("could not be looked up: ", found.status().message())});
    return;
  }
  std::vector<std::string> wrong;
  for (size_t i = 0; i < facts.before.size(); ++i) {
    const ObjectFact& f = facts.before[i];
    const Found now = (*found)[i];
    if (f.valid && now == Found::kInvalid) {
      wrong.push_back(absl::StrCat(Shown(f), " is there but invalid, left by a build that failed; ", f.place, " would take it for good: DROP INDEX CONCURRENTLY ", Shown(f.name), " first"));
    } else if (f.if_there || f.present == (now != Found::kMissing)) {
      continue;
    } else if (f.present) {
      wrong.push_back(absl::StrCat(Shown(f), ", which ", f.place, " changes, does not exist"));
    } else {
      wrong.push_back(absl::StrCat(Shown(f), ", which ", f.place, " makes, exists already"));
    }
  }
  if (wrong.empty()) {
    out->push_back({"objects", true, false, absl::StrCat("everything that the plan starts from is as it should be (", facts.before.size(), " looked up)")});
    return;
  }
  out->push_back({"objects", false, false,
                  absl::StrCat(Few(wrong, 8, "; "),
                               ". Somebody changed the schema by hand, or a migration ran without being recorded: compare with `pawl status`, then mend the database, or say `pawl repair --mark-applied` for what is there already")});
}

void CheckObjectsAfter(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  if (facts.after.empty()) return;
  const absl::StatusOr<std::vector<Found>> found = Look(asker, facts.after);
  if (!found.ok()) {
    out->push_back({"objects", false, true, absl::StrCat("could not be looked up: ", found.status().message())});
    return;
  }
  std::vector<std::string> wrong;
  for (size_t i = 0; i < facts.after.size(); ++i) {
    const ObjectFact& f = facts.after[i];
    const Found now = (*found)[i];
    if (!f.present && now != Found::kMissing) wrong.push_back(absl::StrCat(Shown(f), ", which ", f.place, " drops, is still there"));
    if (f.present && now == Found::kMissing) wrong.push_back(absl::StrCat(Shown(f), ", which ", f.place, " makes, is not there"));
    if (f.present && f.valid && now == Found::kInvalid) {
      wrong.push_back(absl::StrCat(Shown(f), " of ", f.place, f.is_index ? absl::StrCat(" is invalid, so no query uses it: DROP INDEX CONCURRENTLY ", Shown(f.name), " and build it again")
                                                                          : " is not validated: ALTER TABLE ... VALIDATE CONSTRAINT"));
    }
  }
  if (wrong.empty()) out->push_back({"objects", true, false, absl::StrCat("all ", facts.after.size(), " objects of the plan are as it leaves them")});
  else out->push_back({"objects", false, false, Few(wrong, 8, "; ")});
}

}  // namespace pawl
