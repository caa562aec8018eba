// What file and folder names of migrations say: numbers, separators, directions, dialects. Pure; no allocation.
#ifndef PAWL_MIGRATIONS_LAYOUT_NAMES_H_
#define PAWL_MIGRATIONS_LAYOUT_NAMES_H_

#include <optional>
#include <string_view>

#include "migrations/set/migration_set.h"

namespace pawl {

// "dir/000012_add_users.postgres.up.sql" taken apart. Views into the given path.
struct NameParts {
  std::string_view folder;       // "dir", "" if none
  std::string_view base;         // "000012_add_users.postgres.up.sql"
  std::string_view stem;         // without extension, direction and dialect: "000012_add_users"
  std::string_view extension;    // ".sql"
  std::optional<Direction> direction;  // of .up / .down
  std::string_view dialect;      // "postgres"; "" if the name says none
  std::string_view digits;       // the number that the stem begins with: "000012"; "" if none
  char separator = 0;            // what stands behind the number: '_', '-', '.', or 0 at the end
  std::string_view slug;         // what stands behind the separator: "add_users"; the stem if there is no number
};
NameParts ParseName(std::string_view path);

// Flyway's and neo4j-migrations' form: V1_2__add_users.sql.
struct FlywayName {
  char prefix = 0;               // 'V', 'U', 'R' or 'B'
  std::string_view version;      // "1_2"; "" for R
  std::string_view description;  // "add_users"
};
// `base` without extension. Nothing if it does not match to the letter, as these tools want it.
std::optional<FlywayName> ParseFlywayName(std::string_view stem);

bool IsDigit(char c);
// A folder that holds one migration: "2020-01-01-000000_name", "20200101000000_name", "01_init".
bool LooksLikeMigrationFolder(std::string_view base);
// A folder that holds the migrations of one release: "58", "v1.2", "0.27".
bool LooksLikeVersionFolder(std::string_view base);
// A folder's name, or a part of a file's, that belongs to another database: "mysql", "sqlite3".
bool IsForeignDialect(std::string_view s);
// Of those, the ones that a folder is named for nothing else ("db2" and "oracle" are also packages and services).
bool IsUnmistakableForeignDialect(std::string_view s);
bool IsPostgresDialect(std::string_view s);
// By extension: .sql; .cypher .cql .cyp. Nothing for other files.
std::optional<Engine> EngineOfName(std::string_view base);
// A migration written in a programming language, which no SQL linter sees: "20200101_x.go", "V2__x.java".
bool LooksLikeCodeMigration(std::string_view base);

// Orders. Each gives <0, 0, >0.
int CompareNumbers(std::string_view a, std::string_view b);   // digits only, any length: "9" < "010"
int CompareDotted(std::string_view a, std::string_view b);    // numbers between '.', '_' or '-': "1.9" < "1_10"
int CompareNatural(std::string_view a, std::string_view b);   // text, with numbers compared as numbers

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_LAYOUT_NAMES_H_
