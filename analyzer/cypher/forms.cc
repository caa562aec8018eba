#include "analyzer/cypher/forms.h"

#include <array>
#include <string_view>

namespace pawl::cypher {
namespace {

constexpr Standing kYes = Standing::kAccepted, kOld = Standing::kDeprecated, kGone = Standing::kRemoved, kNew = Standing::kNotYet;

struct Row {
  Form form;
  FormInfo info;
};

// Form; what; instead; since; removed; standing in 4.4, 5, 25; whether the parser passes it in 4.4, 5, 25.
constexpr Row kRows[] = {
    {Form::kOldParameter, {"the parameter `{name}`", "`$name`", "", "4.0", {kGone, kGone, kGone}, {true, false, false}}},
    {Form::kCreateUnique, {"`CREATE UNIQUE`", "`MERGE`", "", "4.0", {kGone, kGone, kGone}, {false, false, false}}},
    {Form::kStart, {"`START`", "`MATCH`, or a procedure for old indexes", "", "4.0", {kGone, kGone, kGone}, {false, false, false}}},
    {Form::kFilterFunction, {"`filter(x IN list WHERE ...)`", "`[x IN list WHERE ...]`", "", "4.0", {kGone, kGone, kGone}, {true, false, false}}},
    {Form::kExtractFunction, {"`extract(x IN list | ...)`", "`[x IN list | ...]`", "", "4.0", {kGone, kGone, kGone}, {true, false, false}}},
    {Form::kConstraintOn, {"`CREATE CONSTRAINT ON ... ASSERT`", "`CREATE CONSTRAINT FOR ... REQUIRE`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kDropConstraintOn, {"`DROP CONSTRAINT ON ... ASSERT`", "`DROP CONSTRAINT name IF EXISTS`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kIndexOn, {"`CREATE INDEX ON :Label(property)`", "`CREATE INDEX name FOR (n:Label) ON (n.property)`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kDropIndexOn, {"`DROP INDEX ON :Label(property)`", "`DROP INDEX name IF EXISTS`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kBtreeIndex, {"a `BTREE` index", "`RANGE`, or `TEXT` and `POINT` where queries need them", "", "5.0", {kYes, kGone, kGone}, {true, false, false}}},
    {Form::kPeriodicCommit, {"`USING PERIODIC COMMIT`", "`CALL { ... } IN TRANSACTIONS`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kExistsFunction, {"`exists(n.property)`", "`n.property IS NOT NULL`", "", "5.0", {kOld, kGone, kGone}, {true, true, true}}},
    {Form::kExistenceByExists, {"`exists(n.property)` in a constraint", "`n.property IS NOT NULL`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kSizeOfPattern, {"`size()` of a pattern", "`COUNT { pattern }`", "", "5.0", {kOld, kGone, kGone}, {true, true, true}}},
    {Form::kHexUpper, {"a hexadecimal number with `0X`", "`0x`", "", "Cypher 25", {kOld, kOld, kGone}, {true, true, false}}},
    {Form::kOctalWithoutO, {"an octal number without `o`", "`0o`", "", "Cypher 25", {kOld, kOld, kGone}, {true, true, false}}},
    {Form::kColonTypeProperties, {"`|:` with properties, a variable or a length", "`|`", "", "5.0", {kOld, kGone, kGone}, {true, true, true}}},
    {Form::kShowBriefVerbose, {"`BRIEF` and `VERBOSE` output", "`YIELD *` for all columns", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kUsingBtree, {"`USING BTREE INDEX`", "`USING RANGE INDEX`", "", "5.0", {kYes, kGone, kGone}, {true, false, false}}},
    {Form::kColonTypeAlternatives, {"`|:` between relationship types", "`|`", "", "", {kOld, kOld, kOld}, {true, true, true}}},
    {Form::kSetEntity, {"`SET a = b` with a node or relationship `b`", "`SET a = properties(b)`", "", "Cypher 25", {kYes, kOld, kGone}, {true, true, true}}},
    {Form::kUnicodeEscapeName, {"`$` in a name without backticks", "put it in backticks", "", "Cypher 25", {kYes, kOld, kGone}, {true, true, false}}},
    {Form::kRangeFrom, {"a form that Cypher 25 removed", "", "", "Cypher 25", {kYes, kOld, kGone}, {true, true, false}}},
    {Form::kImportingWith, {"`CALL { WITH x ... }`", "`CALL (x) { ... }`", "", "", {kYes, kOld, kOld}, {true, true, true}}},
    {Form::kCallWithoutScope, {"`CALL { ... }` without a scope clause", "`CALL () { ... }`", "", "", {kYes, kOld, kOld}, {true, true, true}}},
    {Form::kLabelExpression, {"label expressions", "", "5.0", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kQuantifiedPath, {"quantified path patterns", "", "5.9", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kInlineWhere, {"`WHERE` inside a relationship pattern", "", "5.0", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kCountSubquery, {"`COUNT { }`", "", "5.0", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kCollectSubquery, {"`COLLECT { }`", "", "5.6", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kExistsQuery, {"whole queries in `EXISTS { }`", "", "5.0", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kPathSelector, {"path selectors such as `ANY SHORTEST`", "", "5.21", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kTypePredicate, {"type predicates (`IS ::`)", "", "5.9", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kNormalizedPredicate, {"`IS NORMALIZED`", "", "5.17", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kDynamicName, {"dynamic labels, types and property keys", "", "5.24", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kScopeClause, {"`CALL (x) { }`", "", "5.23", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kOptionalCall, {"`OPTIONAL CALL`", "", "5.24", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kConcurrentTransactions, {"`IN CONCURRENT TRANSACTIONS`", "", "5.21", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kOnError, {"`ON ERROR` and `REPORT STATUS`", "", "5.7", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kFinish, {"`FINISH`", "", "5.19", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kInsert, {"`INSERT`", "", "5.18", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kNoDetach, {"`NODETACH DELETE`", "", "5.14", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kPropertyTypeConstraint, {"property type constraints", "", "5.9", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kRelationshipKey, {"relationship key and uniqueness constraints", "", "5.7", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kVectorIndex, {"vector indexes", "", "5.13", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kConcatenation, {"`||`", "", "5.19", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kOffset, {"`OFFSET`", "", "5.24", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kStandaloneOrderBy, {"`ORDER BY`, `SKIP` and `LIMIT` as clauses of their own", "", "5.24", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kMatchMode, {"match modes", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, true, true}}},
    {Form::kLet, {"`LET`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kFilter, {"`FILTER`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kWhen, {"`WHEN ... THEN`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kNext, {"`NEXT`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kQueryBraces, {"braces around a query", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kOnErrorRetry, {"`ON ERROR RETRY`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kVectorType, {"the type `VECTOR`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kVectorWith, {"several labels or further properties in a vector index", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kSearch, {"`SEARCH`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kGraphType, {"graph types", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kColonLabelAlternatives, {"`|:` between labels", "`|`", "", "", {kGone, kGone, kGone}, {false, true, true}}},
    {Form::kIsLabel, {"`IS` before a label", "", "5.0", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kNotEqualsOfC, {"`!=`", "`<>`", "", "", {kGone, kGone, kGone}, {true, true, true}}},
    {Form::kShowComposed, {"`SHOW` beside other clauses", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kShowBtree, {"`SHOW BTREE INDEXES`", "`SHOW RANGE INDEXES`", "", "5.0", {kYes, kGone, kGone}, {true, false, false}}},
    {Form::kShowExists, {"`SHOW EXISTS CONSTRAINTS`", "`SHOW EXISTENCE CONSTRAINTS`", "", "5.0", {kOld, kGone, kGone}, {true, false, false}}},
    {Form::kUseNotFirst, {"`USE` behind other clauses", "`USE` before the first clause", "", "", {kGone, kGone, kGone}, {true, true, true}}},
    {Form::kDefaultLanguage, {"`DEFAULT LANGUAGE`", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kOther25, {"this form", "", "Cypher 25", "", {kNew, kNew, kYes}, {false, false, true}}},
    {Form::kWhenList, {"several values or a comparison behind `WHEN`", "", "5.18", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kTrimFrom, {"`trim(... FROM ...)`", "", "5.20", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kUnionDistinct, {"`UNION DISTINCT`", "", "5.18", "", {kNew, kYes, kYes}, {false, true, true}}},
    {Form::kOther5, {"this form", "", "5.0", "", {kNew, kYes, kYes}, {false, true, true}}},
};

constexpr auto kInfos = [] {
  std::array<FormInfo, static_cast<size_t>(Form::kCount)> infos{};
  for (const Row& row : kRows) infos[static_cast<size_t>(row.form)] = row.info;
  return infos;
}();
static_assert([] {
  for (const FormInfo& info : kInfos) {
    if (info.what.empty()) return false;
  }
  return true;
}(), "every form has a row");

}  // namespace

const FormInfo& Info(Form f) { return kInfos[static_cast<size_t>(f)]; }

std::string_view ToString(Version v) {
  switch (v) {
    case Version::k44: return "Neo4j 4.4";
    case Version::k5: return "Cypher 5";
    case Version::k25: return "Cypher 25";
  }
  return {};
}

}  // namespace pawl::cypher
