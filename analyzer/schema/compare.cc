#include "analyzer/schema/compare.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/sql/expression_form.h"

namespace pawl {
namespace {

using Json = SchemaJson;
using Side = SchemaDifference::Side;

// Made by the tools that apply migrations, not by migrations; migrations/database/foreign.cc reads them.
constexpr std::string_view kHistoryTables[] = {
    "schema_migrations", "schema_migrations_log", "goose_db_version", "flyway_schema_history", "pgmigrations", "knex_migrations", "knex_migrations_lock", "_prisma_migrations",
    "_sqlx_migrations", "__diesel_schema_migrations", "databasechangelog", "databasechangeloglock", "alembic_version", "schema_version", "gorp_migrations", "atlas_schema_revisions",
    "__drizzle_migrations",
};

std::string Text(const Json& o, const char* key) {
  const auto it = o.find(key);
  return it != o.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::string FullName(const Json& o) {
  const std::string schema = Text(o, "schema");
  return schema.empty() ? Text(o, "name") : absl::StrCat(schema, ".", Text(o, "name"));
}

bool IsHistoryTable(std::string_view full_name) {
  const std::string_view name = full_name.substr(full_name.find('.') + 1);
  return std::any_of(std::begin(kHistoryTables), std::end(kHistoryTables), [&](std::string_view t) { return name == t || (name.ends_with(t) && name.size() > t.size() && name[name.size() - t.size() - 1] == '_'); });
}

std::string Show(const Json& v) {
  if (v.is_null()) return "none";
  if (v.is_string()) return v.get<std::string>();
  if (v.is_boolean()) return v.get<bool>() ? "yes" : "no";
  if (v.is_array()) {
    std::string out;
    for (const Json& e : v) absl::StrAppend(&out, out.empty() ? "" : ", ", Show(e));
    return out.empty() ? "none" : out;
  }
  if (v.is_object()) {
    if (v.contains("column")) return absl::StrCat(Text(v, "column"), v.value("descending", false) ? " DESC" : "", Text(v, "operator_class").empty() ? "" : " ", Text(v, "operator_class"));
    if (v.contains("expression")) return absl::StrCat(Text(v, "expression"), v.value("descending", false) ? " DESC" : "", Text(v, "operator_class").empty() ? "" : " ", Text(v, "operator_class"));
    if (v.contains("table")) {
      std::string columns = v.contains("columns") ? Show(v["columns"]) : "?";
      return absl::StrCat(Text(v, "table"), " (", columns, ")", Text(v, "on_delete") == "no action" ? "" : absl::StrCat(" on delete ", Text(v, "on_delete")),
                          Text(v, "on_update") == "no action" ? "" : absl::StrCat(" on update ", Text(v, "on_update")));
    }
    if (v.contains("type")) return absl::StrCat(Text(v, "name"), " ", Text(v, "type"));
  }
  return v.dump();
}

// "public"."Mood" and Mood are one type where one side does not name the schema.
bool SameType(std::string a, std::string b) {
  std::erase(a, '"');
  std::erase(b, '"');
  if (a == b) return true;
  const auto bare = [](const std::string& s) { return s.substr(s.find('.') == std::string::npos || s.find('(') < s.find('.') ? 0 : s.find('.') + 1); };
  const auto full = [](std::string s) {  // what the short forms mean
    if (s == "bit") return std::string("bit(1)");
    if (s == "character") return std::string("character(1)");
    if (s.starts_with("numeric(") && s.find(',') == std::string::npos) return absl::StrReplaceAll(s, {{")", ",0)"}});
    return absl::StrReplaceAll(s, {{"interval(32767,", "interval("}});
  };
  if (full(a) == full(b)) return true;
  return (a.find('.') == std::string::npos) != (b.find('.') == std::string::npos) && bare(a) == bare(b);
}

// An element's collation stands beside it, or in its parentheses.
std::string WithoutCollation(std::string form) {
  if (!form.starts_with("(collate ")) return form;
  const size_t blank = form.find(' ', 9);
  return blank == std::string::npos ? form : form.substr(blank + 1, form.size() - blank - 2);
}

class Comparer {
 public:
  Comparer(const Json& expected, const Json& actual)
      : expected_(expected), actual_(actual), casts_(Text(expected, "source") == "database" && Text(actual, "source") == "database") {}

  SchemaComparison Run() {
    Section("schemas", "schema");
    Section("extensions", "extension");
    Section("types", "type");
    Section("tables", "table");
    Section("views", "view");
    Section("sequences", "sequence");
    Functions();
    return std::move(out_);
  }

 private:
  void Add(Side side, std::string_view kind, std::string object, std::string_view property = {}, std::string expected = {}, std::string actual = {}) {
    out_.differences.push_back({side, std::string(kind), std::move(object), std::string(property), std::move(expected), std::move(actual)});
  }

  bool SameExpression(const Json& e, const Json& a, const std::string& type) const {
    if (e == a) return true;
    std::string forms[2];
    const Json* sides[2] = {&e, &a};
    for (int i = 0; i < 2; ++i) {
      if (!sides[i]->is_string()) continue;
      const std::string text = sides[i]->get<std::string>();
      forms[i] = sql::ExpressionForm(text, casts_);
      if (forms[i].empty()) forms[i] = absl::StrReplaceAll(absl::AsciiStrToLower(text), {{" ", ""}, {"\n", ""}});
      if (forms[i] == "null") forms[i].clear();  // DEFAULT NULL is none
      // What the column's type makes of a constant.
      if (forms[i].size() < 2 || forms[i].front() != '\'' || type.empty()) continue;
      const std::string constant = forms[i].substr(1, forms[i].size() - 2);
      if (type == "jsonb") {
        const nlohmann::json value = nlohmann::json::parse(constant, nullptr, false);  // sorts its keys
        if (!value.is_discarded()) forms[i] = value.dump(-1, ' ', false, Json::error_handler_t::replace);
        continue;
      }
      std::string typed = sql::ExpressionForm(absl::StrCat("'", absl::StrReplaceAll(constant, {{"'", "''"}}), "'::", type), false);
      if (!typed.empty()) forms[i] = std::move(typed);
    }
    return forms[0] == forms[1];
  }

  bool SameElements(const Json& e, const Json& a) {
    if (e.size() != a.size()) return false;
    for (size_t i = 0; i < e.size(); ++i) {
      const Json &x = e[i], &y = a[i];
      if (x.empty() || y.empty()) {
        ++out_.unknown;
        continue;
      }
      // A server shows a lone column in parentheses as a column.
      const std::string ex = x.contains("column") ? QuoteName(Text(x, "column")) : Text(x, "expression"), ey = y.contains("column") ? QuoteName(Text(y, "column")) : Text(y, "expression");
      if (ex != ey && WithoutCollation(sql::ExpressionForm(ex, casts_)) != WithoutCollation(sql::ExpressionForm(ey, casts_))) return false;
      if (x.contains("descending") && y.contains("descending") && x["descending"] != y["descending"]) return false;
    }
    return true;
  }

  bool SameReference(const Json& e, const Json& a) {
    for (const char* key : {"table", "columns", "on_delete", "on_update"}) {
      if (!e.contains(key) || !a.contains(key)) {
        ++out_.unknown;
      } else if (e[key] != a[key]) {
        return false;
      }
    }
    return true;
  }

  bool Same(std::string_view property, const Json& e, const Json& a, const std::string& type) {
    if (e == a) return true;
    if (property == "type" || property == "returns") return e.is_string() && a.is_string() && SameType(e, a);
    if (property == "default" || property == "expression" || property == "predicate" || property == "using" || property == "check") return SameExpression(e, a, type);
    if (property == "elements") return SameElements(e, a);
    if (property == "references") return SameReference(e, a);
    if (property == "partition_bound" || property == "partition_key") return SameText(e, a);
    return false;
  }

  // Bounds and keys of partitions: not expressions as a whole.
  static bool SameText(const Json& e, const Json& a) {
    if (!e.is_string() || !a.is_string()) return false;
    const auto fold = [](const Json& j) {
      std::string s = absl::AsciiStrToLower(j.get<std::string>());
      std::erase_if(s, [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '\'' || c == '"'; });
      return s;
    };
    return fold(e) == fold(a);
  }

  // Properties of two objects of one name; the parts of a relation are compared by name.
  void Object(std::string_view kind, const std::string& name, const Json& e, const Json& a) {
    ++out_.objects[std::string(kind)];
    const std::string type = Text(a, "type");
    const bool complete = e.value("complete", true);
    for (const auto& [property, value] : e.items()) {
      if (property == "name" || property == "complete" || (property == "schema" && kind != "extension")) continue;
      if (!a.contains(property)) {
        if (!value.is_null()) ++out_.unknown;
        continue;
      }
      if (property == "columns" && kind != "constraint") {
        // A child's columns stand in another order once pg_dump has made it again.
        const bool child = e.contains("inherits") && !e["inherits"].empty();
        Parts("column", name, value, a[property], complete, /*ordered=*/!child);
      } else if (property == "constraints") {
        Parts("constraint", name, value, a[property], complete, false);
      } else if (property == "indexes") {
        Parts("index", name, value, a[property], complete, false);
      } else if (property == "triggers") {
        Parts("trigger", name, value, a[property], complete, false);
      } else if (property == "policies") {
        Parts("policy", name, value, a[property], complete, false);
      } else if (property == "owned_by" && value.is_null() != a[property].is_null() && casts_ == false) {
        ++out_.unknown;
      } else {
        ++out_.values;
        if (!Same(property, value, a[property], type)) Add(Side::kDiffers, kind, name, property, Show(value), Show(a[property]));
      }
    }
    for (const auto& [property, value] : a.items()) {
      if (!e.contains(property) && !value.is_null()) ++out_.unknown;
    }
  }

  void Parts(std::string_view kind, const std::string& owner, const Json& e, const Json& a, bool complete, bool ordered) {
    std::vector<std::string> both[2];
    for (const Json& x : e) {
      const std::string name = Text(x, "name"), full = absl::StrCat(owner, ".", name);
      const auto there = std::find_if(a.begin(), a.end(), [&](const Json& y) { return Text(y, "name") == name; });
      if (there == a.end()) {
        ++out_.objects[std::string(kind)];
        Add(Side::kMissing, kind, full);
      } else {
        both[0].push_back(name);
        Object(kind, full, x, *there);
      }
    }
    for (const Json& y : a) {
      const std::string name = Text(y, "name");
      if (std::any_of(e.begin(), e.end(), [&](const Json& x) { return Text(x, "name") == name; })) {
        both[1].push_back(name);
      } else if (complete) {
        Add(Side::kExtra, kind, absl::StrCat(owner, ".", name));
      } else {
        ++out_.unknown;
      }
    }
    if (ordered && complete && both[0] != both[1]) Add(Side::kDiffers, "table", owner, "order of columns", Show(Json(both[0])), Show(Json(both[1])));
  }

  void Section(const char* section, std::string_view kind) {
    if (!expected_.contains(section) || !actual_.contains(section)) return;
    std::map<std::string, const Json*> there, wanted;
    // An extension lies in a schema, which is no part of its name.
    const auto name_of = [&](const Json& o) { return kind == "extension" ? Text(o, "name") : FullName(o); };
    for (const Json& o : actual_[section]) there[name_of(o)] = &o;
    for (const Json& o : expected_[section]) wanted[name_of(o)] = &o;
    for (const auto& [name, o] : wanted) {
      const auto it = there.find(name);
      if (it == there.end()) {
        ++out_.objects[std::string(kind)];
        Add(Side::kMissing, kind, name);
      } else {
        Object(kind, name, *o, *it->second);
      }
    }
    for (const auto& [name, o] : there) {
      if (wanted.contains(name)) continue;
      if (kind == "table" && IsHistoryTable(name)) continue;
      if (kind == "sequence" && IsHistoryTable(Text(*o, "owned_by"))) continue;
      Add(Side::kExtra, kind, name);
    }
  }

  // Overloads are told apart by their arguments where both sides know them; else a name stands for all of them.
  void Functions() {
    if (!expected_.contains("functions") || !actual_.contains("functions")) return;
    std::map<std::string, std::vector<const Json*>> there, wanted;
    for (const Json& o : actual_["functions"]) there[FullName(o)].push_back(&o);
    for (const Json& o : expected_["functions"]) wanted[FullName(o)].push_back(&o);
    for (const auto& [name, list] : wanted) {
      const auto it = there.find(name);
      if (it == there.end()) {
        ++out_.objects["function"];
        Add(Side::kMissing, "function", name);
        continue;
      }
      const bool known = list[0]->contains("arguments") && it->second[0]->contains("arguments");
      if (!known) {
        if (list.size() == 1 && it->second.size() == 1) {
          Object("function", name, *list[0], *it->second[0]);
        } else {
          ++out_.objects["function"];
          ++out_.unknown;
        }
        continue;
      }
      for (const Json* f : list) {
        const std::string full = absl::StrCat(name, "(", Text(*f, "arguments"), ")");
        const auto same = std::find_if(it->second.begin(), it->second.end(), [&](const Json* g) { return Text(*g, "arguments") == Text(*f, "arguments"); });
        if (same == it->second.end()) {
          Add(Side::kMissing, "function", full);
        } else {
          Object("function", full, *f, **same);
        }
      }
      for (const Json* g : it->second) {
        if (std::none_of(list.begin(), list.end(), [&](const Json* f) { return Text(*g, "arguments") == Text(*f, "arguments"); })) {
          Add(Side::kExtra, "function", absl::StrCat(name, "(", Text(*g, "arguments"), ")"));
        }
      }
    }
    for (const auto& [name, list] : there) {
      if (wanted.contains(name)) continue;
      // A history is not followed as far as its aggregates.
      if (Text(*list[0], "kind") == "aggregate" && Text(expected_, "source") == "history") ++out_.unknown;
      else Add(Side::kExtra, Text(*list[0], "kind"), name);
    }
  }

  const Json& expected_;
  const Json& actual_;
  const bool casts_;
  SchemaComparison out_;
};

}  // namespace

SchemaComparison CompareSchemas(const SchemaJson& expected, const SchemaJson& actual) { return Comparer(expected, actual).Run(); }

}  // namespace pawl
