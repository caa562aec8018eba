// Migration sets: ordered migrations with their up and down scripts, as a runner of the set's layout would see them.
// Data only; discovered by discover.h, parsed by the analyzer.
#ifndef PAWL_MIGRATIONS_SET_MIGRATION_SET_H_
#define PAWL_MIGRATIONS_SET_MIGRATION_SET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"

namespace pawl {

enum class Layout : uint8_t {
  kPlain,            // *.sql, no scheme: each file one up script, in name order
  kGolangMigrate,    // 000001_name.up.sql / .down.sql
  kDbmate,           // -- migrate:up / -- migrate:down in one file
  kGoose,            // -- +goose Up / -- +goose Down in one file
  kFlyway,           // V1__x.sql, U1__x.sql, R__x.sql
  kPrisma,           // YYYYMMDDHHMMSS_name/migration.sql
  kSqlx,             // 20200101000000_name.sql, or .up.sql/.down.sql pairs with -- no-transaction
  kDiesel,           // 2020-01-01-000000_name/up.sql, down.sql
  kNodePgMigrate,    // 1600000000000_name.sql with -- Up Migration / -- Down Migration
  kLiquibase,        // --liquibase formatted sql
  kNumbered,         // NN_name.sql, down section commented out in the same file
  kTimestampSlug,    // YYYYMMDDHHMM_slug.sql, or such a folder
  kNeo4jMigrations,  // V1_2__x.cypher, R1__x.cypher
  kSqlMigrate,       // -- +migrate Up / -- +migrate Down in one file
};
inline constexpr int kLayoutCount = static_cast<int>(Layout::kSqlMigrate) + 1;
std::string_view ToString(Layout l);                          // "golang-migrate", "dbmate", ...
std::optional<Layout> ParseLayout(std::string_view s);

enum class Direction : uint8_t { kUp, kDown };

// What the runner that applies a script does about transactions.
enum class TransactionMode : uint8_t {
  kFile,       // wraps the whole script in BEGIN ... COMMIT
  kSimpleQuery,  // sends the whole script as one simple query: an implicit transaction if it has two or more statements
  kStatement,  // each statement on its own; BEGIN/COMMIT in the file count
};

// One direction of one migration: some bytes of one file.
struct ScriptRef {
  const SourceFile* file = nullptr;
  Span section;                 // the bytes to parse; the whole file for layouts with a file a direction
  TransactionMode transaction = TransactionMode::kStatement;
  bool commented = false;       // the section is commented out line by line (layout kNumbered)
};

struct Migration {
  std::string version;          // as its runner would record it: "000001", "20200101000000", "1.2"; "" for repeatable ones
  std::string name;             // the rest of the file's or folder's name
  bool repeatable = false;      // runs again whenever it changes (Flyway R)
  bool no_op_down_allowed = false;  // declared irreversible with a reason
  std::optional<ScriptRef> up;
  std::optional<ScriptRef> down;
  bool down_on_disk = false;    // no `down` here, but its file exists beside the up: it is only not part of this run
  Span anchor;                  // where to report findings about the migration as a whole, in up's (else down's) file
  const SourceFile* file() const { return up ? up->file : down ? down->file : nullptr; }
};

// A file in the set's folder that its runner would skip, with the reason ("does not match NNN_name.up.sql").
struct StrayFile {
  const SourceFile* file = nullptr;
  std::string reason;
};

struct MigrationSet {
  std::string name;             // of pawl.toml, else the folder
  std::string root;             // folder, as the user named it; "" for files given one by one
  Engine engine = Engine::kPostgresql;
  Layout layout = Layout::kPlain;
  bool complete = false;        // a whole folder was given: what is not here does not exist
  bool ordered = true;          // versions give an order
  bool has_downs = false;       // the layout has down scripts and this set uses them: a missing one is an oversight
  std::vector<Migration> migrations;  // in the order in which they are applied
  std::vector<StrayFile> strays;
  std::vector<std::unique_ptr<SourceFile>> files;  // owns every file above
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_SET_MIGRATION_SET_H_
