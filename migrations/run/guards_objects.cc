#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "migrations/run/guards_internal.h"
#include "migrations/run/sql_text.h"

namespace pawl {
namespace {

constexpr size_t kAtOnce = 4000;  // objects a query

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

// SQL that gives '-', '+' or '!' for a row of `f`. One for all objects of a kind: the server plans it once, not once an object.
std::string Question(ObjectKind kind) {
  auto there = [](std::string_view condition) { return absl::StrCat("CASE WHEN ", condition, " THEN '+' ELSE '-' END"); };
  switch (kind) {
    case ObjectKind::kRelation:
      // An index over partitions is valid once all of them have theirs; that is nobody's fault.
      return "CASE WHEN to_regclass(f.quoted) IS NULL THEN '-' WHEN EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid = to_regclass(f.quoted) "
             "AND NOT (i.indisvalid AND i.indisready) AND c.relkind = 'i') THEN '!' ELSE '+' END";
    case ObjectKind::kColumn: return there("EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(f.owner) AND attname = f.name::name AND attnum > 0 AND NOT attisdropped)");
    case ObjectKind::kConstraint:
      return "coalesce((SELECT CASE WHEN convalidated THEN '+' ELSE '!' END FROM pg_constraint WHERE conrelid = to_regclass(f.owner) AND conname = f.name::name LIMIT 1), '-')";
    case ObjectKind::kType: return there("to_regtype(f.quoted) IS NOT NULL");
    case ObjectKind::kLabel: return there("EXISTS (SELECT FROM pg_enum WHERE enumtypid = to_regtype(f.owner) AND enumlabel = f.name::name)");
    case ObjectKind::kExtension: return there("EXISTS (SELECT FROM pg_extension WHERE extname = f.name::name)");
    case ObjectKind::kSchema: return there("EXISTS (SELECT FROM pg_namespace WHERE nspname = f.name::name)");
    case ObjectKind::kFunction:
      return there("EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = f.name::name AND (f.schema = '' OR n.nspname = f.schema::name))");
    case ObjectKind::kTrigger: return there("EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(f.owner) AND tgname = f.name::name)");
    case ObjectKind::kPolicy: return there("EXISTS (SELECT FROM pg_policy WHERE polrelid = to_regclass(f.owner) AND polname = f.name::name)");
  }
  return "'?'";
}

}  // namespace

absl::StatusOr<std::vector<Found>> Look(Asker& asker, const std::vector<ObjectFact>& facts) {
  std::vector<Found> out;
  for (size_t at = 0; at < facts.size(); at += kAtOnce) {
    const size_t end = std::min(facts.size(), at + kAtOnce);
    std::string rows_of, query = "SELECT string_agg(CASE f.kind";
    std::vector<ObjectKind> kinds;
    for (size_t i = at; i < end; ++i) {
      const ObjectFact& f = facts[i];
      if (std::find(kinds.begin(), kinds.end(), f.kind) == kinds.end()) {
        kinds.push_back(f.kind);
        absl::StrAppend(&query, " WHEN ", static_cast<int>(f.kind), " THEN ", Question(f.kind));
      }
      // A label is a string, everything else a name.
      absl::StrAppend(&rows_of, i == at ? "(" : ", (", i, ", ", static_cast<int>(f.kind), ", ", Text(Quoted(f.name)), ", ", Text(Quoted(f.owner)), ", ", Text(f.kind == ObjectKind::kLabel ? f.name.name : Stored(f.name.name)), ", ",
                      Text(f.name.schema.empty() ? "" : Stored(f.name.schema)), ")");
    }
    absl::StrAppend(&query, " END, '' ORDER BY f.i) FROM (VALUES ", rows_of, ") f(i, kind, quoted, owner, name, schema)");
    const absl::StatusOr<Rows> rows = asker.Ask(query, 10);
    if (!rows.ok()) return rows.status();
    if (rows->size() != 1 || (*rows)[0].size() != 1 || (*rows)[0][0].size() != end - at) return absl::InternalError("no answer");
    for (char c : (*rows)[0][0]) out.push_back(static_cast<Found>(c));
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
