// Every format on one set of findings, compared with report/testdata/expected.*.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "report/fixture.h"
#include "report/report.h"

namespace pawl {
namespace {

constexpr char kTip[] = "TIP: if the new output is right, run: PAWL_UPDATE_GOLDENS=1 bazel run //report:golden_test";

// Where to write new expected outputs: the workspace, or the folder named (the repository's root); "" when only comparing.
std::string UpdateRoot() {
  const char* update = std::getenv("PAWL_UPDATE_GOLDENS");
  if (update == nullptr || *update == '\0') return "";
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  return std::string(update) == "1" && workspace != nullptr ? workspace : update;
}

void ExpectGolden(const std::string& name, const std::string& actual) {
  const std::string path = "report/testdata/" + name;
  if (const std::string root = UpdateRoot(); !root.empty()) {
    std::ofstream out(root + "/" + path, std::ios::binary);
    out << actual;
    ASSERT_TRUE(out.flush()) << "cannot write " << root << "/" << path;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  ASSERT_TRUE(in) << path << " is not there\n" << kTip;
  std::ostringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(actual, expected.str()) << name << " differs\n" << kTip;
}

class GoldenTest : public testing::Test {
 protected:
  GoldenTest() {
    FillGoldenSet(fixture_);
    input_ = fixture_.Input();
    input_.summary.not_understood = 1;
  }
  Fixture fixture_;
  ReportInput input_;
};

TEST_F(GoldenTest, Full) { ExpectGolden("expected.full.txt", Render(Format::kFull, input_)); }
TEST_F(GoldenTest, FullNarrowInColor) {
  input_.width = 60;
  input_.color = true;
  ExpectGolden("expected.full-60-color.txt", Render(Format::kFull, input_));
}
TEST_F(GoldenTest, Concise) { ExpectGolden("expected.concise.txt", Render(Format::kConcise, input_)); }
TEST_F(GoldenTest, Json) { ExpectGolden("expected.json", Render(Format::kJson, input_)); }
TEST_F(GoldenTest, Sarif) { ExpectGolden("expected.sarif", Render(Format::kSarif, input_)); }
TEST_F(GoldenTest, Github) { ExpectGolden("expected.github.txt", Render(Format::kGithub, input_)); }
TEST_F(GoldenTest, Gitlab) { ExpectGolden("expected.gitlab.json", Render(Format::kGitlab, input_)); }
TEST_F(GoldenTest, Junit) { ExpectGolden("expected.junit.xml", Render(Format::kJunit, input_)); }
TEST_F(GoldenTest, Rdjson) { ExpectGolden("expected.rdjson.json", Render(Format::kRdjson, input_)); }
TEST_F(GoldenTest, Html) { ExpectGolden("expected.html", Render(Format::kHtml, input_)); }

}  // namespace
}  // namespace pawl
