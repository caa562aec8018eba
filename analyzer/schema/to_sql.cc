#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "analyzer/schema/schema.h"

namespace pawl {
namespace {

using Json = SchemaJson;

std::string Text(const Json& o, const char* key) {
  const auto it = o.find(key);
  return it != o.end() && it->is_string() ? it->get<std::string>() : std::string();
}

bool Flag(const Json& o, const char* key, bool otherwise) {
  const auto it = o.find(key);
  return it != o.end() && it->is_boolean() ? it->get<bool>() : otherwise;
}

const Json& List(const Json& o, const char* key) {
  static const Json* const kNone = new Json(Json::array());
  const auto it = o.find(key);
  return it != o.end() && it->is_array() ? *it : *kNone;
}

// "schema.name" quoted part by part.
std::string Qualified(std::string_view key) {
  const size_t dot = key.find('.');
  return dot == std::string_view::npos ? QuoteName(key) : absl::StrCat(QuoteName(key.substr(0, dot)), ".", QuoteName(key.substr(dot + 1)));
}
std::string NameOf(const Json& o) { return absl::StrCat(QuoteName(Text(o, "schema")), ".", QuoteName(Text(o, "name"))); }

std::string Names(const Json& list) {
  std::vector<std::string> out;
  for (const Json& n : list) {
    if (n.is_string()) out.push_back(QuoteName(n.get<std::string>()));
  }
  return absl::StrJoin(out, ", ");
}

std::string Literal(std::string_view text) { return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'"); }

class Writer {
 public:
  explicit Writer(const Json& schema) : schema_(schema) {}

  std::string Write() {
    for (const Json& s : List(schema_, "schemas")) {
      if (Text(s, "name") != "public") Line("CREATE SCHEMA ", QuoteName(Text(s, "name")));
    }
    for (const Json& e : List(schema_, "extensions")) Line("CREATE EXTENSION ", QuoteName(Text(e, "name")));
    for (const Json& t : List(schema_, "types")) Type(t);
    for (const Json& s : List(schema_, "sequences")) {
      if (OfIdentity(s)) continue;
      Line("CREATE SEQUENCE ", NameOf(s), Text(s, "owned_by").empty() ? "" : absl::StrCat(" OWNED BY ", Qualified(Text(s, "owned_by")), ".x"));
    }
    for (const Json& f : List(schema_, "functions")) Function(f);
    // Parents before their children, whatever their names.
    std::vector<const Json*> later;
    for (const Json& t : List(schema_, "tables")) {
      if (Text(t, "partition_of").empty() && List(t, "inherits").empty()) Table(t);
      else later.push_back(&t);
    }
    while (!later.empty()) {
      std::vector<const Json*> next;
      for (const Json* t : later) {
        if (Waits(*t, later)) next.push_back(t);
        else Table(*t);
      }
      if (next.size() == later.size()) break;  // a circle: no schema has one
      later = std::move(next);
    }
    for (const Json& t : List(schema_, "tables")) References(t);
    Views();
    for (const char* section : {"tables", "views"}) {
      for (const Json& t : List(schema_, section)) Triggers(t);
    }
    return std::move(out_);
  }

 private:
  template <typename... T>
  void Line(const T&... parts) {
    absl::StrAppend(&out_, parts..., ";\n");
  }

  // An identity column makes its sequence itself.
  bool OfIdentity(const Json& sequence) const {
    const std::string owner = Text(sequence, "owned_by"), name = Text(sequence, "name");
    if (owner.empty()) return false;
    for (const Json& t : List(schema_, "tables")) {
      if (absl::StrCat(Text(t, "schema"), ".", Text(t, "name")) != owner) continue;
      for (const Json& c : List(t, "columns")) {
        if (!Text(c, "identity").empty() && name == absl::StrCat(Text(t, "name"), "_", Text(c, "name"), "_seq")) return true;
      }
    }
    return false;
  }

  void Type(const Json& t) {
    const std::string kind = Text(t, "kind");
    if (kind == "enum") {
      std::vector<std::string> values;
      for (const Json& v : List(t, "values")) values.push_back(Literal(v.get<std::string>()));
      Line("CREATE TYPE ", NameOf(t), " AS ENUM (", absl::StrJoin(values, ", "), ")");
    } else if (kind == "domain") {
      std::string checks = Flag(t, "not_null", false) ? " NOT NULL" : "";
      for (const Json& k : List(t, "constraints")) absl::StrAppend(&checks, " CONSTRAINT ", QuoteName(Text(k, "name")), " CHECK (", Text(k, "expression"), ")");
      Line("CREATE DOMAIN ", NameOf(t), " AS ", Text(t, "type").empty() ? "text" : Text(t, "type"), checks);
    } else if (kind == "composite") {
      std::vector<std::string> attributes;
      for (const Json& a : List(t, "attributes")) attributes.push_back(absl::StrCat(QuoteName(Text(a, "name")), " ", Text(a, "type")));
      Line("CREATE TYPE ", NameOf(t), " AS (", absl::StrJoin(attributes, ", "), ")");
    } else if (kind == "range") {
      Line("CREATE TYPE ", NameOf(t), " AS RANGE (subtype = int4)");
    } else {
      Line("CREATE TYPE ", NameOf(t));
    }
  }

  void Function(const Json& f) {
    if (Text(f, "kind") == "aggregate") return;
    const bool procedure = Text(f, "kind") == "procedure";
    Line("CREATE OR REPLACE ", procedure ? "PROCEDURE " : "FUNCTION ", NameOf(f), "(", Text(f, "arguments"), ")", procedure ? "" : absl::StrCat(" RETURNS ", Text(f, "returns") == "trigger" ? "trigger" : "void"),
         " LANGUAGE ", Text(f, "language").empty() ? "plpgsql" : QuoteName(Text(f, "language")), procedure || Text(f, "volatility").empty() ? "" : absl::StrCat(" ", Text(f, "volatility")),
         Flag(f, "security_definer", false) ? " SECURITY DEFINER" : "", " AS ''");
  }

  static std::string Column(const Json& c) {
    std::string out = absl::StrCat(QuoteName(Text(c, "name")), " ", Text(c, "type"));
    if (!Text(c, "collation").empty()) absl::StrAppend(&out, " COLLATE ", QuoteName(Text(c, "collation")));
    const std::string value = Text(c, "default");
    if (!Text(c, "generated").empty()) {
      absl::StrAppend(&out, " GENERATED ALWAYS AS (", value.empty() ? "NULL" : value, ") ", Text(c, "generated") == "stored" ? "STORED" : "VIRTUAL");
    } else if (!value.empty()) {
      absl::StrAppend(&out, " DEFAULT ", value);
    }
    return absl::StrCat(out, Flag(c, "not_null", false) ? " NOT NULL" : "");
  }

  bool Waits(const Json& t, const std::vector<const Json*>& open) const {
    for (const Json* other : open) {
      const std::string key = absl::StrCat(Text(*other, "schema"), ".", Text(*other, "name"));
      if (key == Text(t, "partition_of")) return true;
      for (const Json& p : List(t, "inherits")) {
        if (p.is_string() && p.get<std::string>() == key) return true;
      }
    }
    return false;
  }

  void Table(const Json& t) {
    const std::string name = NameOf(t);
    std::vector<std::string> columns;
    bool incomplete = !Flag(t, "complete", true);
    for (const Json& c : List(t, "columns")) {
      if (Text(c, "type").empty()) incomplete = true;
      else columns.push_back(Column(c));
    }
    // A table of which only a part is known is one that ALTER TABLE names, not one that CREATE TABLE made.
    if (incomplete) {
      if (columns.empty()) Line("ALTER TABLE ", name, " REPLICA IDENTITY DEFAULT");
      for (const std::string& c : columns) Line("ALTER TABLE ", name, " ADD COLUMN ", c);
    } else {
      std::string tail;
      if (Text(t, "partition_of").empty() && !List(t, "inherits").empty()) {
        std::vector<std::string> parents;
        for (const Json& p : List(t, "inherits")) parents.push_back(Qualified(p.get<std::string>()));
        absl::StrAppend(&tail, " INHERITS (", absl::StrJoin(parents, ", "), ")");
      }
      if (!Text(t, "partition_key").empty()) absl::StrAppend(&tail, " PARTITION BY ", Text(t, "partition_key"));
      if (Text(t, "kind") == "foreign table") tail = " SERVER s";
      Line("CREATE ", Flag(t, "unlogged", false) ? "UNLOGGED " : "", Text(t, "kind") == "foreign table" ? "FOREIGN " : "", "TABLE ", name, " (", absl::StrJoin(columns, ", "), ")", tail);
    }
    for (const Json& c : List(t, "columns")) {
      if (!Text(c, "identity").empty()) {
        Line("ALTER TABLE ", name, " ALTER COLUMN ", QuoteName(Text(c, "name")), " ADD GENERATED ", Text(c, "identity") == "always" ? "ALWAYS" : "BY DEFAULT", " AS IDENTITY");
      }
    }
    Keys(t, name);
    if (!Text(t, "partition_of").empty()) {
      const std::string bound = Text(t, "partition_bound");
      Line("ALTER TABLE ", Qualified(Text(t, "partition_of")), " ATTACH PARTITION ", name, " ", bound.empty() ? "FOR VALUES IN ('?')" : bound);
    }
    if (Flag(t, "row_security", false)) Line("ALTER TABLE ", name, " ENABLE ROW LEVEL SECURITY");
    if (Flag(t, "force_row_security", false)) Line("ALTER TABLE ", name, " FORCE ROW LEVEL SECURITY");
    for (const Json& p : List(t, "policies")) Line("CREATE POLICY ", QuoteName(Text(p, "name")), " ON ", name);
  }

  // Keys, CHECKs and indexes, before a partition is attached: it brings its own.
  void Keys(const Json& t, const std::string& name) {
    for (const Json& k : List(t, "constraints")) {
      const std::string kind = Text(k, "kind"), constraint = absl::StrCat("ALTER TABLE ", "ONLY ", name, " ADD CONSTRAINT ", QuoteName(Text(k, "name")), " ");
      const std::string tail = absl::StrCat(Flag(k, "deferrable", false) ? " DEFERRABLE" : "", Flag(k, "valid", true) ? "" : " NOT VALID");
      if (kind == "primary key" || kind == "unique") {
        Line(constraint, kind == "unique" ? "UNIQUE (" : "PRIMARY KEY (", Names(List(k, "columns")), ")", Flag(k, "deferrable", false) ? " DEFERRABLE" : "");
      } else if (kind == "check" && !Text(k, "expression").empty()) {
        Line(constraint, "CHECK (", Text(k, "expression"), ")", Flag(k, "no_inherit", false) ? " NO INHERIT" : "", Flag(k, "enforced", true) ? "" : " NOT ENFORCED", Flag(k, "valid", true) ? "" : " NOT VALID");
      } else if (kind == "exclusion") {
        std::vector<std::string> elements;
        for (const Json& c : List(k, "columns")) elements.push_back(absl::StrCat(QuoteName(c.get<std::string>()), " WITH ="));
        if (!elements.empty()) Line(constraint, "EXCLUDE USING gist (", absl::StrJoin(elements, ", "), ")");
      } else if (kind == "not null") {
        Line(constraint, "NOT NULL ", Names(List(k, "columns")), tail);
      }
    }
    Indexes(t, name);
  }

  void Indexes(const Json& t, const std::string& name) {
    for (const Json& i : List(t, "indexes")) {
      if (Flag(i, "constraint", false)) continue;
      std::vector<std::string> elements;
      for (const Json& e : List(i, "elements")) {
        const std::string column = Text(e, "column"), expression = Text(e, "expression");
        elements.push_back(absl::StrCat(!column.empty() ? QuoteName(column) : expression.empty() ? "(NULL)" : absl::StrCat("(", expression, ")"),
                                        Text(e, "operator_class").empty() ? "" : absl::StrCat(" ", Text(e, "operator_class")), Flag(e, "descending", false) ? " DESC" : ""));
      }
      if (elements.empty()) elements.push_back("(NULL)");
      const std::string include = Names(List(i, "include")), predicate = Text(i, "predicate");
      Line("CREATE ", Flag(i, "unique", false) ? "UNIQUE " : "", "INDEX ", QuoteName(Text(i, "name")), " ON ONLY ", name, Text(i, "method").empty() ? "" : absl::StrCat(" USING ", Text(i, "method")), " (",
           absl::StrJoin(elements, ", "), ")", include.empty() ? "" : absl::StrCat(" INCLUDE (", include, ")"), Flag(i, "nulls_not_distinct", false) ? " NULLS NOT DISTINCT" : "",
           predicate.empty() ? "" : absl::StrCat(" WHERE ", predicate));
    }
  }

  void References(const Json& t) {
    for (const Json& k : List(t, "constraints")) {
      if (Text(k, "kind") != "foreign key" || !k.contains("references")) continue;
      const Json& r = k["references"];
      const auto action = [&](const char* key, std::string_view word) {
        const std::string a = Text(r, key);
        return a.empty() || a == "no action" ? std::string() : absl::StrCat(word, absl::AsciiStrToUpper(a));
      };
      const std::string columns = Names(List(r, "columns"));
      Line("ALTER TABLE ONLY ", NameOf(t), " ADD CONSTRAINT ", QuoteName(Text(k, "name")), " FOREIGN KEY (", Names(List(k, "columns")), ") REFERENCES ", Qualified(Text(r, "table")),
           columns.empty() ? "" : absl::StrCat(" (", columns, ")"), action("on_delete", " ON DELETE "), action("on_update", " ON UPDATE "), Flag(k, "deferrable", false) ? " DEFERRABLE" : "",
           Flag(k, "enforced", true) ? "" : " NOT ENFORCED", Flag(k, "valid", true) ? "" : " NOT VALID");
    }
  }

  void Views() {
    for (const Json& v : List(schema_, "views")) {
      std::string query = Text(v, "definition");
      while (!query.empty() && (query.back() == ';' || absl::ascii_isspace(static_cast<unsigned char>(query.back())))) query.pop_back();
      if (query.empty()) {
        std::vector<std::string> reads;
        for (const Json& r : List(v, "reads")) reads.push_back(Qualified(r.get<std::string>()));
        query = absl::StrCat("SELECT *", reads.empty() ? "" : " FROM ", absl::StrJoin(reads, ", "));
      }
      Line("CREATE ", Text(v, "kind") == "materialized view" ? "MATERIALIZED " : "", "VIEW ", NameOf(v), " AS ", query);
      Indexes(v, NameOf(v));
    }
  }

  void Triggers(const Json& t) {
    for (const Json& x : List(t, "triggers")) {
      const std::string function = Text(x, "function");
      if (!function.empty()) Line("CREATE TRIGGER ", QuoteName(Text(x, "name")), " AFTER INSERT ON ", NameOf(t), Flag(x, "row", false) ? " FOR EACH ROW" : "", " EXECUTE FUNCTION ", Qualified(function), "()");
    }
    for (const Json& r : List(t, "rules")) {
      if (r.is_string()) Line("CREATE RULE ", QuoteName(r.get<std::string>()), " AS ON INSERT TO ", NameOf(t), " DO ALSO NOTHING");
    }
  }

  const Json& schema_;
  std::string out_;
};

}  // namespace

std::string SchemaToSql(const SchemaJson& schema) { return Writer(schema).Write(); }

}  // namespace pawl
