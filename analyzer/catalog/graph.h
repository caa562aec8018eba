// The graph's schema and vocabulary as a set's Cypher history has made them so far: constraints, indexes, and the labels, types
// and property keys that were ever written. Neo4j has no schema for data, so a name that was never seen is not wrong, only new.
// Not thread-safe; one Graph follows one set.
#ifndef PAWL_ANALYZER_CATALOG_GRAPH_H_
#define PAWL_ANALYZER_CATALOG_GRAPH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/cypher/ast.h"
#include "analyzer/source/source_file.h"

namespace pawl {

// Where something was made: the migration's ordinal in its set, the statement's ordinal over the whole replay.
struct GraphOrigin {
  int migration = -1;
  uint32_t statement = 0;
  const SourceFile* file = nullptr;
  Span span;                             // of the name, else of the statement
};

struct GraphConstraint {
  std::string name;                      // "" if the server made one up
  cypher::ConstraintKind kind = cypher::ConstraintKind::kUnknown;
  cypher::EntityKind entity = cypher::EntityKind::kNode;
  std::string label;                     // or relationship type
  std::vector<std::string> properties;   // in the order written; a constraint's order matters for its index only
  std::string type;                      // kType: as written
  GraphOrigin origin;
  GraphOrigin dropped;                   // migration -1: it stands. Dropped ones are kept: see Dropped()

  bool owns_index() const { return kind == cypher::ConstraintKind::kUnique || kind == cypher::ConstraintKind::kKey; }
};

struct GraphIndex {
  std::string name;
  cypher::IndexKind kind = cypher::IndexKind::kRange;
  cypher::EntityKind entity = cypher::EntityKind::kNode;
  std::vector<std::string> labels;       // or types; empty for lookup
  std::vector<std::string> properties;
  bool awaited = false;                  // db.awaitIndex(es) was called since
  GraphOrigin origin;
};

// What a label, type or property key was last seen doing.
struct GraphName {
  GraphOrigin written;                   // first CREATE, MERGE or SET with it; migration -1: never
  bool seeded = true;                    // all writes so far were of literal data: none stood behind a MATCH or LOAD CSV
};

class Graph {
 public:
  const std::vector<GraphConstraint>& constraints() const { return constraints_; }
  const std::vector<GraphConstraint>& dropped() const { return dropped_; }  // constraints that are gone, oldest first
  const std::vector<GraphIndex>& indexes() const { return indexes_; }

  const GraphConstraint* FindConstraint(std::string_view name) const;
  const GraphIndex* FindIndex(std::string_view name) const;
  // A uniqueness or key constraint on the label whose properties are all in `properties` (so that MERGE on them is safe).
  const GraphConstraint* UniqueOn(std::string_view label, const std::vector<std::string_view>& properties) const;
  // A constraint or index on the same entity, label and properties (in any order); null if there is none.
  const GraphConstraint* ConstraintOn(cypher::EntityKind entity, std::string_view label, const std::vector<std::string_view>& properties) const;
  const GraphIndex* IndexOn(cypher::EntityKind entity, std::string_view label, const std::vector<std::string_view>& properties) const;

  bool LabelWritten(std::string_view label) const { return labels_.contains(label); }
  bool TypeWritten(std::string_view type) const { return types_.contains(type); }
  bool KeyWritten(std::string_view key) const { return keys_.contains(key); }
  bool anything_written() const { return !labels_.empty(); }
  const absl::flat_hash_map<std::string, GraphName>& labels() const { return labels_; }
  const absl::flat_hash_map<std::string, GraphName>& types() const { return types_; }
  const absl::flat_hash_map<std::string, GraphName>& keys() const { return keys_; }

  // The first MATCH that named the label or type; null if none did. It says that there is data, which this history need not have made.
  const GraphOrigin* Matched(cypher::EntityKind entity, std::string_view name) const;

  // Replays one statement, those in its string arguments included.
  void Apply(const cypher::Statement& s, const GraphOrigin& at);

 private:
  // `seeds`: nothing before in the query brings rows; becomes false at what does.
  void ApplyQuery(const cypher::Query& q, const GraphOrigin& at, bool& seeds);
  void ApplyClause(const cypher::Clause& c, const GraphOrigin& at, bool& seeds);
  void ReadPattern(const cypher::Pattern& p, const GraphOrigin& at);
  void WritePattern(const cypher::Pattern& p, const GraphOrigin& at, bool seeds);
  void WriteItems(const List<cypher::SetItem>& items, const GraphOrigin& at, bool seeds);
  void WriteMap(const cypher::Expr* e, const GraphOrigin& at);

  std::vector<GraphConstraint> constraints_, dropped_;
  std::vector<GraphIndex> indexes_;
  absl::flat_hash_map<std::string, GraphName> labels_, types_, keys_;
  absl::flat_hash_map<std::string, GraphOrigin> matched_labels_, matched_types_;
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_GRAPH_H_
