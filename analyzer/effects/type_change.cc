// What ALTER COLUMN TYPE costs, and what it can lose. Every case of ClassifyTypeChange was measured on PostgreSQL 12.22, 14.24,
// 15.18 and 18.6 (all four agree) by comparing pg_relation_filenode of the table and of an index on the column before and after.
// The rules behind it: ATColumnChangeRequiresRewrite (tablecmds.c), pg_cast's binary-coercible casts, and the length coercions
// that a planner support function drops (varchar_support, numeric_support, temporal ones, varbit_support, interval_support).
#include <charconv>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "analyzer/effects/effects.h"

namespace pawl {
namespace {

constexpr int kNoModifier = -1;

struct ParsedType {
  std::string_view name;  // without schema, modifiers, []
  int modifier[2] = {kNoModifier, kNoModifier};
  bool array = false;

  bool limited() const { return modifier[0] != kNoModifier; }
};

ParsedType Parse(std::string_view text) {
  ParsedType t;
  t.array = absl::ConsumeSuffix(&text, "[]");
  const size_t open = text.find('(');
  if (open != std::string_view::npos) {
    const char* p = text.data() + open + 1;
    const char* end = text.data() + text.size();
    for (int& m : t.modifier) {
      const auto [next, error] = std::from_chars(p, end, m);
      if (error != std::errc() || next == end || *next != ',') break;
      p = next + 1;
    }
    text = text.substr(0, open);
  }
  const size_t dot = text.rfind('.');
  t.name = dot == std::string_view::npos ? text : text.substr(dot + 1);
  if (t.name == "numeric" && t.modifier[0] != kNoModifier && t.modifier[1] == kNoModifier) t.modifier[1] = 0;
  if (t.name == "bit" && !t.limited()) t.modifier[0] = 1;
  return t;
}

bool IsTemporal(std::string_view n) { return n == "timestamp" || n == "timestamptz" || n == "time" || n == "timetz"; }
bool IsUnlimitedText(const ParsedType& t) { return t.name == "text" || (t.name == "varchar" && !t.limited()); }
bool IsText(std::string_view n) { return n == "text" || n == "varchar" || n == "bpchar" || n == "citext" || n == "name"; }
bool IsOidAlias(std::string_view n) { return n == "oid" || absl::StartsWith(n, "reg"); }

// A limit that goes away or grows is free for types whose longest form is `longest` (kNoModifier: none).
TypeChange ByLength(const ParsedType& from, const ParsedType& to, int longest) {
  if (!to.limited() || (longest != kNoModifier && to.modifier[0] >= longest)) return TypeChange::kFree;
  return from.limited() && to.modifier[0] >= from.modifier[0] ? TypeChange::kFree : TypeChange::kRewrite;
}

// The field that an interval's mask of fields ends with: 0 second ... 5 year (INTERVAL_MASK, utils/datetime.h).
int LeastField(int mask) {
  constexpr int kBits[] = {12, 11, 10, 3, 1, 2};  // second, minute, hour, day, month, year
  for (int field = 0; field < 6; ++field) {
    if ((mask & (1 << kBits[field])) != 0) return field;
  }
  return 0;
}

// Source: interval_support, utils/adt/timestamp.c. The fields come first in the modifiers, then the precision.
TypeChange IntervalChange(const ParsedType& from, const ParsedType& to) {
  constexpr int kFullPrecision = 6;
  if (!to.limited()) return TypeChange::kFree;
  const int old_least = from.limited() ? LeastField(from.modifier[0]) : 0, new_least = LeastField(to.modifier[0]);
  const int old_precision = from.modifier[1] == kNoModifier ? kFullPrecision : from.modifier[1];
  const int new_precision = to.modifier[1] == kNoModifier ? kFullPrecision : to.modifier[1];
  const bool free = new_least <= old_least && (old_least > 0 || new_precision >= kFullPrecision || new_precision >= old_precision);
  return free ? TypeChange::kFree : TypeChange::kRewrite;
}

TypeChange SameName(const ParsedType& from, const ParsedType& to) {
  if (from.modifier[0] == to.modifier[0] && from.modifier[1] == to.modifier[1]) return TypeChange::kFree;
  if (from.name == "interval") return IntervalChange(from, to);
  if (from.name == "varchar" || from.name == "varbit") return ByLength(from, to, kNoModifier);
  if (IsTemporal(from.name)) return ByLength(from, to, 6);
  if (!to.limited()) {
    const bool free = from.name == "numeric" || from.name == "bpchar";
    return free ? TypeChange::kFree : TypeChange::kRewrite;
  }
  if (from.name == "numeric") {
    const bool free = from.limited() && to.modifier[1] == from.modifier[1] && to.modifier[0] >= from.modifier[0];
    return free ? TypeChange::kFree : TypeChange::kRewrite;
  }
  return TypeChange::kRewrite;
}

// Decimal digits left of the point that the type needs; 0: not a number of fixed size.
int IntegerDigits(const ParsedType& t) {
  if (t.name == "int2") return 5;
  if (t.name == "int4") return 10;
  if (t.name == "int8") return 19;
  if (t.name == "numeric" && t.limited()) return t.modifier[0] - t.modifier[1];
  return 0;
}

bool IsInteger(std::string_view n) { return n == "int2" || n == "int4" || n == "int8"; }
bool IsFloat(std::string_view n) { return n == "float4" || n == "float8"; }

// The longest text of a value; 0: not known.
int TextLength(const ParsedType& t) {
  if (IsInteger(t.name)) return IntegerDigits(t) + 1;
  if (t.name == "uuid") return 36;
  if (t.name == "bool") return 5;
  if (t.name == "date") return 13;
  if ((t.name == "varchar" || t.name == "bpchar") && t.limited()) return t.modifier[0];
  if (t.name == "numeric" && t.limited()) return t.modifier[0] + 2;
  return 0;
}

bool NarrowsNumber(const ParsedType& from, const ParsedType& to) {
  if (IsInteger(to.name)) return !IsInteger(from.name) || IntegerDigits(to) < IntegerDigits(from);
  if (to.name == "float4") return from.name != "float4" && from.name != "int2";
  if (to.name == "float8") return from.name == "int8" || from.name == "numeric";
  if (to.name != "numeric" || !to.limited()) return false;
  if (from.name == "numeric" && from.limited()) return to.modifier[1] < from.modifier[1] || IntegerDigits(to) < IntegerDigits(from);
  return !IsInteger(from.name) || IntegerDigits(to) < IntegerDigits(from);
}

bool NarrowsText(const ParsedType& from, const ParsedType& to) {
  if (!to.limited()) return to.name == "name";
  const int length = TextLength(from);
  if (IsText(from.name)) return length == 0 || length > to.modifier[0];
  return length > to.modifier[0];
}

}  // namespace

TypeChange ClassifyTypeChange(std::string_view from_text, std::string_view to_text, int server_version) {
  (void)server_version;  // 12 to 18 agree
  if (from_text.empty() || to_text.empty()) return TypeChange::kUnknown;
  if (from_text == to_text) return TypeChange::kFree;
  const ParsedType from = Parse(from_text), to = Parse(to_text);
  if (from.array || to.array) {
    // Arrays are rewritten even where their elements would not be.
    const bool same = from.array && to.array && from.name == to.name && from.modifier[0] == to.modifier[0] && from.modifier[1] == to.modifier[1];
    // A limit that goes away leaves nothing to do for each element (measured 12-18).
    const bool unlimited = from.array && to.array && from.name == to.name && !to.limited() && SameName(from, to) == TypeChange::kFree;
    return same || unlimited ? TypeChange::kFree : TypeChange::kRewrite;
  }
  if (from.name == to.name) return SameName(from, to);
  const bool from_varlena = from.name == "text" || from.name == "varchar";
  if (IsUnlimitedText(to)) {
    if (from_varlena || from.name == "xml") return TypeChange::kFree;
    if (from.name == "citext") return TypeChange::kIndexRebuild;
  }
  if (to.name == "citext" && from_varlena) return TypeChange::kIndexRebuild;
  if (from.name == "cidr" && to.name == "inet") return TypeChange::kFree;
  if (IsOidAlias(from.name) && (to.name == "oid" || from.name == "oid") && IsOidAlias(to.name)) return TypeChange::kFree;
  if ((from.name == "int4" && IsOidAlias(to.name)) || (IsOidAlias(from.name) && to.name == "int4")) return TypeChange::kIndexRebuild;
  if (from.name == "bit" && to.name == "varbit" && !to.limited()) return TypeChange::kIndexRebuild;
  // timestamp <-> timestamptz (12+) only rebuilds indexes where the session's time zone is UTC, which no migration file tells.
  return TypeChange::kRewrite;
}

bool IsNarrowing(std::string_view from_text, std::string_view to_text) {
  if (from_text.empty() || to_text.empty() || from_text == to_text) return false;
  const ParsedType from = Parse(from_text), to = Parse(to_text);
  if (from.array != to.array) return from.array && !IsText(to.name);
  const auto is_number = [](std::string_view n) { return IsInteger(n) || IsFloat(n) || n == "numeric"; };
  if (is_number(from.name) && is_number(to.name)) return NarrowsNumber(from, to);
  if (is_number(from.name) && to.name == "bool") return true;
  if (IsText(to.name)) return NarrowsText(from, to);
  if (IsText(from.name)) return true;  // text that does not parse fails
  if (from.name == to.name) {
    if (!to.limited()) return false;
    if (IsTemporal(from.name)) return to.modifier[0] < (from.limited() ? from.modifier[0] : 6);
    if (from.name == "varbit") return !from.limited() || to.modifier[0] < from.modifier[0];
    if (from.name == "bit") return to.modifier[0] != from.modifier[0];
    return from.name == "interval";
  }
  const bool from_timestamp = from.name == "timestamp" || from.name == "timestamptz";
  if (from_timestamp && (to.name == "date" || to.name == "time" || to.name == "timetz")) return true;
  if (from_timestamp && (to.name == "timestamp" || to.name == "timestamptz")) {
    return to.limited() && to.modifier[0] < (from.limited() ? from.modifier[0] : 6);
  }
  return (from.name == "timetz" && to.name == "time") || (from.name == "inet" && to.name == "cidr") || (from.name == "varbit" && to.name == "bit");
}

}  // namespace pawl
