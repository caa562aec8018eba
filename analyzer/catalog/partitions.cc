#include "analyzer/catalog/partitions.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace pawl {
namespace {

using Kind = PartitionValue::Kind;

template <typename T>
ValueOrder OrderOf(const T& a, const T& b) {
  return a < b ? ValueOrder::kLess : b < a ? ValueOrder::kGreater : ValueOrder::kEqual;
}

bool IsInteger(std::string_view type) { return type == "int2" || type == "int4" || type == "int8"; }
bool IsNumber(std::string_view type) { return type == "numeric" || type == "float4" || type == "float8"; }
bool IsText(std::string_view type) { return type == "text" || type == "varchar"; }

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, as the server counts (date2j, datetime.c).
int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400, year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct Moment {
  int64_t microseconds = 0;  // since 1970-01-01, in its own zone if it names one, else in the session's
  bool zoned = false;        // then in UTC
};

// Takes a number of `least` to `most` digits off the front.
std::optional<int64_t> TakeDigits(std::string_view* s, size_t least, size_t most) {
  size_t n = 0;
  int64_t value = 0;
  while (n < s->size() && n < most && absl::ascii_isdigit(static_cast<unsigned char>((*s)[n]))) value = value * 10 + ((*s)[n++] - '0');
  if (n < least) return std::nullopt;
  s->remove_prefix(n);
  return value;
}

bool Take(std::string_view* s, char c) {
  if (s->empty() || s->front() != c) return false;
  s->remove_prefix(1);
  return true;
}

// "2024-01-31", "2024-01-31 12:30", "2024-01-31T12:30:00.5+02", "... Z": what nearly all bounds are written in. Others are not read:
// they depend on DateStyle, or are rare.
std::optional<Moment> ReadMoment(std::string_view s) {
  constexpr int64_t kSecond = 1000000;
  s = absl::StripAsciiWhitespace(s);
  const auto year = TakeDigits(&s, 4, 4);
  if (!year || !Take(&s, '-')) return std::nullopt;
  const auto month = TakeDigits(&s, 1, 2);
  if (!month || *month < 1 || *month > 12 || !Take(&s, '-')) return std::nullopt;
  const auto day = TakeDigits(&s, 1, 2);
  if (!day || *day < 1 || *day > 31) return std::nullopt;
  Moment m;
  m.microseconds = DaysOf(*year, *month, *day) * 86400 * kSecond;
  if (!s.empty() && (s.front() == ' ' || s.front() == 'T')) {
    s.remove_prefix(1);
    const auto hour = TakeDigits(&s, 1, 2);
    if (!hour || *hour > 24 || !Take(&s, ':')) return std::nullopt;
    const auto minute = TakeDigits(&s, 2, 2);
    if (!minute || *minute > 59) return std::nullopt;
    m.microseconds += (*hour * 3600 + *minute * 60) * kSecond;
    if (Take(&s, ':')) {
      const auto second = TakeDigits(&s, 2, 2);
      if (!second || *second > 60) return std::nullopt;
      m.microseconds += *second * kSecond;
      if (Take(&s, '.')) {
        const size_t before = s.size();
        auto fraction = TakeDigits(&s, 1, 6);
        if (!fraction) return std::nullopt;
        for (size_t n = before - s.size(); n < 6; ++n) *fraction *= 10;
        m.microseconds += *fraction;
      }
    }
  }
  s = absl::StripLeadingAsciiWhitespace(s);
  if (s.empty()) return m;
  m.zoned = true;
  if (s == "Z" || s == "z" || absl::EqualsIgnoreCase(s, "UTC") || absl::EqualsIgnoreCase(s, "GMT")) return m;
  const bool east = s.front() == '+';
  if (!east && s.front() != '-') return std::nullopt;
  s.remove_prefix(1);
  const auto hours = TakeDigits(&s, 2, 2);
  if (!hours) return std::nullopt;
  int64_t offset = *hours * 3600;
  if (!s.empty()) {
    Take(&s, ':');
    const auto minutes = TakeDigits(&s, 2, 2);
    if (!minutes || !s.empty()) return std::nullopt;
    offset += *minutes * 60;
  }
  m.microseconds -= (east ? offset : -offset) * kSecond;
  return m;
}

// What a session's time zone may make of a moment without one: no zone is farther from UTC (pg_timezone_names, local mean times included).
constexpr int64_t kMostOffset = int64_t{16} * 3600 * 1000000;

ValueOrder CompareMoments(std::string_view a, std::string_view b, std::string_view type) {
  const auto x = ReadMoment(a), y = ReadMoment(b);
  if (!x || !y) return ValueOrder::kUnknown;
  if (type == "timestamptz") {
    if (x->zoned == y->zoned) return OrderOf(x->microseconds, y->microseconds);
    if (std::abs(x->microseconds - y->microseconds) <= kMostOffset) return ValueOrder::kUnknown;
    return OrderOf(x->microseconds, y->microseconds);
  }
  if (x->zoned || y->zoned) return ValueOrder::kUnknown;
  if (type != "date") return OrderOf(x->microseconds, y->microseconds);
  constexpr int64_t kDay = int64_t{86400} * 1000000;
  const auto days = [](int64_t t) { return t >= 0 ? t / kDay : -((-t + kDay - 1) / kDay); };
  return OrderOf(days(x->microseconds), days(y->microseconds));
}

std::optional<bool> ReadBool(std::string_view s) {
  for (std::string_view word : {"true", "t", "yes", "y", "on", "1"}) {
    if (absl::EqualsIgnoreCase(s, word)) return true;
  }
  for (std::string_view word : {"false", "f", "no", "n", "off", "0"}) {
    if (absl::EqualsIgnoreCase(s, word)) return false;
  }
  return std::nullopt;
}

// Whether a constant that is written so is a constant of the type when the server plans: not one of another type, with which the
// column is compared by way of a function or a cast.
bool IsOf(const PartitionValue& v, std::string_view type) {
  if (!v.type.empty()) {
    const std::string_view cast = std::string_view(v.type).substr(0, v.type.find('('));
    return cast == type || (IsInteger(cast) && IsInteger(type)) || (IsText(cast) && IsText(type));
  }
  switch (v.constant) {
    case sql::ConstantKind::kInteger: return IsInteger(type) || IsNumber(type);
    case sql::ConstantKind::kFloat: return IsInteger(type) || type == "numeric";  // an integer beyond int4 is written so, too
    case sql::ConstantKind::kBoolean: return type == "bool";
    case sql::ConstantKind::kString: return true;  // read by the type's input function
    default: return false;
  }
}

}  // namespace

PartitionValue ReadPartitionValue(const sql::Expr* e) {
  PartitionValue v;
  if (e == nullptr) return v;
  if (e->kind == sql::ExprKind::kCast && e->type != nullptr && e->arguments.size() == 1) {
    const sql::Expr* inner = e->arguments[0];
    if (e->type->array || inner->kind != sql::ExprKind::kConstant) return v;
    v = ReadPartitionValue(inner);
    v.type = sql::ToString(*e->type);
    return v;
  }
  if (e->kind == sql::ExprKind::kColumn && e->schema.empty()) {
    if (e->text == "minvalue") v.kind = Kind::kMinimum;
    if (e->text == "maxvalue") v.kind = Kind::kMaximum;
    return v;
  }
  if (e->kind != sql::ExprKind::kConstant || e->constant == sql::ConstantKind::kBits) return v;
  v.kind = e->constant == sql::ConstantKind::kNull ? Kind::kNull : Kind::kConstant;
  v.constant = e->constant;
  v.text = e->text;
  return v;
}

std::shared_ptr<const CatalogBound> ReadPartitionBound(const sql::PartitionBound* bound) {
  if (bound == nullptr || bound->is_default || (bound->strategy != 'l' && bound->strategy != 'r')) return nullptr;
  auto out = std::make_shared<CatalogBound>();
  const auto read = [](List<const sql::Expr*> from, std::vector<PartitionValue>* to) {
    to->reserve(from.size());
    for (const sql::Expr* e : from) to->push_back(ReadPartitionValue(e));
  };
  read(bound->list, &out->list);
  read(bound->lower, &out->lower);
  read(bound->upper, &out->upper);
  return out;
}

ValueOrder CompareValues(const PartitionValue& a, const PartitionValue& b, std::string_view type) {
  const auto is_end = [](const PartitionValue& v) { return v.kind == Kind::kMinimum || v.kind == Kind::kMaximum; };
  if (a.kind == Kind::kUnknown || b.kind == Kind::kUnknown) return ValueOrder::kUnknown;
  if (a.kind == Kind::kNull || b.kind == Kind::kNull) return a.kind == b.kind ? ValueOrder::kEqual : ValueOrder::kDifferent;
  if (is_end(a) || is_end(b)) return OrderOf(a.kind, b.kind);
  type = type.substr(0, type.find('('));
  if (!IsOf(a, type) || !IsOf(b, type)) return ValueOrder::kUnknown;
  if (IsInteger(type)) {
    int64_t x = 0, y = 0;
    return absl::SimpleAtoi(a.text, &x) && absl::SimpleAtoi(b.text, &y) ? OrderOf(x, y) : ValueOrder::kUnknown;
  }
  if (IsNumber(type)) {
    double x = 0, y = 0;
    return absl::SimpleAtod(a.text, &x) && absl::SimpleAtod(b.text, &y) && x == x && y == y ? OrderOf(x, y) : ValueOrder::kUnknown;
  }
  if (type == "date" || type == "timestamp" || type == "timestamptz") return CompareMoments(a.text, b.text, type);
  if (type == "bool") {
    const auto x = ReadBool(a.text), y = ReadBool(b.text);
    return x && y ? OrderOf(*x, *y) : ValueOrder::kUnknown;
  }
  if (type == "uuid") {
    const std::string x = absl::AsciiStrToLower(a.text), y = absl::AsciiStrToLower(b.text);
    return x.size() == 36 && y.size() == 36 ? OrderOf(x, y) : x == y ? ValueOrder::kEqual : ValueOrder::kUnknown;
  }
  if (a.text == b.text) return ValueOrder::kEqual;
  return IsText(type) || type == "enum" ? ValueOrder::kDifferent : ValueOrder::kUnknown;
}

}  // namespace pawl
