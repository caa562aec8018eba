#include "tools/config.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace pawl {
namespace {

namespace fs = std::filesystem;

constexpr Rule kIndex = {.info = {.name = "index-not-concurrent", .group = RuleGroup::kLocks, .severity = Severity::kError}};
constexpr Rule kDrop = {.info = {.name = "drop-table", .group = RuleGroup::kData, .severity = Severity::kWarning}};
constexpr const Rule* kRules[] = {&kIndex, &kDrop};

absl::StatusOr<Config> Parse(std::string_view text, const std::string& file = "pawl.toml") { return ParseConfig(text, file, kRules); }

Config Good(std::string_view text, const std::string& file = "pawl.toml") {
  auto c = Parse(text, file);
  EXPECT_TRUE(c.ok()) << c.status();
  return c.ok() ? *c : Config{};
}

std::string Problems(std::string_view text) {
  const auto c = Parse(text);
  EXPECT_FALSE(c.ok());
  return std::string(c.status().message());
}

TEST(Config, ReadsSets) {
  const Config c = Good(R"([[set]]
name = "operational"
path = "db/migrations/operational"
engine = "postgresql"
layout = "auto"
server-version = "16"
transaction-mode = "file"
url-env = "DB_URL"
env-file = "migrate.env"
environment = "production"

[[set]]
name = "graph"
path = "/srv/graph"
engine = "neo4j"
layout = "neo4j-migrations"
server-version = ["5.26", "2025.06"]
edition = "enterprise"
after = ["operational"]
)",
                        "conf/pawl.toml");
  EXPECT_EQ(c.folder, "conf");
  ASSERT_EQ(c.sets.size(), 2u);
  const SetConfig& a = c.sets[0];
  EXPECT_EQ(a.path, "conf/db/migrations/operational");
  EXPECT_EQ(a.engine, Engine::kPostgresql);
  EXPECT_FALSE(a.layout);
  EXPECT_EQ(a.server_versions, std::vector<std::string>{"16"});
  EXPECT_EQ(a.transaction, TransactionMode::kFile);
  EXPECT_EQ(a.url_env, "DB_URL");
  EXPECT_EQ(a.env_file, "conf/migrate.env");
  EXPECT_EQ(a.environment, "production");
  const SetConfig& b = c.sets[1];
  EXPECT_EQ(b.path, "/srv/graph");
  EXPECT_EQ(b.layout, Layout::kNeo4jMigrations);
  EXPECT_EQ(b.server_versions, (std::vector<std::string>{"5.26", "2025.06"}));
  EXPECT_EQ(b.edition, "enterprise");
  EXPECT_EQ(b.after, std::vector<std::string>{"operational"});
  EXPECT_EQ(c.FindSet("graph"), &c.sets[1]);
  EXPECT_EQ(c.FindSet("other"), nullptr);
}

TEST(Config, ReadsLint) {
  const Config c = Good(R"([lint]
select = ["locks", "drop-table"]
ignore = "drop-table"
extend-select = ["all"]
severity = { drop-table = "note", locks = "error" }
per-path-ignores = { "db/seeds/**" = ["data"], "*.down.sql" = "drop-table" }
fail-on = "error"
transaction-mode = "statement"
server-version = "12, 16.4"
)");
  ASSERT_TRUE(c.lint.select);
  EXPECT_EQ(*c.lint.select, (std::vector<std::string>{"locks", "drop-table"}));
  EXPECT_EQ(c.lint.ignore, std::vector<std::string>{"drop-table"});
  EXPECT_EQ(c.lint.severity.size(), 2u);
  EXPECT_EQ(c.lint.fail_on, Severity::kError);
  EXPECT_EQ(c.lint.transaction, TransactionMode::kStatement);
  EXPECT_EQ(c.lint.server_versions, (std::vector<int>{12, 16}));
  EXPECT_EQ(c.Selection().origin, "pawl.toml");
  EXPECT_TRUE(SelectRules(kRules, {{c.Selection()}}).ok());
  EXPECT_TRUE(c.IsIgnored("db/seeds/x/1.sql", kDrop.info));
  EXPECT_TRUE(c.IsIgnored("./db/1.down.sql", kDrop.info));
  EXPECT_FALSE(c.IsIgnored("db/1.up.sql", kDrop.info));
  EXPECT_FALSE(c.IsIgnored("db/seeds/1.sql", kIndex.info));
}

TEST(Config, PathIgnoresBeginAtTheConfigsFolder) {
  const Config c = Good("[lint.per-path-ignores]\n\"db/*\" = [\"all\"]\n", "../conf/pawl.toml");
  EXPECT_TRUE(c.IsIgnored("../conf/db/1.sql", kDrop.info));
  EXPECT_TRUE(c.IsIgnored((fs::current_path().parent_path() / "conf/db/1.sql").string(), kDrop.info));
  EXPECT_FALSE(c.IsIgnored("db/1.sql", kDrop.info));
  const Config here = Good("[lint.per-path-ignores]\n\"db/*\" = [\"all\"]\n");
  EXPECT_TRUE(here.IsIgnored((fs::current_path() / "db/1.sql").string(), kDrop.info));
}

TEST(Config, ReadsApplyAndTelemetry) {
  const Config c = Good(R"([apply]
lock-timeout = "3s"
statement-timeout = "10m"
window = "500ms"
retries = 5
approvals = 2
require-backup = true
before = ["SELECT true", { name = "lag", query = "SELECT 1", expect = "1" }]
after = []
row-counts = ["users"]
health-url = "http://localhost/health"
[telemetry]
otlp-endpoint-env = "OTLP"
headers-env = "HEADERS"
service-name = "db-migrate-cli"
)");
  EXPECT_EQ(c.apply.lock_timeout_ms, 3000);
  EXPECT_EQ(c.apply.statement_timeout_ms, 600'000);
  EXPECT_EQ(c.apply.window_ms, 500);
  EXPECT_EQ(c.apply.retries, 5);
  EXPECT_EQ(c.apply.approvals, 2);
  EXPECT_EQ(c.apply.require_backup, true);
  ASSERT_EQ(c.apply.before.size(), 2u);
  EXPECT_EQ(c.apply.before[0].query, "SELECT true");
  EXPECT_EQ(c.apply.before[1].expect, "1");
  EXPECT_EQ(c.apply.row_counts, std::vector<std::string>{"users"});
  EXPECT_EQ(c.apply.health_url, "http://localhost/health");
  EXPECT_EQ(c.telemetry.service_name, "db-migrate-cli");
}

TEST(Config, ReadsWhereEvidenceAndBackupsGo) {
  const Config c = Good(R"([apply]
backup-command = "make-snapshot production"
backup-folder = "dumps"
allowed-signers = "/etc/pawl/signers"
audit-dir = "audit"
[announce]
contact = "Database Team"
channel = "#database-team"
)", "conf/pawl.toml");
  EXPECT_EQ(c.apply.backup_command, "make-snapshot production");
  EXPECT_EQ(c.apply.backup_folder, "conf/dumps");
  EXPECT_EQ(c.apply.allowed_signers, "/etc/pawl/signers");
  EXPECT_EQ(c.apply.audit_folder, "conf/audit");
  EXPECT_EQ(c.announce.contact, "Database Team");
  EXPECT_EQ(c.announce.channel, "#database-team");
}

TEST(Config, AbsentIsAbsent) {
  const Config c = Good("");
  EXPECT_FALSE(c.lint.select);
  EXPECT_FALSE(c.lint.fail_on);
  EXPECT_FALSE(c.apply.retries);
  EXPECT_FALSE(c.HasPathIgnores());
}

TEST(Config, ReportsEveryProblemAtItsPlace) {
  EXPECT_EQ(Problems(R"([lint]
selct = ["locks"]
fail-on = "eror"
ignore = ["drop-table",
          "drop-tabel"]
server-version = 5.2
[lint.severity]
drop-tabel = "note"
drop-table = "fatal"
[lint.per-path-ignores]
"db/{a" = ["drop"]
[aply]
retries = 3
)"),
            "pawl.toml:2:1: [lint] has no key `selct`; did you mean `select`?\n"
            "pawl.toml:3:11: `fail-on`: `eror` is not one of `error`, `warning` or `note`\n"
            "pawl.toml:5:11: `ignore`: no rule or group is called `drop-tabel`; did you mean `drop-table`?\n"
            "pawl.toml:6:18: `server-version` must be a version in quotes, like \"16\", or a list of them, not a decimal number\n"
            "pawl.toml:8:1: `severity`: no rule or group is called `drop-tabel`; did you mean `drop-table`?\n"
            "pawl.toml:9:14: `severity`: that of `drop-table` must be \"error\", \"warning\", \"note\" or \"off\"\n"
            "pawl.toml:11:1: `per-path-ignores`: `{` without `}` in `db/{a`\n"
            "pawl.toml:11:12: `db/{a`: no rule or group is called `drop`; `pawl rules` lists them\n"
            "pawl.toml:12:2: the top level has no key `aply`; did you mean `apply`?");
}

TEST(Config, ReadsWhatAProjectHasAgreedOn) {
  const Config c = Good(R"x([lint]
small-table = "512 kB"
forbidden-types = ["Character Varying (255)", "hstore", "timestamp without time zone"]
naming = { index = ".*_idx", any = "[a-z]+" }
)x");
  EXPECT_EQ(c.lint.small_table, 512 * 1024);
  const Conventions* k = c.lint.conventions.get();
  ASSERT_NE(k, nullptr);
  EXPECT_EQ(ForbiddenType(k, "varchar(255)"), "varchar(255)");
  EXPECT_EQ(ForbiddenType(k, "varchar(255)[]"), "varchar(255)");
  EXPECT_EQ(ForbiddenType(k, "varchar(10)"), "");
  EXPECT_EQ(ForbiddenType(k, "hstore[]"), "hstore");
  EXPECT_EQ(ForbiddenType(k, "timestamp(3)"), "timestamp");
  EXPECT_EQ(ForbiddenType(k, "timestamptz"), "");
  EXPECT_EQ(BrokenPattern(k, NamedKind::kIndex, "orders_i"), ".*_idx");
  EXPECT_EQ(BrokenPattern(k, NamedKind::kIndex, "orders_idx"), "");
  EXPECT_EQ(BrokenPattern(k, NamedKind::kTable, "orders_idx"), "[a-z]+");
  EXPECT_EQ(BrokenPattern(nullptr, NamedKind::kTable, "orders_2"), "");
  EXPECT_NE(BrokenPattern(nullptr, NamedKind::kTable, "Orders"), "");
  EXPECT_EQ(Good("").lint.conventions, nullptr);
  EXPECT_NE(Problems("[lint]\nsmall-table = \"10\"\n").find("`small-table`: `10` is not one of sizes"), std::string::npos);
  EXPECT_NE(Problems("[lint]\nnaming = { tabel = \"x\" }\n").find("`tabel` is not one of `any`, `schema`, `table`"), std::string::npos);
  EXPECT_NE(Problems("[lint]\nnaming = { table = \"(\" }\n").find("is no regular expression"), std::string::npos);
}

TEST(Config, ReportsWrongTypes) {
  EXPECT_EQ(Problems("[apply]\nretries = \"5\"\nlock-timeout = 3\nwindow = \"3 weeks\"\nrequire-backup = \"yes\"\napprovals = -1\nbefore = \"x\"\nafter = [1, {nam = \"x\"}]\n"),
            "pawl.toml:2:11: `retries` must be a whole number, not a string\n"
            "pawl.toml:3:16: `lock-timeout` must be a time in quotes, like \"3s\" or \"10m\", not a whole number\n"
            "pawl.toml:4:10: `window`: `3 weeks` is not a time; write 500ms, 3s, 10m or 2h\n"
            "pawl.toml:5:18: `require-backup` must be true or false, not a string\n"
            "pawl.toml:6:13: `approvals` must be between 0 and 100\n"
            "pawl.toml:7:10: `before` must be a list, not a string\n"
            "pawl.toml:8:10: `after` must be a list of queries, or of tables { name, query, expect }, not a whole number\n"
            "pawl.toml:8:13: `after`: the check has no `query`\n"
            "pawl.toml:8:14: a check has no key `nam`; did you mean `name`?");
  EXPECT_EQ(Problems("lint = 3\nset = [1]\n"),
            "pawl.toml:1:8: `lint` must be a table, not a whole number\n"
            "pawl.toml:2:8: `set` must be tables: [[set]], not a whole number");
}

TEST(Config, ReportsProblemsOfSets) {
  std::string layouts = "`auto`";
  for (int i = 0; i < kLayoutCount; ++i) layouts += ", `" + std::string(ToString(static_cast<Layout>(i))) + "`";
  EXPECT_EQ(Problems("[[set]]\nname = \"apps\"\npath = \"p\"\nafter = [\"app\"]\n[[set]]\nname = \"apps\"\nlayout = \"gooose\"\nafter = [\"x\"]\nserver-version = \"16x\"\n"),
            "pawl.toml:4:9: `after`: no set is called `app`; did you mean `apps`?\n"
            "pawl.toml:5:1: [[set]] needs a `path`\n"
            "pawl.toml:6:8: two sets are called `apps`; give each a name of its own\n"
            "pawl.toml:7:10: `layout`: `gooose` is not one of " + layouts + "\n"
            "pawl.toml:8:9: `after`: no set is called `x`\n"
            "pawl.toml:9:18: `server-version`: `16x` is not a version; write \"16\" or \"5.26\"");
  EXPECT_EQ(Problems("[[set]]\nname = \"one\"\npath = \"p\"\nafter = [\"two\"]\n[[set]]\nname = \"two\"\npath = \"q\"\nafter = [\"one\"]\n"),
            "pawl.toml:4:9: `after`: the set `one` would have to be applied before itself\n"
            "pawl.toml:8:9: `after`: the set `two` would have to be applied before itself");
}

TEST(Config, ReportsWhatIsNotToml) {
  const std::string problem = Problems("[lint]\nselect = = 3\n");
  EXPECT_EQ(problem.substr(0, problem.find(": not TOML: ") + 12), "pawl.toml:2:10: not TOML: ") << problem;
}

class FindConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / "find_config";
    fs::remove_all(root_);
    fs::create_directories(root_ / "project/db/migrations");
    before_ = fs::current_path();
    fs::current_path(root_ / "project");
  }
  void TearDown() override { fs::current_path(before_); }
  void Put(const std::string& file) { std::ofstream(file) << "[lint]\n"; }
  static std::string Found(const std::string& from) {
    const auto c = FindConfig(from);
    EXPECT_TRUE(c.ok()) << c.status();
    return c.ok() ? c->file : "";
  }

  fs::path root_, before_;
};

TEST_F(FindConfigTest, TheNearestUpwardsWins) {
  EXPECT_EQ(Found("db/migrations"), "");
  Put("../pawl.toml");
  EXPECT_EQ(Found("db/migrations"), (root_ / "pawl.toml").lexically_normal().string());
  Put("pawl.toml");
  EXPECT_EQ(Found("db/migrations"), "pawl.toml");
  EXPECT_EQ(Found("./db/migrations/"), "pawl.toml");
  EXPECT_EQ(Found("db/migrations/1.sql"), "pawl.toml");
  EXPECT_EQ(Found(""), "pawl.toml");
  EXPECT_EQ(Found("."), "pawl.toml");
  EXPECT_EQ(Found("1.sql"), "pawl.toml");
  Put("db/pawl.toml");
  EXPECT_EQ(Found("db/migrations/1.sql"), "db/pawl.toml");
  EXPECT_EQ(Found((root_ / "project/db/migrations").string()), (root_ / "project/db/pawl.toml").string());
  EXPECT_EQ(Found("../project/db"), (root_ / "project/db/pawl.toml").string());
}

TEST_F(FindConfigTest, EachFolderHasItsOwn) {
  Put("pawl.toml");
  Put("db/pawl.toml");
  Configs configs;
  const auto outer = configs.At("a.sql"), again = configs.At("other/b.sql"), inner = configs.At("db/migrations/1.sql");
  ASSERT_TRUE(outer.ok() && again.ok() && inner.ok());
  EXPECT_EQ((*outer)->file, "pawl.toml");
  EXPECT_EQ(*outer, *again);
  EXPECT_EQ((*inner)->file, "db/pawl.toml");
  Configs one(Config{});
  EXPECT_EQ((*one.At("db/migrations/1.sql"))->file, "");
  std::ofstream("db/pawl.toml") << "[lint]\nx = 1\n";
  Configs broken;
  EXPECT_FALSE(broken.At("db/migrations").ok());
  EXPECT_FALSE(broken.At("db/migrations").ok());
  EXPECT_TRUE(broken.At("other").ok());
}

TEST_F(FindConfigTest, ASetIsFoundHoweverItsPathIsWritten) {
  std::ofstream("pawl.toml") << "[[set]]\nname = \"all\"\npath = \"db\"\n[[set]]\nname = \"ops\"\npath = \"./db/migrations/\"\nengine = \"postgresql\"\n";
  const auto c = FindConfig("");
  ASSERT_TRUE(c.ok()) << c.status();
  const auto name = [&](std::string_view path, std::optional<Engine> engine = std::nullopt) {
    const SetConfig* s = c->SetAt(path, engine);
    return s == nullptr ? std::string() : s->name;
  };
  EXPECT_EQ(name("db/migrations"), "ops");
  EXPECT_EQ(name("db/migrations/"), "ops");
  EXPECT_EQ(name("db/migrations/v1/1.sql"), "ops");
  EXPECT_EQ(name((root_ / "project/db/migrations/1.sql").string()), "ops");
  EXPECT_EQ(name("../project/db/migrations"), "ops");
  EXPECT_EQ(name("db/migrations2/1.sql"), "all");
  EXPECT_EQ(name("db/migrations/1.cypher", Engine::kNeo4j), "all");
  EXPECT_EQ(name("dbx/1.sql"), "");
  EXPECT_EQ(name(""), "");
  fs::current_path("db");
  // From within, the configuration has another name and the same sets.
  const auto inner = FindConfig("");
  ASSERT_TRUE(inner.ok());
  ASSERT_NE(inner->SetAt("migrations/1.sql", std::nullopt), nullptr);
  EXPECT_EQ(inner->SetAt("migrations/1.sql", std::nullopt)->name, "ops");
}

TEST_F(FindConfigTest, AConfigThatIsNamedMustBeThere) {
  EXPECT_EQ(LoadConfig("none.toml").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadConfig("db").status().code(), absl::StatusCode::kNotFound);
  std::ofstream("bad.toml") << "[lint]\nx = 1\n";
  EXPECT_EQ(LoadConfig("bad.toml").status().code(), absl::StatusCode::kInvalidArgument);
  std::ofstream("empty.toml") << "";
  EXPECT_TRUE(LoadConfig("empty.toml").ok());
}

}  // namespace
}  // namespace pawl
