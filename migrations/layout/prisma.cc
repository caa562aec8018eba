// Prisma Migrate: 20200101000000_name/migration.sql, migration_lock.toml beside the folders, folders in byte order.
//
// The schema engine opens no transaction and sends the file as one simple query (prisma-engines,
// schema-engine/connectors/sql-schema-connector, native postgres `apply_migration_script`: `client.simple_query(script)`),
// so the server runs several statements in one implicit transaction: CREATE INDEX CONCURRENTLY works only as the one
// statement of its file. Engines from 7.4 on treat files of concurrent indexes apart (prisma-engines#5767); the rule here is
// the one that holds on all of them.
//
// Prisma has no downs of its own. Its guide "Generating down migrations" puts a down.sql into the folder: it is taken as the
// down where a project has them.
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

bool Fits(const LayoutInput& input, const LayoutFile& f) {
  return f.nested() && input.engine == Engine::kPostgresql && (f.name.base == "migration.sql");
}

void Split(const LayoutInput& input, LayoutOutput* out) {
  for (const LayoutFile& f : input.files) {
    if (f.nested() && (f.name.base == "migration.sql" || f.name.base == "down.sql")) {
      // Files are sorted by path: those of one folder stand together.
      if (out->migrations.empty() || out->migrations.back().version != f.name.folder) {
        out->migrations.push_back(MakeMigration(f.name.folder, ParseName(f.name.folder).slug));
      }
      Migration& m = out->migrations.back();
      (f.name.base == "down.sql" ? m.down : m.up) = WholeFile(f, TransactionMode::kSimpleQuery);
    } else if (!f.nested() && !f.name.digits.empty()) {
      AddStray(f, "is not in a folder of its own: Prisma runs only <timestamp>_<name>/migration.sql", out);
    } else {
      out->rest.push_back(&f);
    }
  }
}

}  // namespace

extern const LayoutSpec kPrismaLayout;
const LayoutSpec kPrismaLayout = {Layout::kPrisma, 1, Fits, Split, CompareVersionText};

}  // namespace pawl
