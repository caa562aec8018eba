#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/schema/schema.h"
#include "analyzer/sql/scanner.h"
#include "analyzer/sql/script.h"

namespace pawl {
namespace {

using Json = SchemaJson;

std::string_view SchemaOf(std::string_view key) { return key.substr(0, key.find('.')); }
std::string_view NameOf(std::string_view key) {
  const size_t dot = key.find('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

template <typename Map>
std::vector<std::string_view> SortedKeys(const Map& map) {
  std::vector<std::string_view> keys;
  for (const auto& [k, v] : map) keys.push_back(k);
  std::sort(keys.begin(), keys.end(), [](std::string_view a, std::string_view b) {
    return std::pair(SchemaOf(a), NameOf(a)) < std::pair(SchemaOf(b), NameOf(b));
  });
  return keys;
}

std::string_view Action(char c) {
  return c == 'r' ? "restrict" : c == 'c' ? "cascade" : c == 'n' ? "set null" : c == 'd' ? "set default" : "no action";
}

Json Names(const std::vector<std::string>& names) {
  Json j = Json::array();
  for (const std::string& n : names) j.push_back(n);
  return j;
}

Json TextOrNull(std::string_view text) { return text.empty() ? Json() : Json(text); }

class Describer {
 public:
  explicit Describer(const Catalog& catalog) : catalog_(catalog) {}

  Json Describe() {
    Json j;
    j["source"] = "history";
    std::vector<std::string> schemas = {"public"};
    for (const auto& [name, origin] : catalog_.schemas()) schemas.push_back(name);
    std::sort(schemas.begin(), schemas.end());
    schemas.erase(std::unique(schemas.begin(), schemas.end()), schemas.end());
    j["schemas"] = Json::array();
    for (const std::string& s : schemas) j["schemas"].push_back({{"name", s}});
    j["extensions"] = Json::array();
    for (std::string_view e : SortedKeys(catalog_.extensions())) {
      if (e != "plpgsql") j["extensions"].push_back({{"name", e}});
    }
    j["types"] = Json::array();
    for (std::string_view key : SortedKeys(catalog_.types())) j["types"].push_back(Type(key, catalog_.types().find(key)->second));
    j["sequences"] = Json::array();
    for (std::string_view key : SortedKeys(catalog_.sequences())) {
      if (SchemaOf(key) == "pg_temp") continue;
      j["sequences"].push_back({{"schema", SchemaOf(key)}, {"name", NameOf(key)}, {"owned_by", TextOrNull(catalog_.SequenceOwner(key))}});
    }
    Json tables = Json::array(), views = Json::array();
    for (std::string_view key : SortedKeys(catalog_.tables())) {
      const CatalogTable& t = catalog_.tables().find(key)->second;
      if (t.temporary || HasPlaceholder(SchemaOf(key)) || HasPlaceholder(NameOf(key)) || SchemaOf(key) == "x") continue;
      const bool view = t.type == sql::ObjectType::kView || t.type == sql::ObjectType::kMaterializedView;
      (view ? views : tables).push_back(Relation(t, view));
    }
    j["tables"] = std::move(tables);
    j["views"] = std::move(views);
    j["functions"] = Json::array();
    for (std::string_view key : SortedKeys(catalog_.functions())) {
      if (SchemaOf(key) == "pg_temp") continue;
      const CatalogFunction& f = catalog_.functions().find(key)->second;
      Json o = {{"schema", SchemaOf(key)}, {"name", NameOf(key)}, {"kind", f.procedure ? "procedure" : "function"}};
      if (!f.language.empty()) o["language"] = f.language;
      o["volatility"] = f.volatility == 'i' ? "immutable" : f.volatility == 's' ? "stable" : "volatile";
      o["security_definer"] = f.security_definer;
      j["functions"].push_back(std::move(o));
    }
    return j;
  }

 private:
  // "x_" is what the parser reads for the unknown part of a name that dynamic SQL puts together: there is no such table.
  static bool HasPlaceholder(std::string_view name) {
    const size_t size = name.size();
    while (name.ends_with('_')) name.remove_suffix(1);
    return name.size() < size && name.ends_with('x') && (name.size() == 1 || name[name.size() - 2] == '_');
  }

  // With the schema of a type of this history, as a server shows it to a session without a search_path.
  std::string TypeName(std::string_view canonical) const {
    std::string_view base = canonical, brackets;
    if (absl::ConsumeSuffix(&base, "[]")) brackets = "[]";
    if (base.find('.') == std::string_view::npos && base.find('(') == std::string_view::npos) {
      if (const CatalogType* t = catalog_.FindType({{}, base, {}})) {
        return absl::StrCat(QuoteName(SchemaOf(t->key)), ".", QuoteName(NameOf(t->key)), brackets);
      }
    }
    return ServerTypeName(canonical);
  }

  Json Type(std::string_view key, const CatalogType& t) const {
    Json o = {{"schema", SchemaOf(key)}, {"name", NameOf(key)}};
    switch (t.kind) {
      case 'e':
        o["kind"] = "enum";
        if (t.values_known) o["values"] = Names(t.values);
        break;
      case 'd':
        o["kind"] = "domain";
        if (!t.base.empty()) o["type"] = TypeName(t.base);
        break;
      case 'c': o["kind"] = "composite"; break;
      case 'r': o["kind"] = "range"; break;
      default: o["kind"] = "base"; break;
    }
    return o;
  }

  Json Column(const CatalogColumn& c) const {
    Json o = {{"name", c.name}};
    if (!c.type.empty()) o["type"] = TypeName(c.type);
    o["not_null"] = c.not_null;
    // By the sequence rather than by the text: the sequence may have another name since.
    if (c.has_default && !c.sequence.empty() && !c.identity) {
      o["default"] = absl::StrCat("nextval('", QuoteName(SchemaOf(c.sequence)), ".", QuoteName(NameOf(c.sequence)), "'::regclass)");
    } else if (!c.default_text.empty()) {
      o["default"] = c.default_text;
    } else if (!c.has_default && !c.generated) {
      o["default"] = nullptr;
    }
    if (!c.identity) {
      o["identity"] = nullptr;
    } else if (c.identity_kind != 0) {
      o["identity"] = c.identity_kind == 'a' ? "always" : "by default";
    }
    o["generated"] = !c.generated ? Json() : Json(c.virtual_ ? "virtual" : "stored");
    o["collation"] = TextOrNull(c.collation);
    return o;
  }

  Json Constraint(const CatalogConstraint& k) const {
    Json o = {{"name", k.name}};
    switch (k.kind) {
      case sql::ConstraintKind::kPrimaryKey: o["kind"] = "primary key"; break;
      case sql::ConstraintKind::kUnique: o["kind"] = "unique"; break;
      case sql::ConstraintKind::kExclusion: o["kind"] = "exclusion"; break;
      case sql::ConstraintKind::kForeignKey: o["kind"] = "foreign key"; break;
      case sql::ConstraintKind::kNotNull: o["kind"] = "not null"; break;
      default: o["kind"] = "check"; break;
    }
    if (k.kind == sql::ConstraintKind::kCheck) {
      if (!k.check.empty()) o["expression"] = k.check;
    } else if (k.kind != sql::ConstraintKind::kExclusion && !k.columns.empty()) {
      o["columns"] = Names(k.columns);
    }
    if (k.kind == sql::ConstraintKind::kForeignKey) {
      Json r = {{"table", k.referenced}};
      if (!k.referenced_columns.empty()) r["columns"] = Names(k.referenced_columns);
      r["on_delete"] = Action(k.on_delete);
      r["on_update"] = Action(k.on_update);
      o["references"] = std::move(r);
    }
    o["valid"] = k.valid;
    o["enforced"] = k.enforced;
    o["deferrable"] = k.deferrable;
    if (k.kind == sql::ConstraintKind::kCheck) o["no_inherit"] = k.no_inherit;
    return o;
  }

  Json Index(const CatalogTable& t, const CatalogIndex& i) const {
    Json o = {{"name", i.name}, {"unique", i.unique}};
    const CatalogConstraint* k = i.of_constraint ? t.FindConstraint(i.name) : nullptr;
    const bool exclusion = k != nullptr && k->kind == sql::ConstraintKind::kExclusion;
    if (!i.method.empty() && !exclusion) o["method"] = i.method;
    if (!i.tail.empty()) {
      FromTail(i, &o);
    } else if (!exclusion && !i.columns.empty()) {
      Json elements = Json::array();
      for (const std::string& c : i.columns) elements.push_back(c.empty() ? Json::object() : Json{{"column", c}});
      o["elements"] = std::move(elements);
      if (!i.partial) o["predicate"] = nullptr;
    }
    o["constraint"] = i.of_constraint;
    // An index ON ONLY a partitioned table is valid once each partition has its part; which have, is not followed.
    if (t.partition_strategy == 0) o["valid"] = true;
    return o;
  }

  // What CREATE INDEX says behind the table's name.
  void FromTail(const CatalogIndex& i, Json* o) const {
    const std::string text = absl::StrCat("CREATE INDEX ON t ", i.tail);
    const SourceFile file("index", text);
    const std::unique_ptr<sql::Script> script = sql::ParseScript(file, {0, static_cast<uint32_t>(text.size())});
    if (script->statements.empty() || script->statements[0]->kind != sql::StatementKind::kCreateIndex) return;
    const auto& create = script->statements[0]->As<sql::CreateIndex>();
    const std::vector<std::string_view> parts = Elements(text);
    Json elements = Json::array();
    for (size_t n = 0; n < create.elements.size(); ++n) {
      const sql::IndexElement& e = create.elements[n];
      Json element = Json::object();
      if (!e.column.empty()) {
        element["column"] = e.column;
      } else if (n < parts.size()) {
        element["expression"] = ExpressionOf(parts[n]);
      }
      element["descending"] = e.descending;
      if (!e.opclass.empty()) element["operator_class"] = e.opclass;
      elements.push_back(std::move(element));
    }
    (*o)["elements"] = std::move(elements);
    Json include = Json::array();
    for (std::string_view c : create.include) include.push_back(c);
    (*o)["include"] = std::move(include);
    if (create.where == nullptr) {
      (*o)["predicate"] = nullptr;
    } else if (const std::string_view predicate = Predicate(text); !predicate.empty()) {
      (*o)["predicate"] = predicate;
    }
    (*o)["nulls_not_distinct"] = create.nulls_not_distinct;
  }

  // The parts of the first parenthesis at depth 0, cut at its commas.
  static std::vector<std::string_view> Elements(std::string_view text) {
    std::vector<std::string_view> out;
    sql::Scanner scanner(text);
    int depth = 0;
    uint32_t begin = 0;
    for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind == sql::TokenKind::kOpen && depth++ == 0) begin = t.span.end;
      const bool end = t.kind == sql::TokenKind::kClose && --depth == 0;
      if (end || (depth == 1 && t.kind == sql::TokenKind::kComma)) {
        out.push_back(absl::StripAsciiWhitespace(text.substr(begin, t.span.begin - begin)));
        begin = t.span.end;
      }
      if (end) break;
    }
    return out;
  }

  // An element without its operator class, collation and order: a function call or what stands in parentheses.
  static std::string_view ExpressionOf(std::string_view element) {
    sql::Scanner scanner(element);
    int depth = 0;
    for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind == sql::TokenKind::kOpen) ++depth;
      if (t.kind == sql::TokenKind::kClose && --depth == 0) return element.substr(0, t.span.end);
    }
    return element;
  }

  static std::string_view Predicate(std::string_view text) {
    sql::Scanner scanner(text);
    int depth = 0;
    for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind == sql::TokenKind::kOpen) ++depth;
      if (t.kind == sql::TokenKind::kClose) --depth;
      if (depth == 0 && scanner.Is(t, "where")) {
        std::string_view rest = absl::StripAsciiWhitespace(text.substr(t.span.end));
        absl::ConsumeSuffix(&rest, ";");
        return absl::StripTrailingAsciiWhitespace(rest);
      }
    }
    return {};
  }

  template <typename Parts, typename Make>
  static Json Sorted(const Parts& parts, Make make) {
    std::map<std::string_view, Json> sorted;
    for (const auto& p : parts) sorted[p.name] = make(p);
    Json j = Json::array();
    for (auto& [name, o] : sorted) j.push_back(std::move(o));
    return j;
  }

  Json Relation(const CatalogTable& t, bool view) const {
    Json o = {{"schema", SchemaOf(t.key)}, {"name", NameOf(t.key)}};
    if (view) {
      o["kind"] = t.type == sql::ObjectType::kView ? "view" : "materialized view";
    } else {
      o["kind"] = t.type == sql::ObjectType::kForeignTable ? "foreign table" : t.partition_strategy != 0 ? "partitioned table" : "table";
      if (!t.complete) o["complete"] = false;
      o["unlogged"] = t.unlogged;
      if (t.partition_strategy == 0) {
        o["partition_key"] = nullptr;
      } else if (!t.partition_key.empty()) {
        o["partition_key"] = t.partition_key;
      }
      o["partition_of"] = TextOrNull(t.partition_of);
      if (t.partition_of.empty()) {
        o["partition_bound"] = nullptr;
      } else if (!t.partition_bound.empty()) {
        o["partition_bound"] = t.partition_bound;
      }
      o["inherits"] = Names(t.inherits);
      o["row_security"] = t.row_security;
      o["force_row_security"] = t.force_row_security;
      Json columns = Json::array();
      for (const CatalogColumn& c : t.columns) columns.push_back(Column(c));
      o["columns"] = std::move(columns);
      std::vector<CatalogConstraint> constraints;
      for (const CatalogConstraint& k : t.constraints) {
        if (k.kind != sql::ConstraintKind::kNotNull || !k.valid) constraints.push_back(k);
      }
      o["constraints"] = Sorted(constraints, [&](const CatalogConstraint& k) { return Constraint(k); });
    }
    o["indexes"] = Sorted(t.indexes, [&](const CatalogIndex& i) { return Index(t, i); });
    o["triggers"] = Sorted(t.triggers, [&](const CatalogTrigger& x) { return Json{{"name", x.name}, {"function", x.function}, {"row", x.row}}; });
    if (!view) {
      std::vector<std::string> policies = t.policies;
      std::sort(policies.begin(), policies.end());
      o["policies"] = Json::array();
      for (const std::string& p : policies) o["policies"].push_back({{"name", p}});
    }
    std::vector<std::string> rules;
    for (const CatalogRule& r : t.rules) rules.push_back(r.name);
    std::sort(rules.begin(), rules.end());
    o["rules"] = Names(rules);
    if (view) {
      std::vector<std::string> reads;
      for (const std::string& r : t.uses) {
        const bool system = SchemaOf(r) == "pg_catalog" || SchemaOf(r) == "information_schema" || (NameOf(r).starts_with("pg_") && catalog_.FindTable(r) == nullptr);
        if (!system) reads.push_back(r);
      }
      std::sort(reads.begin(), reads.end());
      o["reads"] = Names(reads);
    }
    return o;
  }

  const Catalog& catalog_;
};

}  // namespace

SchemaJson SchemaFromCatalog(const Catalog& catalog) { return Describer(catalog).Describe(); }

absl::StatusOr<SchemaJson> ParseSchema(std::string_view text, std::string_view shown) {
  Json j = Json::parse(text, nullptr, false);
  if (j.is_discarded() || !j.is_object()) return absl::InvalidArgumentError(absl::StrCat(shown, " is no JSON object; `pawl schema dump` writes one"));
  if (!j.contains("version") || j["version"] != 1) return absl::InvalidArgumentError(absl::StrCat(shown, " is no schema of version 1; write it anew with `pawl schema dump`"));
  for (const char* section : {"schemas", "extensions", "types", "sequences", "tables", "views", "functions"}) {
    if (!j.contains(section)) continue;
    bool good = j[section].is_array();
    for (size_t i = 0; good && i < j[section].size(); ++i) {
      const Json& o = j[section][i];
      good = o.is_object() && o.contains("name") && o["name"].is_string() && (!o.contains("schema") || o["schema"].is_string());
    }
    if (!good) return absl::InvalidArgumentError(absl::StrCat(shown, ": `", section, "` is no list of objects with names; write it anew with `pawl schema dump`"));
  }
  return j;
}

std::string ServerTypeName(std::string_view canonical) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"int2", "smallint"},   {"int4", "integer"},          {"int8", "bigint"},  {"bool", "boolean"}, {"float4", "real"},
      {"float8", "double precision"}, {"varchar", "character varying"}, {"bpchar", "character"}, {"varbit", "bit varying"},
      {"timestamptz", "timestamp with time zone"}, {"timestamp", "timestamp without time zone"}, {"timetz", "time with time zone"}, {"time", "time without time zone"},
  };
  std::string_view base = canonical, brackets, modifiers;
  if (absl::ConsumeSuffix(&base, "[]")) brackets = "[]";
  if (!base.empty() && base.back() == ')') {
    const size_t open = base.find('(');
    modifiers = base.substr(open);
    base = base.substr(0, open);
  }
  for (const auto& [from, to] : kNames) {
    if (base != from) continue;
    const size_t blank = to.find(' ');
    if (!modifiers.empty() && from.starts_with("time")) return absl::StrCat(to.substr(0, blank), modifiers, to.substr(blank), brackets);
    return absl::StrCat(to, modifiers, brackets);
  }
  return absl::StrCat(base, modifiers, brackets);
}

std::string QuoteName(std::string_view name) {
  bool plain = !name.empty() && (absl::ascii_islower(static_cast<unsigned char>(name[0])) || name[0] == '_');
  for (char c : name) plain = plain && (absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_');
  if (plain) return std::string(name);
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace pawl
