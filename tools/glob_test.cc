#include "tools/glob.h"

#include <string>

#include "gtest/gtest.h"

namespace pawl {
namespace {

TEST(GlobMatch, Matches) {
  const std::pair<const char*, const char*> cases[] = {
      {"db/seeds/**", "db/seeds/a.sql"},       {"db/seeds/**", "db/seeds/x/y/a.sql"},  {"db/seeds", "db/seeds/a.sql"},
      {"db/seeds/", "db/seeds/a.sql"},         {"*.sql", "db/x/a.sql"},                {"seeds", "db/seeds/a.sql"},
      {"**/seeds/*.sql", "seeds/a.sql"},       {"**/seeds/*.sql", "db/x/seeds/a.sql"}, {"db/**/a.sql", "db/a.sql"},
      {"db/**/a.sql", "db/x/y/a.sql"},         {"db/**/y/**/a.sql", "db/y/x/y/z/a.sql"}, {"db/*/a.sql", "db/x/a.sql"},
      {"a?.sql", "ab.sql"},                    {"a?.sql", "a\xC3\xBC.sql"},            {"*.{up,down}.sql", "1.down.sql"},
      {"db/{a,b/{c,d}}/*", "db/b/d/x.sql"},    {"./db/*.sql", "db/a.sql"},             {"db/*.sql", "./db/a.sql"},
      {"db/a\\*.sql", "db/a*.sql"},            {"**", "a.sql"},                        {"/abs/**", "/abs/a.sql"},
      {"V1__*", "V1__x.sql"},                  {"a*b*c", "axxbxxbc"},                  {"x{,y}.sql", "x.sql"},
  };
  for (const auto& [pattern, path] : cases) EXPECT_TRUE(GlobMatch(pattern, path)) << pattern << "  " << path;
}

TEST(GlobMatch, DoesNotMatch) {
  const std::pair<const char*, const char*> cases[] = {
      {"db/seeds/**", "db/seed/a.sql"}, {"db/seeds/**", "x/db/seeds/a.sql"}, {"db/*.sql", "db/x/a.sql"}, {"*.sql", "a.sql2"},
      {"seed", "db/seeds/a.sql"},       {"db/?.sql", "db/ab.sql"},           {"*.{up,down}.sql", "1.side.sql"},
      {"db/**/a.sql", "db/x/b.sql"},    {"db/a\\*.sql", "db/ab.sql"},        {"", "a.sql"}, {"db/x/y", "db/x"},
      {"a*b*c", "axxbxxb"},
  };
  for (const auto& [pattern, path] : cases) EXPECT_FALSE(GlobMatch(pattern, path)) << pattern << "  " << path;
}

TEST(GlobMatch, TakesLittleTimeForNastyPatterns) {
  std::string stars, folders, braces, path;
  for (int i = 0; i < 30; ++i) {
    stars += "*a";
    folders += "**/a/";
    braces += "{a,a}";
    path += "a/";
  }
  EXPECT_FALSE(GlobMatch(stars + "b", std::string(5000, 'a')));
  EXPECT_FALSE(GlobMatch(folders + "b", path + path + path));
  EXPECT_FALSE(GlobMatch(braces + "b", std::string(30, 'a')));
}

TEST(GlobProblem, FindsUnbalancedBraces) {
  EXPECT_EQ(GlobProblem("db/{a,b}/**"), "");
  EXPECT_EQ(GlobProblem("db/{a"), "`{` without `}`");
  EXPECT_EQ(GlobProblem("db/a}"), "`}` without `{`");
  EXPECT_EQ(GlobProblem("db/\\{a"), "");
  EXPECT_EQ(GlobProblem(""), "the pattern is empty");
}

}  // namespace
}  // namespace pawl
