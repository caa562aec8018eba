// SELECT, INSERT, UPDATE, DELETE, MERGE: which relations they read and write, behind views, in partitions, and by foreign keys.
#include <algorithm>

#include "analyzer/catalog/relations.h"
#include "analyzer/effects/conditions.h"
#include "analyzer/effects/internal.h"

namespace pawl {
namespace {

constexpr int kMaxDepth = 16;  // views on views, cascades of cascades

bool Contains(List<std::string_view> v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

enum class Depth : uint8_t { kNames, kViews, kAll };  // what is named; what stands behind views, too; and partitions

uint8_t EventOf(const sql::Query& q) {
  switch (q.kind) {
    case sql::QueryKind::kInsert: return sql::kOnInsert;
    case sql::QueryKind::kUpdate: return sql::kOnUpdate;
    case sql::QueryKind::kDelete: return sql::kOnDelete;
    default: return 0;
  }
}
// What a query says of the rows that it wants of one relation.
struct Filter {
  const sql::Expr* where = nullptr;
  std::string_view qualifier;
  bool alone = false;  // no other relation stands beside it
};

// What one statement locks: whatever it names, or everything that running it opens.
class Reader {
 public:
  Reader(EffectList* list, Depth depth, bool runs, const char* action) : list_(*list), depth_(depth), runs_(runs), action_(action) {}

  // FOR UPDATE over a sub-query goes to the rows inside (measured 12-18).
  void Lock(const sql::Query& q, int depth) {
    if (!q.locking || depth > kMaxDepth) return;
    for (const sql::Query* s : q.subqueries()) {
      if (s == nullptr || !q.locked().empty()) continue;
      locking_.push_back(s);
      Lock(*s, depth + 1);
    }
  }

  void Add(const QueryRelation& r) {
    const sql::Query& q = *r.query;
    if (r.source >= 0) {
      const CatalogTable* table = list_.catalog.FindTable(*r.name);
      // The server's own: nobody waits for a lock on these.
      if (table == nullptr && r.name->schema.empty() && r.name->name.starts_with("pg_")) return;
      if (table == nullptr && (r.name->schema == "information_schema" || r.name->schema == "pg_catalog")) return;
      const size_t i = static_cast<size_t>(r.source);
      const std::string_view alias = i < q.source_aliases().size() ? q.source_aliases()[i] : std::string_view();
      const bool inside = std::find(locking_.begin(), locking_.end(), &q) != locking_.end();
      const bool locks = inside || (q.locking && (q.locked().empty() || Contains(q.locked(), alias.empty() ? r.name->name : alias)));
      const Filter filter{q.where, alias.empty() ? r.name->name : alias, q.sources().size() == 1 && q.target.empty()};
      Open(table, *r.name, locks ? LockMode::kRowShare : LockMode::kAccessShare, locks ? "reads and locks rows" : "reads rows", q.IsOnly(i), filter);
      return;
    }
    const CatalogTable* table = list_.catalog.FindTable(*r.name);
    const char* action = q.kind == sql::QueryKind::kInsert   ? "inserts rows"
                         : q.kind == sql::QueryKind::kUpdate ? "updates rows"
                         : q.kind == sql::QueryKind::kDelete ? "deletes rows"
                                                             : "merges rows";
    const size_t at = list_.out.size();
    // Rows are routed: which partitions an INSERT opens is the data's choice.
    const bool routed = q.kind == sql::QueryKind::kInsert && table != nullptr && table->partition_strategy != 0;
    if (table != nullptr && depth_ != Depth::kNames && OpenReplaced(*table, *r.name, EventOf(q), action)) return;
    Filter filter;
    if ((q.kind == sql::QueryKind::kUpdate || q.kind == sql::QueryKind::kDelete) && !(table != nullptr && MovesRows(q, *table))) {
      filter = {q.where, q.target_alias().empty() ? r.name->name : q.target_alias(), q.sources().empty()};
    }
    Open(table, *r.name, LockMode::kRowExclusive, action, q.IsOnlyTarget() || routed, filter);
    list_.out[at].loses_data = runs_ && q.kind == sql::QueryKind::kDelete;
    if (!runs_ || table == nullptr) return;
    if (routed) Route(q, *table, at);
    if (table->keys_off || list_.catalog.IsReplica()) return;
    if (q.kind == sql::QueryKind::kInsert) Inserted(*table, &q);
    if (q.kind == sql::QueryKind::kUpdate || !q.assignments.empty()) Updated(*table, q.assignments);
    if (q.kind == sql::QueryKind::kDelete) Deleted(*table, 0);
  }

  void Open(const CatalogTable* table, const sql::Name& name, LockMode mode, const char* action, bool only, const Filter& filter = {}) {
    const size_t at = list_.out.size();
    list_.Add(table, name, mode, work(), action_ != nullptr ? action_ : action).span = name.span;
    if (table != nullptr) Behind(*table, at, only, 0, filter);
  }

  void OpenKey(std::string_view key, LockMode mode, const char* action, int depth, bool only = false) {
    const CatalogTable* table = list_.catalog.FindTable(key);
    const size_t at = list_.out.size();
    list_.AddKey(key, table, mode, work(), action_ != nullptr ? action_ : action);
    if (table != nullptr) Behind(*table, at, only, depth, {});
  }

  // The row that a foreign key points at. In a partitioned table the key says in which partition it is.
  void OpenReferenced(const std::string& key) {
    const CatalogTable* table = list_.catalog.FindTable(key);
    OpenKey(key, LockMode::kRowShare, "is read to check a foreign key", 0, table != nullptr && table->partition_strategy != 0);
  }

  // The checks that rows of `table` bring about in the tables that its foreign keys point at.
  void Inserted(const CatalogTable& table, const sql::Query* q) {
    for (const CatalogConstraint& k : table.constraints) {
      if (k.kind != sql::ConstraintKind::kForeignKey || !k.enforced) continue;
      if (GivesKey(q, table, k.columns)) OpenReferenced(k.referenced);
    }
  }

 private:
  Work work() const { return runs_ ? Work::kRows : Work::kMetadata; }

  // A rule or an INSTEAD OF trigger takes the statement's place: nothing is written here, and what UPDATE and DELETE go through is only
  // read (measured 12-18).
  bool OpenReplaced(const CatalogTable& table, const sql::Name& name, uint8_t event, const char* action) {
    const bool rule = std::any_of(table.rules.begin(), table.rules.end(), [&](const CatalogRule& r) { return r.instead && r.event == event; });
    const bool trigger = std::any_of(table.triggers.begin(), table.triggers.end(), [&](const CatalogTrigger& t) { return t.timing == 'i' && (t.events & event) != 0 && !t.disabled; });
    if (event == 0 || (!rule && !trigger)) return false;
    const size_t at = list_.out.size();
    list_.Add(&table, name, LockMode::kRowExclusive, work(), action_ != nullptr ? action_ : action).span = name.span;
    if (table.type != sql::ObjectType::kView || event == sql::kOnInsert) return true;
    Effect& e = list_.out[at];
    e.lock = LockMode::kAccessShare;
    Behind(table, at, false, 0, {});
    list_.out[at].lock = LockMode::kRowExclusive;
    return true;
  }

  // What stands behind the relation of effect `at`: a view's relations, or partitions and children.
  void Behind(const CatalogTable& table, size_t at, bool only, int depth, const Filter& filter) {
    if (depth_ == Depth::kNames) return;
    const Effect like = list_.out[at];
    if (table.type == sql::ObjectType::kView) {
      if (depth > kMaxDepth) return;
      // Through a view of one table rows are written; what else a view reads is only read.
      const LockMode mode = like.lock == LockMode::kRowExclusive && table.uses.size() != 1 ? LockMode::kAccessShare : like.lock;
      for (const std::string& key : table.uses) OpenKey(key, mode, like.action, depth + 1);
      return;
    }
    if (only || depth_ != Depth::kAll) return;
    if (table.partition_strategy == 0 || filter.where == nullptr) {
      list_.AddDescendants(&table, like);
      return;
    }
    for (const CatalogTable* p : PrunedPartitions(table, filter.where, filter.qualifier, filter.alone, list_.catalog)) AddPartition(*p, like);
  }

  void AddPartition(const CatalogTable& partition, const Effect& like) {
    Effect& e = list_.out.emplace_back(like);
    e.object = list_.in.arena->Copy(partition.key);
    e.live = list_.Live(&partition);
    e.descendant = true;
  }

  // An UPDATE of the partition key takes rows to other partitions than those that it finds them in.
  static bool MovesRows(const sql::Query& q, const CatalogTable& table) {
    return std::any_of(q.assignments.begin(), q.assignments.end(), [&](const sql::Assignment& a) {
      return std::find(table.partition_columns.begin(), table.partition_columns.end(), a.column) != table.partition_columns.end();
    });
  }

  // The partitions that the rows of VALUES go to.
  void Route(const sql::Query& q, const CatalogTable& table, size_t at) {
    if (q.source == nullptr || q.source->kind != sql::QueryKind::kValues || q.source->value_rows == 0) return;
    const Effect like = list_.out[at];
    std::vector<const CatalogTable*> partitions;
    const auto value = [&](size_t row, std::string_view column) {
      PartitionValue null;
      null.kind = PartitionValue::Kind::kNull;
      const Given given = Find(q, table, column);
      if (given.what == Given::What::kNull) return null;
      const sql::Expr* e = given.what == Given::What::kListed ? ValueAt(*q.source, row, given.place) : nullptr;
      return ReadPartitionValue(e);
    };
    RoutePartitions(table, q.source->value_rows, value, list_.catalog, &partitions);
    for (const CatalogTable* p : partitions) AddPartition(*p, like);
  }

  // Where an INSERT has the value of a column.
  struct Given {
    enum class What : uint8_t { kListed, kNull, kUnknown } what = What::kUnknown;
    size_t place = 0;
  };

  static Given Find(const sql::Query& q, const CatalogTable& table, std::string_view column) {
    using What = Given::What;
    size_t place = 0;
    if (q.columns.empty()) {
      while (place < table.columns.size() && table.columns[place].name != column) ++place;
      const bool rows = q.source != nullptr && q.source->kind == sql::QueryKind::kValues && q.source->value_rows != 0;
      const size_t width = rows ? q.source->values.size() / q.source->value_rows : place + 1;
      if (place < table.columns.size() && place < width) return {What::kListed, place};
    } else {
      while (place < q.columns.size() && q.columns[place] != column) ++place;
      if (place < q.columns.size()) return {What::kListed, place};
    }
    const CatalogColumn* c = table.FindColumn(column);
    const bool filled = c == nullptr ? !table.complete : c->has_default || c->identity || c->generated;
    return {filled ? What::kUnknown : What::kNull, 0};
  }

  static const sql::Expr* ValueAt(const sql::Query& rows, size_t row, size_t place) {
    const size_t at = row * (rows.values.size() / rows.value_rows) + place;
    return at < rows.values.size() ? rows.values[at] : nullptr;
  }

  // Whether an INSERT may give all columns of a foreign key something else than null: with a null in one of them nothing is looked up
  // (MATCH SIMPLE).
  static bool GivesKey(const sql::Query* q, const CatalogTable& table, const std::vector<std::string>& columns) {
    if (q == nullptr) return true;
    std::vector<size_t> places;
    for (const std::string& c : columns) {
      const Given given = Find(*q, table, c);
      if (given.what == Given::What::kNull) return false;
      if (given.what == Given::What::kListed) places.push_back(given.place);
    }
    const sql::Query* rows = q->source;
    if (rows == nullptr || rows->kind != sql::QueryKind::kValues || rows->value_rows == 0) return true;
    for (size_t row = 0; row < rows->value_rows; ++row) {
      if (std::none_of(places.begin(), places.end(), [&](size_t place) { return IsNull(ValueAt(*rows, row, place)); })) return true;
    }
    return false;
  }

  static bool IsNull(const sql::Expr* e) { return e != nullptr && e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kNull; }

  void Updated(const CatalogTable& table, List<sql::Assignment> assignments) {
    const auto set = [&](const std::vector<std::string>& columns) {
      return std::any_of(columns.begin(), columns.end(), [&](const std::string& c) {
        return std::any_of(assignments.begin(), assignments.end(), [&](const sql::Assignment& a) { return a.column == c; });
      });
    };
    for (const CatalogConstraint& k : table.constraints) {
      if (k.kind != sql::ConstraintKind::kForeignKey || !k.enforced || !set(k.columns)) continue;
      // With a null in it there is nothing to look up.
      const bool cleared = std::any_of(assignments.begin(), assignments.end(), [&](const sql::Assignment& a) {
        return IsNull(a.value) && std::find(k.columns.begin(), k.columns.end(), a.column) != k.columns.end();
      });
      if (!cleared) OpenReferenced(k.referenced);
    }
    // Foreign keys point at unique keys: most UPDATEs set none, and need not look for who points here.
    const bool key = !table.complete || std::any_of(table.indexes.begin(), table.indexes.end(), [&](const CatalogIndex& i) { return i.unique && set(i.columns); });
    if (!key) return;
    for (const CatalogTable* r : list_.catalog.ReferencedBy(table.key)) {
      for (const CatalogConstraint& k : r->constraints) {
        if (k.kind != sql::ConstraintKind::kForeignKey || !k.enforced || k.referenced != table.key || !set(k.referenced_columns)) continue;
        OpenKey(r->key, k.on_update == 'a' || k.on_update == 'r' ? LockMode::kRowShare : LockMode::kRowExclusive, "has its foreign keys followed", 0);
      }
    }
  }

  void Deleted(const CatalogTable& table, int depth) {
    if (depth > kMaxDepth) return;
    for (const CatalogTable* r : list_.catalog.ReferencedBy(table.key)) {
      for (const CatalogConstraint& k : r->constraints) {
        if (k.kind != sql::ConstraintKind::kForeignKey || !k.enforced || k.referenced != table.key) continue;
        const bool checks = k.on_delete == 'a' || k.on_delete == 'r';
        OpenKey(r->key, checks ? LockMode::kRowShare : LockMode::kRowExclusive, checks ? "is read to check a foreign key" : "loses what pointed at the rows", 0);
        if (k.on_delete == 'c' && r != &table) Deleted(*r, depth + 1);
      }
    }
  }

  EffectList& list_;
  const Depth depth_;
  const bool runs_;   // and touches rows
  const char* action_;
  std::vector<const sql::Query*> locking_;  // sub-queries whose rows an outer FOR UPDATE locks
};

void Walk(const sql::Query& query, Reader reader) {
  reader.Lock(query, 0);
  ForEachRelation(query, [&](const QueryRelation& r) { reader.Add(r); });
}

}  // namespace

void QueryEffects(const sql::Query& query, EffectList* list) { Walk(query, Reader(list, Depth::kAll, true, nullptr)); }
void PlanEffects(const sql::Query& query, EffectList* list) { Walk(query, Reader(list, Depth::kAll, false, "is planned for")); }
void RewriteEffects(const sql::Query& query, EffectList* list) { Walk(query, Reader(list, Depth::kViews, false, "is prepared for")); }
void AddReads(const sql::Query& query, const char* action, EffectList* list) { Walk(query, Reader(list, Depth::kNames, false, action)); }

void AddReads(const sql::Expr& expression, const char* action, EffectList* list) {
  Reader reader(list, Depth::kNames, false, action);
  ForEachRelation(expression, [&](const QueryRelation& r) { reader.Add(r); });
}

void ReadRelation(std::string_view key, LockMode mode, const char* action, EffectList* list) { Reader(list, Depth::kAll, true, nullptr).OpenKey(key, mode, action, 0); }

void CopyEffects(const sql::Copy& copy, EffectList* list) {
  if (copy.query != nullptr) return QueryEffects(*copy.query, list);
  const CatalogTable* table = list->catalog.FindTable(copy.table);
  Reader reader(list, Depth::kAll, true, nullptr);
  const size_t at = list->out.size();
  const bool routed = table != nullptr && table->partition_strategy != 0;
  reader.Open(table, copy.table, copy.from ? LockMode::kRowExclusive : LockMode::kAccessShare, copy.from ? "inserts rows" : "reads rows", copy.from || !routed);
  if (!copy.from && list->in.server_version < 13) list->out[at].until_commit = false;  // measured on 12
  if (copy.from && table != nullptr && !table->keys_off && !list->catalog.IsReplica()) reader.Inserted(*table, nullptr);
}

}  // namespace pawl
