// Replays one statement on a Catalog: the writing half of it, kept out of catalog.h. Internal to analyzer/catalog.
#ifndef PAWL_ANALYZER_CATALOG_REPLAY_H_
#define PAWL_ANALYZER_CATALOG_REPLAY_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog/catalog.h"
#include "analyzer/catalog/names.h"

namespace pawl {

// One statement's worth of changes. What PostgreSQL would refuse (making what exists) is taken as if it had worked: a history
// that ran has run, so what differs is our knowledge.
class CatalogReplay {
 public:
  CatalogReplay(Catalog* catalog, const Origin& origin, std::string_view text) : c_(*catalog), origin_(origin), text_(text) {}

  void Run(const sql::Statement& s);

 private:
  using Index = CatalogIndex;
  using Table = CatalogTable;

  // replay_table.cc
  void CreateTable(const sql::CreateTable& t, const sql::Statement& s);
  void CreateIndex(const sql::CreateIndex& i, const sql::Statement& s);
  void CopyLike(const sql::Name& source, Table* t);
  void CopyAsPartition(const Table& parent, Table* t);
  void CopyAsChild(const Table& parent, Table* t);
  void AddColumn(Table* t, const sql::Column& c);
  // Constraints of a column's definition that are more than a property of the column.
  void AddColumnConstraints(Table* t, const sql::Column& c);
  void AddConstraint(Table* t, const sql::Constraint& k, std::string_view column);
  void AddIndexConstraint(Table* t, const sql::Constraint& k);
  void DropPrimaryKey(Table* t);
  void DropRedundantKeys(Table* t);
  void AddIndex(Table* t, Index index);
  void AddIndexed(const Table& t, std::string_view method, const sql::IndexElement& e, std::vector<std::string>* functions) const;
  void AddExcluded(const Table& t, std::string_view constraint, const std::vector<std::string>& columns, std::string_view method);
  std::string SequenceOf(const sql::Expr* default_expression) const;
  void AddSequenceOf(const Table& t, CatalogColumn* column);
  bool RelationExists(std::string_view schema, std::string_view name) const;
  std::string FreeRelationName(const Table& t, std::string_view addition, std::string_view label) const;
  std::string FreeConstraintName(const Table& t, std::string_view addition, std::string_view label) const;

  // replay_alter.cc
  void AlterTable(const sql::AlterTable& a);
  void Alter(Table* t, const sql::AlterCommand& c, bool only);
  void SetOwner(const sql::Name& name, std::string_view role);
  void SwitchTriggers(Table* t, const sql::AlterCommand& c);
  void AlterDescendants(const std::string& key, const sql::AlterCommand& c);
  // A column that an ALTER TABLE added holds nothing unless its definition says so.
  void NoteEmpty(Table* t, const sql::Column& c);
  // ALTER CONSTRAINT ... [NOT] DEFERRABLE.
  void AlterDeferrable(const sql::AlterCommand& c, CatalogConstraint* constraint) const;
  void DropColumn(Table* t, std::string_view column);
  void DropConstraint(Table* t, std::string_view name);
  // Foreign keys at exactly these columns of the table, or at any of them; columns that are not known may be these.
  void DropReferences(const std::string& table, const std::vector<std::string>& columns, bool exactly);
  void Attach(Table* parent, const sql::AlterCommand& c);
  void Detach(Table* parent, const sql::AlterCommand& c);
  void RenameColumn(Table* t, std::string_view from, std::string_view to);
  void RenameConstraint(Table* t, std::string_view from, std::string_view to);

  // replay_objects.cc
  void Drop(const sql::Drop& d);
  void DropTable(const std::string& key);
  void DropForeign(std::string_view what);
  void DropType(const std::string& key, bool cascade);
  void DropIndex(const std::string& key);
  void DropSchema(std::string_view schema);
  void Rename(const sql::Rename& r);
  void MoveTable(const std::string& from, std::string to, bool indexes_too);
  void RenameIndex(const std::string& key, std::string_view to);
  void RenameType(const std::string& from, std::string to);
  void SetSchema(const sql::SetSchema& s);
  void RenameSchema(std::string_view from, std::string_view to);
  void CreateView(const sql::CreateView& v);
  void CreateFunction(const sql::CreateFunction& f, const sql::Statement& s);
  void CreateType(const sql::CreateType& t);
  void AlterEnum(const sql::AlterEnum& e);
  void CreateDomain(const sql::CreateDomain& d);
  void AlterDomain(const sql::AlterDomain& d);
  void CreateSchema(const sql::CreateSchema& s);

  // replay_parts.cc
  void SetQuery(Table* view, const sql::Query& q);
  void DropDependents(const std::string& key);
  void DropDependentsOnColumn(const Table& t, std::string_view column);
  void AddChild(const std::string& parent, const Table& child);
  // Functions of the history that an expression calls, and extensions whose functions it calls.
  std::vector<std::string> FunctionsIn(const sql::Expr* e) const;
  void AddFunction(const sql::Expr& call, std::vector<std::string>* functions) const;
  // A default, generated column, CHECK or index; kept if it calls such a function.
  void AddDependent(CatalogDependent::Kind kind, const Table& t, std::string_view name, std::vector<std::string> functions);
  // A generated column stands on the columns that it is computed from, too.
  void AddGenerated(const Table& t, std::string_view column, const sql::Expr* expression);
  void AddPolicy(const std::string& table, std::string_view name, std::initializer_list<const sql::Expr*> conditions);
  void CreateTrigger(const sql::CreateTrigger& trigger);
  void CreatePolicy(const sql::CreatePolicy& p);
  void CreateSequence(const sql::CreateSequence& q);
  void DropPart(sql::ObjectType type, const sql::Name& table, std::string_view name);
  void RenamePart(sql::ObjectType type, Table* t, std::string_view from, std::string_view to);
  void CreateRule(const sql::OtherObject& o);
  void Other(const sql::Statement& s);
  void DropOther(const sql::Drop& d, const sql::Name& name);
  void DropSequence(const std::string& key);
  // The sequence that a column of the table owns goes with it.
  void DropOwnedSequence(std::string_view table, std::string_view column, const std::string& sequence);
  void MoveSequence(std::string_view from, const std::string& to);
  void DropFunction(const std::string& key);

  // replay_details.cc: nothing happens unless the catalogue keeps details
  void KeepDefault(CatalogColumn* column, uint32_t begin, uint32_t end, bool in_column);
  void KeepGenerated(CatalogColumn* column, uint32_t begin);
  void KeepIdentity(CatalogColumn* column, uint32_t begin);
  void KeepPartitionKey(Table* t, const sql::Statement& s);
  void KeepBound(Table* t, const sql::PartitionBound* bound);
  void RenameValueInDetails(std::string_view type, std::string_view from, std::string_view to);
  void RenameFunctionInDetails(std::string_view from, std::string_view to);
  void RenameInDetails(Table* t, std::string_view from, std::string_view to);
  // The statement's text from `begin`; "" if it is not there.
  std::string_view From(uint32_t begin) const {
    const size_t end = std::min<size_t>(end_, text_.size());
    return begin < end ? text_.substr(begin, end - begin) : std::string_view();
  }

  // replay_rows.cc
  void Query(const sql::Query& q, int depth);
  void Update(const sql::Query& q);
  // A statement gives the column (null: any) of the table values: it is not empty any more, above and below in partitions neither.
  void Fill(const Table& t, const std::string_view* column);
  void FillAll();
  void Insert(const sql::Query& q);
  void Truncate(const sql::Truncate& t);
  void SetVariable(const sql::VariableSet& v);
  void SetSearchPath(const std::vector<std::string_view>& values, bool local);
  void EndTransaction();

  // The key under which an object of this name is made.
  std::string NewKey(const sql::Name& name, bool temporary = false) const;
  // The table of this name, made with complete = false if no statement made it.
  Table* Known(const sql::Name& name);
  Table* Find(const sql::Name& name);
  Table* Find(std::string_view key);

  Catalog& c_;
  const Origin& origin_;
  std::string_view text_;
  uint32_t end_ = UINT32_MAX;  // of the statement
  bool creating_ = false;  // inside CREATE TABLE: no rows yet, so that NOT VALID has no meaning
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_REPLAY_H_
