// What fills and empties tables, and the session's search_path.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "analyzer/catalog/relations.h"
#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

constexpr int kMaxQueryDepth = 64;

bool IsNull(const sql::Expr* e) { return e != nullptr && e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kNull; }

}  // namespace

// ---- Rows -------------------------------------------------------------------------------------------------------------

void CatalogReplay::Query(const sql::Query& q, int depth) {
  if (depth > kMaxQueryDepth) return;
  if (depth == 0 && !c_.with_empty_.empty()) {
    // A function may write wherever it likes.
    ForEachCall(q, [&](const sql::Expr& call) {
      if (c_.FindFunction({call.schema, call.text, {}}) != nullptr) FillAll();
    });
  }
  for (const sql::Cte& cte : q.ctes()) {
    if (cte.query != nullptr) Query(*cte.query, depth + 1);
  }
  switch (q.kind) {
    case sql::QueryKind::kInsert: return Insert(q);
    case sql::QueryKind::kUpdate: return Update(q);
    case sql::QueryKind::kMerge:
      if (Table* t = Find(q.target)) {
        t->has_rows = true;
        Fill(*t, nullptr);
      }
      return;
    case sql::QueryKind::kDelete:
      if (q.where == nullptr && q.sources().empty()) {
        if (Table* t = Find(q.target)) t->has_rows = false;
      }
      return;
    default:
      break;
  }
  if (q.select_into && !q.target.empty()) {
    Table t;
    t.key = NewKey(q.target);
    t.has_rows = true;
    t.origin = origin_;
    std::string key = t.key;
    c_.tables_.insert_or_assign(std::move(key), std::move(t));
  }
  if (depth > 0) return;
  for (const sql::Expr* e : q.values) {
    if (e == nullptr || e->kind != sql::ExprKind::kCall || e->text != "set_config" || e->arguments.size() != 3) continue;
    const auto [name, value, local] = std::tuple(e->arguments[0], e->arguments[1], e->arguments[2]);
    if (name->text != "search_path" || value->kind != sql::ExprKind::kConstant) continue;
    std::vector<std::string_view> path;
    for (std::string_view rest = value->text; !rest.empty();) {
      const size_t comma = rest.find(',');
      path.push_back(absl::StripAsciiWhitespace(rest.substr(0, comma)));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    SetSearchPath(path, local->text == "t" || local->text == "true");
  }
}

void CatalogReplay::Update(const sql::Query& q) {
  if (q.target.schema == "pg_catalog" || (q.target.schema.empty() && q.target.name.starts_with("pg_"))) return;  // not the history's
  Table* t = nullptr;
  for (const sql::Assignment& a : q.assignments) {
    if (IsNull(a.value)) continue;  // SET c = NULL fills nothing
    if (t == nullptr) t = Known(q.target);
    CatalogColumn* c = t->FindColumn(a.column);
    if (c == nullptr) {
      if (t->complete) continue;
      c = &t->columns.emplace_back();
      c->name = a.column;
    }
    c->backfilled = true;
    if (!c_.with_empty_.empty() && (t->type == sql::ObjectType::kView || !t->triggers.empty())) FillAll();
    if (c->empty) Fill(*t, &a.column);
  }
}

void CatalogReplay::Fill(const Table& t, const std::string_view* column) {
  if (c_.with_empty_.empty()) return;
  const auto fill = [&](std::string_view key) {
    Table* table = Find(key);
    if (table == nullptr) return;
    for (CatalogColumn& c : table->columns) {
      if (c.empty && (column == nullptr || c.name == *column)) c.empty = false;
    }
  };
  fill(t.key);
  for (const CatalogTable* d : c_.Descendants(t.key)) fill(d->key);
  const Table* above = &t;
  for (int level = 0; !above->partition_of.empty() && level < 8; ++level) {
    above = Find(above->partition_of);
    if (above == nullptr) return;
    fill(above->key);
  }
}

void CatalogReplay::FillAll() {
  for (const std::string& key : c_.with_empty_) {
    Table* t = Find(key);
    if (t == nullptr) continue;
    for (CatalogColumn& c : t->columns) c.empty = false;
  }
  c_.with_empty_.clear();
}

void CatalogReplay::Insert(const sql::Query& q) {
  if (!q.assignments.empty()) Update(q);  // ON CONFLICT DO UPDATE
  Table* t = Find(q.target);
  if (t == nullptr) return;
  if (!c_.with_empty_.empty()) {
    if (t->type == sql::ObjectType::kView || !t->triggers.empty()) FillAll();
    for (const CatalogColumn& c : t->columns) {
      if (!c.empty) continue;
      const std::string_view name = c.name;
      if (q.columns.empty() || c.has_default || std::find(q.columns.begin(), q.columns.end(), name) != q.columns.end()) Fill(*t, &name);
    }
  }
  // The first rows of a table made here carry what is listed; later ones say nothing about rows that are there already.
  if (t->complete && !t->has_rows) {
    for (std::string_view name : q.columns) {
      if (CatalogColumn* c = t->FindColumn(name)) c->backfilled = true;
    }
    if (q.columns.empty()) {
      for (CatalogColumn& c : t->columns) c.backfilled = true;
    }
  }
  t->has_rows = true;
  for (int level = 0; !t->partition_of.empty() && level < 8; ++level) {
    t = Find(t->partition_of);
    if (t == nullptr) return;
    t->has_rows = true;
  }
}

void CatalogReplay::Truncate(const sql::Truncate& truncate) {
  for (const sql::Name& name : truncate.tables) {
    if (Table* t = Find(name)) t->has_rows = false;
  }
}

// ---- Settings ---------------------------------------------------------------------------------------------------------

void CatalogReplay::SetVariable(const sql::VariableSet& v) {
  if (!v.local && (v.name == "timezone" || (v.reset && v.name.empty()))) {
    c_.utc_ = !v.reset && (absl::EqualsIgnoreCase(v.value, "utc") || absl::EqualsIgnoreCase(v.value, "gmt") || v.value == "0" ||
                           absl::EqualsIgnoreCase(v.value, "etc/utc") || v.value == "+00:00" || v.value == "-00:00");
  }
  if (v.name == "session_replication_role" || (v.reset && v.name.empty())) {
    c_.replica_ = static_cast<char>(!v.reset && absl::EqualsIgnoreCase(v.value, "replica") ? (v.local ? 'l' : 's') : 0);
  }
  if (v.reset) {
    if (v.name.empty() || v.name == "search_path") SetSearchPath({}, v.local);
    return;
  }
  if (v.name != "search_path") return;
  std::vector<std::string_view> values(v.values.begin(), v.values.end());
  if (values.empty() && !v.value.empty()) values.push_back(v.value);
  SetSearchPath(values, v.local);
}

void CatalogReplay::SetSearchPath(const std::vector<std::string_view>& values, bool local) {
  std::vector<std::string> path;
  for (std::string_view v : values) {
    if (v.size() > 2 && v.front() == '"' && v.back() == '"') v = v.substr(1, v.size() - 2);
    if (!v.empty() && v != "$user" && v != "pg_catalog" && v != "pg_temp") path.emplace_back(v);
  }
  if (path.empty()) path.push_back("public");
  if (local) {
    if (c_.outer_search_path_.empty()) c_.outer_search_path_ = c_.search_path_;
    c_.local_transaction_ = origin_.transaction;
  } else {
    c_.outer_search_path_.clear();
  }
  c_.search_path_ = std::move(path);
}

void CatalogReplay::EndTransaction() {
  if (c_.replica_ == 'l') c_.replica_ = 0;
  if (c_.outer_search_path_.empty()) return;
  c_.search_path_ = std::move(c_.outer_search_path_);
  c_.outer_search_path_.clear();
}

}  // namespace pawl
