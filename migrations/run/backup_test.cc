#include "migrations/run/backup.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

Target To(const std::string& url) {
  Target t;
  t.url = url;
  t.origin = "--url";
  return t;
}
bool Has(const std::vector<std::string>& all, const std::string& line) { return std::find(all.begin(), all.end(), line) != all.end(); }

TEST(Backup, ReadsTheMajor) {
  EXPECT_EQ(MajorOf("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), 15);
  EXPECT_EQ(MajorOf("pg_dump (PostgreSQL) 19devel"), 19);
  EXPECT_EQ(MajorOf("pg_dump: error"), 0);
}

TEST(Backup, ThePasswordGoesByTheEnvironment) {
  setenv("PGHOSTADDR", "10.0.0.1", 1);
  const auto e = ChildEnvironment(To("postgresql://ada:x%20y%23@db.example:6543/app?sslmode=require"));
  unsetenv("PGHOSTADDR");
  ASSERT_TRUE(e.ok());
  EXPECT_TRUE(Has(*e, "PGPASSWORD=x y#"));
  EXPECT_TRUE(Has(*e, "PGHOST=db.example"));
  EXPECT_TRUE(Has(*e, "PGPORT=6543"));
  EXPECT_TRUE(Has(*e, "PGUSER=ada"));
  EXPECT_TRUE(Has(*e, "PGDATABASE=app"));
  EXPECT_TRUE(Has(*e, "PGSSLMODE=require"));
  EXPECT_FALSE(Has(*e, "PGHOSTADDR=10.0.0.1"));  // of another host
  EXPECT_TRUE(std::any_of(e->begin(), e->end(), [](const std::string& l) { return absl::StartsWith(l, "PATH="); }));
}

TEST(Backup, AUrlThatCannotBeReadIsNotShown) {
  const auto e = ChildEnvironment(To("postgresql://ada:%zzsecret@db/app"));
  ASSERT_FALSE(e.ok());
  EXPECT_FALSE(absl::StrContains(e.status().message(), "secret"));
}

TEST(Backup, TheLastLineOfTheCommandIsTheId) {
  const Target t = To("postgresql://ada:hidden@db.example/app");
  BackupRequest r;
  r.target = &t;
  r.command = "echo working; echo \"snapshot-$PGHOST-$PGDATABASE\"; echo";
  const auto b = TakeBackup(r);
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_EQ(b->id, "snapshot-db.example-app");
}

TEST(Backup, ACommandThatFailsSaysWhyWithoutThePassword) {
  const Target t = To("postgresql://ada:hidden@db.example/app");
  BackupRequest r;
  r.target = &t;
  r.command = "echo \"no room for $PGPASSWORD\" >&2; exit 7";
  const auto b = TakeBackup(r);
  ASSERT_FALSE(b.ok());
  EXPECT_TRUE(absl::StrContains(b.status().message(), "ended with 7: no room for ***")) << b.status();
  r.command = "true";
  EXPECT_TRUE(absl::StrContains(TakeBackup(r).status().message(), "printed nothing"));
}

TEST(Backup, AProgressIsToldWhileItRuns) {
  const Target t = To("postgresql://db.example/app");
  BackupRequest r;
  r.target = &t;
  r.command = "sleep 1.3; echo id";
  int told = 0;
  r.progress = [&](int64_t, double) { ++told; };
  ASSERT_TRUE(TakeBackup(r).ok());
  EXPECT_GE(told, 1);
}

}  // namespace
}  // namespace pawl
