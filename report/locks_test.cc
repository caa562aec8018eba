#include "report/locks.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Fixture {
  MigrationSet set;
  std::vector<LocksInput> inputs;

  explicit Fixture(std::string text) {
    set.files.push_back(std::make_unique<SourceFile>("2_<b>.sql", std::move(text)));
    Migration m;
    m.version = "2";
    m.name = "b & c";
    ScriptRef ref;
    ref.file = set.files.back().get();
    ref.section = {0, static_cast<uint32_t>(ref.file->text().size())};
    ref.transaction = TransactionMode::kFile;
    m.up = ref;
    set.migrations.push_back(std::move(m));
    inputs.push_back({&set, LockTimeline(set, {})});
  }
};

constexpr char kSql[] = "ALTER TABLE users ADD COLUMN a int;\nUPDATE orders SET x = 1;\n";

TEST(Locks, TextSaysWhoWaitsAndUntilWhen) {
  const Fixture f(kSql);
  const std::string text = LocksText(f.inputs, false);
  EXPECT_THAT(text, HasSubstr("ACCESS EXCLUSIVE on public.users since line 1, until COMMIT, over 1 more statement"));
  EXPECT_THAT(text, HasSubstr("reads and writes wait"));
  EXPECT_THAT(text, Not(HasSubstr("ROW EXCLUSIVE"))) << "locks that nobody waits for are for --verbose";
  EXPECT_THAT(LocksText(f.inputs, true), HasSubstr("ROW EXCLUSIVE on public.orders"));
  EXPECT_THAT(LocksText({}, false), HasSubstr("no transaction"));
}

TEST(Locks, JsonHasEveryStatementAndObject) {
  const Fixture f(kSql);
  const auto j = nlohmann::json::parse(LocksJson(f.inputs, 16));
  ASSERT_EQ(j["transactions"].size(), 1u);
  const auto& t = j["transactions"][0];
  EXPECT_EQ(t["statements"].size(), 2u);
  EXPECT_EQ(t["objects"][0]["mode"], "AccessExclusiveLock");
  EXPECT_EQ(t["objects"][0]["blocks"], (std::vector<std::string>{"reads", "writes"}));
  EXPECT_EQ(t["objects"][0]["until_line"], 2);
}

TEST(Locks, HtmlEscapesNamesAndHoldsNothingFetched) {
  const Fixture f(kSql);
  const std::string page = LocksHtml(f.inputs, 16, false);
  EXPECT_THAT(page, HasSubstr("2_&lt;b&gt;.sql"));
  EXPECT_THAT(page, HasSubstr("b &amp; c"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, HasSubstr("role=\"img\""));
}

}  // namespace
}  // namespace pawl
