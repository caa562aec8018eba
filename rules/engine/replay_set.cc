#include "rules/engine/replay_set.h"

#include <memory>

#include "analyzer/schema/start.h"
#include "analyzer/sql/script.h"
#include "rules/engine/replay.h"

namespace pawl {

uint32_t ReplaySet(const MigrationSet& set, const LintSettings& settings, Catalog* catalog) {
  if (set.engine != Engine::kPostgresql) return 0;
  if (settings.start != nullptr) settings.start->Fill(catalog);
  ScriptContext context;
  context.set = &set;
  context.settings = &settings;
  uint32_t next_transaction = 0, not_understood = 0;
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    if (!m.up) continue;
    sql::ParseOptions options;
    options.commented = m.up->commented;
    const std::unique_ptr<sql::Script> script = sql::ParseScript(*m.up->file, m.up->section, options);
    context.migration = &m;
    context.migration_index = static_cast<int>(i);
    context.direction = Direction::kUp;
    context.ref = &*m.up;
    context.file = m.up->file;
    context.script = script.get();
    context.facts.clear();
    ScriptReplay(context, *catalog, next_transaction, [](void*, const ScriptContext&, const Catalog&) {}, nullptr).Run();
    not_understood += script->not_understood;
    catalog->ForgetStatements();
  }
  return not_understood;
}

}  // namespace pawl
