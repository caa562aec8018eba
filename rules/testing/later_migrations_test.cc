// Rules that look at the migrations behind the one they judge, which .cases cannot show: there the last one is judged.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rules/engine/engine.h"
#include "rules/registry.h"
#include "rules/testing/case_file.h"

namespace pawl {
namespace {

int Findings(std::string_view rule, std::vector<std::string> ups) {
  RuleCase c;
  c.ups = std::move(ups);
  const MigrationSet set = MakeSet(c);
  std::vector<Severity> severities;
  for (const Rule* r : AllRules()) severities.push_back(r->info.name == rule ? Severity::kWarning : Severity::kOff);
  EngineOptions options;
  options.rules = AllRules();
  options.severities = severities;
  RuleEngine engine(options);
  std::vector<Finding> all;
  EngineSummary summary;
  engine.Run(set, nullptr, nullptr, all, summary);
  return static_cast<int>(all.size());
}

constexpr char kTable[] = "CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));";

TEST(ForeignKeyWithoutIndex, NoLaterMigrationMakesTheIndex) {
  EXPECT_EQ(Findings("foreign-key-without-index", {kTable, "ALTER TABLE items ADD COLUMN note text;"}), 1);
  EXPECT_EQ(Findings("foreign-key-without-index", {kTable, "CREATE INDEX i ON items (id, order_id);"}), 1);
  EXPECT_EQ(Findings("foreign-key-without-index", {kTable, "CREATE INDEX i ON other_items (order_id);"}), 1);
  EXPECT_EQ(Findings("foreign-key-without-index", {kTable, "CREATE INDEX i ON items (order_id) WHERE order_id > 5;"}), 1);
  EXPECT_EQ(Findings("foreign-key-without-index", {kTable, "-- CREATE INDEX i ON items (order_id);\nSELECT 1;"}), 1);
}

TEST(ForeignKeyWithoutIndex, ALaterMigrationMakesTheIndex) {
  for (const char* later : {"CREATE INDEX i ON items (order_id);", "create unique index concurrently if not exists i on only public.items using btree (order_id DESC, id);",
                            "CREATE INDEX i ON \"items\" (\"order_id\" int8_ops)"}) {
    EXPECT_EQ(Findings("foreign-key-without-index", {kTable, "SELECT 1;", later}), 0) << later;
  }
}

TEST(ForeignKeyWithoutIndex, ManyMigrationsFollow) {
  EXPECT_EQ(Findings("foreign-key-without-index", {kTable, absl::StrCat("SELECT 1;", std::string(70 * 1024, ' '))}), 0);
}

}  // namespace
}  // namespace pawl
