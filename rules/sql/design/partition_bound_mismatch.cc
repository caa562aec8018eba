// partition-bound-mismatch: a partition whose bound the server refuses: of another strategy than its table's, empty, or over
// values that another partition has.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kPartitionBoundMismatch;

namespace {

// More partitions than this are made by a loop or a tool, which does not get them wrong; comparing each with each takes long.
constexpr size_t kMostCompared = 200;

struct Value {
  enum class Kind : uint8_t { kMinimum, kInteger, kTime, kText, kNull, kMaximum } kind = Kind::kText;
  int64_t number = 0;
  std::string text;
};

struct Bound {
  char strategy = 0;            // 'l', 'r', 'h', 'd' default
  std::vector<Value> values;    // of a list
  std::vector<Value> lower, upper;
  int64_t modulus = 0, remainder = 0;
};

bool LooksLikeTime(std::string_view s) {
  return s.size() >= 10 && s[4] == '-' && s[7] == '-' && std::all_of(s.begin(), s.begin() + 4, absl::ascii_isdigit) && absl::ascii_isdigit(s[5]) && absl::ascii_isdigit(s[8]);
}

// Reads a bound as it is written. What is not plain constants is not understood, and then nothing is known of the bound.
class BoundReader {
 public:
  explicit BoundReader(std::string_view text) : text_(text), scanner_(text) {}

  std::optional<Bound> Read() {
    Bound b;
    Next();
    for (int depth = 0; !(depth == 0 && (Is("for") || Is("default"))); Next()) {
      if (t_.kind == sql::TokenKind::kEnd) return std::nullopt;
      if (t_.kind == sql::TokenKind::kOpen) ++depth;
      if (t_.kind == sql::TokenKind::kClose) --depth;
    }
    if (Is("default")) {
      b.strategy = 'd';
      return b;
    }
    Next();
    if (!Is("values")) return std::nullopt;
    Next();
    if (Is("in")) {
      b.strategy = 'l';
      Next();
      return List(&b.values) ? std::optional(b) : std::nullopt;
    }
    if (Is("from")) {
      b.strategy = 'r';
      Next();
      if (!List(&b.lower) || !Is("to")) return std::nullopt;
      Next();
      return List(&b.upper) && b.lower.size() == b.upper.size() ? std::optional(b) : std::nullopt;
    }
    if (!Is("with")) return std::nullopt;
    b.strategy = 'h';
    for (int numbers = 0; numbers < 2; Next()) {
      if (t_.kind == sql::TokenKind::kEnd) return std::nullopt;
      if (t_.kind == sql::TokenKind::kNumber && !absl::SimpleAtoi(scanner_.Text(t_), numbers++ == 0 ? &b.modulus : &b.remainder)) return std::nullopt;
    }
    return b.modulus > 0 ? std::optional(b) : std::nullopt;
  }

 private:
  void Next() { t_ = scanner_.NextCode(); }
  bool Is(std::string_view word) const { return scanner_.Is(t_, word); }

  bool List(std::vector<Value>* out) {
    if (t_.kind != sql::TokenKind::kOpen) return false;
    do {
      Next();
      Value v;
      bool negative = false;
      if (t_.kind == sql::TokenKind::kOperator && scanner_.Text(t_) == "-") {
        negative = true;
        Next();
      }
      if (Is("date") || Is("timestamp") || Is("timestamptz")) Next();
      if (Is("minvalue")) {
        v.kind = Value::Kind::kMinimum;
      } else if (Is("maxvalue")) {
        v.kind = Value::Kind::kMaximum;
      } else if (Is("null")) {
        v.kind = Value::Kind::kNull;
      } else if (t_.kind == sql::TokenKind::kNumber && absl::SimpleAtoi(scanner_.Text(t_), &v.number)) {
        v.kind = Value::Kind::kInteger;
        if (negative) v.number = -v.number;
      } else if (t_.kind == sql::TokenKind::kString && !t_.unterminated && text_[t_.span.begin] == '\'') {
        const std::string_view written = scanner_.Text(t_);
        v.text = std::string(written.substr(1, written.size() - 2));
        v.kind = LooksLikeTime(v.text) ? Value::Kind::kTime : Value::Kind::kText;
        if (v.text.size() == 10 && v.kind == Value::Kind::kTime) v.text += " 00:00:00";
        if (v.text.size() > 10 && v.text[10] == 'T') v.text[10] = ' ';
      } else {
        return false;
      }
      out->push_back(std::move(v));
      Next();
      if (t_.kind == sql::TokenKind::kOperator && scanner_.Text(t_) == "::") {
        while (t_.kind != sql::TokenKind::kComma && t_.kind != sql::TokenKind::kClose && t_.kind != sql::TokenKind::kEnd) Next();
      }
    } while (t_.kind == sql::TokenKind::kComma);
    if (t_.kind != sql::TokenKind::kClose) return false;
    Next();
    return true;
  }

  std::string_view text_;
  sql::Scanner scanner_;
  sql::Token t_;
};

// -1, 0, 1; nullopt: which comes first depends on the column's type or collation.
std::optional<int> Compare(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  if (a.kind == Kind::kMinimum || a.kind == Kind::kMaximum || b.kind == Kind::kMinimum || b.kind == Kind::kMaximum) {
    const auto rank = [](Kind k) { return k == Kind::kMinimum ? 0 : k == Kind::kMaximum ? 2 : 1; };
    return (rank(a.kind) > rank(b.kind)) - (rank(a.kind) < rank(b.kind));
  }
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::kInteger) return (a.number > b.number) - (a.number < b.number);
  if (a.text == b.text) return 0;
  if (a.kind != Kind::kTime || a.text.size() != b.text.size()) return std::nullopt;
  for (size_t i = 0; i < a.text.size(); ++i) {
    if (absl::ascii_isdigit(a.text[i]) != absl::ascii_isdigit(b.text[i]) || (!absl::ascii_isdigit(a.text[i]) && a.text[i] != b.text[i])) return std::nullopt;
  }
  const size_t zone = a.text.find_first_of("+Z", 19);
  if (zone != std::string::npos && a.text.substr(zone) != b.text.substr(zone)) return std::nullopt;
  return a.text < b.text ? -1 : 1;
}

std::optional<int> Compare(const std::vector<Value>& a, const std::vector<Value>& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const std::optional<int> c = Compare(a[i], b[i]);
    if (!c || *c != 0) return c;
    // Behind MINVALUE or MAXVALUE nothing is looked at.
    if (a[i].kind == Value::Kind::kMinimum || a[i].kind == Value::Kind::kMaximum) return 0;
  }
  return 0;
}

// Certainly: where it depends on anything not written here, they do not.
bool Overlap(const Bound& a, const Bound& b) {
  if (a.strategy != b.strategy) return false;
  switch (a.strategy) {
    case 'd': return true;
    case 'l':
      return std::any_of(a.values.begin(), a.values.end(), [&](const Value& v) {
        return std::any_of(b.values.begin(), b.values.end(), [&](const Value& w) { return v.kind == w.kind && v.number == w.number && v.text == w.text; });
      });
    case 'r': {
      const std::optional<int> starts = Compare(a.lower, b.upper), ends = Compare(b.lower, a.upper);
      return starts && ends && *starts < 0 && *ends < 0;
    }
    case 'h': return (a.remainder - b.remainder) % std::gcd(a.modulus, b.modulus) == 0;
    default: return false;
  }
}

std::string_view Strategy(char s) { return s == 'l' ? "list" : s == 'r' ? "range" : "hash"; }

struct Sibling {
  std::string key;
  Bound bound;
  const SourceFile* file = nullptr;
  Span span;
};

// The partitions whose bounds the history has written down: made as partitions, or attached by this script.
std::vector<Sibling> Siblings(const StatementContext& context, const CatalogTable& parent, std::string_view but) {
  std::vector<Sibling> out;
  if (context.catalog.MostChildren(parent.key) > kMostCompared) return out;
  std::vector<const CatalogTable*> all = context.catalog.Descendants(parent.key);
  if (all.size() > kMostCompared) return out;
  for (const CatalogTable* t : all) {
    if (t->partition_of != parent.key || t->key == but || t->origin.file == nullptr || t->origin.span.empty()) continue;
    const std::string_view text = t->origin.file->Slice(t->origin.span);
    sql::Scanner scanner(text);
    bool of = false;
    for (sql::Token token = scanner.NextCode(); token.kind != sql::TokenKind::kEnd && !of; token = scanner.NextCode()) of = scanner.Is(token, "partition") && scanner.Is(scanner.NextCode(), "of");
    if (!of) continue;
    if (std::optional<Bound> bound = BoundReader(text.substr(scanner.position())).Read()) out.push_back({t->key, *std::move(bound), t->origin.file, t->origin.span});
  }
  const auto& facts = context.script.facts;
  for (size_t i = facts.size() > 500 ? facts.size() - 500 : 0; i + 1 < facts.size(); ++i) {
    const sql::Statement& s = *facts[i].statement;
    if (s.kind != sql::StatementKind::kAlterTable || s.conditional) continue;
    const auto& alter = s.As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind != sql::AlterKind::kAttachPartition || context.catalog.Resolve(alter.name) != parent.key) continue;
      const CatalogTable* t = context.catalog.FindTable(c.other);
      if (t == nullptr || t->partition_of != parent.key || t->key == but) continue;
      if (std::optional<Bound> bound = BoundReader(context.Text(s.span)).Read()) out.push_back({t->key, *std::move(bound), context.script.file, s.span});
    }
  }
  return out;
}

// The same statement runs more than once, or not at all, or with other names: a bound says nothing then.
bool MayDiffer(const StatementContext& context) { return context.statement.conditional || context.statement.in_loop || context.statement.guarded; }

void Judge(const StatementContext& context, const sql::Name& parent_name, const sql::Name& name, const sql::PartitionBound& written, Span span) {
  if (IsPlaceholder(name.name) || IsPlaceholder(parent_name.name) || MayDiffer(context)) return;
  const CatalogTable* parent = context.catalog.FindTable(parent_name);
  if (parent == nullptr) return;
  const auto refused = [&](std::string message, std::string_view says, std::string help) {
    FindingBuilder f = context.Report(kPartitionBoundMismatch, span, absl::StrCat("the server refuses ", Quoted(name), " as a partition of ", Quoted(parent_name), ": ", message));
    f.Why(absl::StrCat("the statement fails with `", says, "` and the migration stops here"));
    return f.Help(std::move(help));
  };
  if (parent->partition_strategy == 0) {
    if (!parent->complete || parent->type != sql::ObjectType::kTable) return;
    refused("the table is not partitioned", absl::StrCat("\"", parent_name.name, "\" is not partitioned"), "make the table with PARTITION BY, or let the new one INHERIT from it").Note("it is made here", parent->origin.file, parent->origin.span);
    return;
  }
  const std::optional<Bound> bound = BoundReader(context.Text(span)).Read();
  if (!written.is_default && written.strategy != 0 && written.strategy != parent->partition_strategy) {
    refused(absl::StrCat("the bound is one of a ", Strategy(written.strategy), ", and the table is partitioned by ", Strategy(parent->partition_strategy)),
            absl::StrCat("invalid bound specification for a ", Strategy(parent->partition_strategy), " partition"),
            parent->partition_strategy == 'l'   ? "write FOR VALUES IN (...)"
            : parent->partition_strategy == 'r' ? "write FOR VALUES FROM (...) TO (...)"
                                                : "write FOR VALUES WITH (MODULUS n, REMAINDER m)")
        .Note("it is made here", parent->origin.file, parent->origin.span);
    return;
  }
  if (!bound) return;
  if (bound->strategy == 'r') {
    if (const std::optional<int> c = Compare(bound->lower, bound->upper); c && *c >= 0) {
      refused("its range is empty", absl::StrCat("empty range bound specified for partition \"", name.name, "\""), "FROM is the first value of the partition, TO the first one behind it");
      return;
    }
  }
  if (bound->strategy == 'h' && bound->remainder >= bound->modulus) {
    refused("its remainder is not below its modulus", "remainder for hash partition must be less than modulus", "remainders go from 0 to the modulus less one");
    return;
  }
  for (const Sibling& s : Siblings(context, *parent, context.catalog.Resolve(name))) {
    if (!Overlap(*bound, s.bound)) continue;
    const std::string other = Quoted(s.key);
    const std::string_view plain = std::string_view(s.key).substr(s.key.find('.') + 1);
    if (bound->strategy == 'd') {
      refused(absl::StrCat(other, " is its default partition"), absl::StrCat("partition \"", name.name, "\" conflicts with existing default partition \"", plain, "\""), "a table has one default partition at most")
          .Note("that one is made here", s.file, s.span);
    } else {
      refused(absl::StrCat("its bound overlaps that of ", other), absl::StrCat("partition \"", name.name, "\" would overlap partition \"", plain, "\""),
              bound->strategy == 'r' ? "a range goes up to its TO and leaves it out: the next one starts FROM there" : "each value belongs to one partition")
          .Note("that one is made here", s.file, s.span);
    }
    return;
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kCreateTable) {
    const auto& create = context.statement.As<sql::CreateTable>();
    if (create.partition_of.empty() || create.bound == nullptr) return;
    if (create.if_not_exists && context.catalog.FindTable(create.name) != nullptr) return;  // nothing is made
    Judge(context, create.partition_of, create.name, *create.bound, context.statement.span);
    return;
  }
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kAttachPartition && c.bound != nullptr && alter.type == sql::ObjectType::kTable) Judge(context, alter.name, c.other, *c.bound, context.statement.span);
  }
}

}  // namespace

constinit const Rule kPartitionBoundMismatch = {
    .info = {
        .name = "partition-bound-mismatch",
        .group = RuleGroup::kDesign,
        .severity = Severity::kError,
        .summary = "a partition whose bound overlaps another one's or does not fit how its table is partitioned",
        .page = {
            .what = "A partition is made or attached with a bound of another kind than its table is partitioned by, with an empty range, with values that another partition has "
                    "already, or as a second default partition.",
            .why = "The server refuses the statement. Where the file runs without a transaction, what stands before it stays applied.",
            .instead = "Bounds that follow on each other: a range leaves out its `TO`, so that the next one starts `FROM` the same value.",
            .fix_safety = "",
            .versions = "The same on 12 to 18.",
            .limits = "Bounds are compared where they are constants: integers, dates and timestamps written alike, and equal texts. Partitions that an earlier migration attached "
                      "(rather than made), tables with more than 200 partitions, and statements in an IF or a loop are not compared.",
            .references = "PostgreSQL source, check_new_partition_bound in src/backend/partitioning/partbounds.c (measured on 15 and 18)\n"
                          "PostgreSQL documentation, CREATE TABLE, partition_bound_spec",
            .elsewhere = "",
            .bad = "CREATE TABLE IF NOT EXISTS visits (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n"
                   "CREATE TABLE IF NOT EXISTS visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n"
                   "CREATE TABLE IF NOT EXISTS visits_2026 PARTITION OF visits FOR VALUES FROM ('2025-12-31') TO ('2027-01-01');\n",
            .good = "CREATE TABLE IF NOT EXISTS visits (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n"
                    "CREATE TABLE IF NOT EXISTS visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n"
                    "CREATE TABLE IF NOT EXISTS visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAttachPartition},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
