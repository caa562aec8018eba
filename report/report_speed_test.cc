// How much processor time the formats take for 25,000 findings in 2,500 files. A report must cost little beside the linting, so the
// bound holds on a slow, busy machine with room to spare; unoptimised and instrumented builds only check that it ends.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "report/report.h"

namespace pawl {
namespace {

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr double kSlack = 1;
#else
constexpr double kSlack = 50;
#endif

constexpr int kFiles = 2500;
constexpr int kFindingsAFile = 10;

class CountingSink : public Sink {
 public:
  void Write(std::string_view piece) override { bytes += piece.size(); }
  size_t bytes = 0;
};

class ReportSpeedTest : public testing::Test {
 protected:
  ReportSpeedTest() {
    for (int i = 0; i < kFiles; ++i) {
      std::string text;
      for (int line = 0; line < 40; ++line) text += "ALTER TABLE some_table ADD COLUMN column_" + std::to_string(line) + " integer NOT NULL;\n";
      files_.push_back(std::make_unique<SourceFile>("db/migrations/operational/" + std::to_string(100000 + i) + "_some_change.up.sql", std::move(text)));
      for (int n = 0; n < kFindingsAFile; ++n) {
        Finding& f = findings_.emplace_back();
        f.rule = &rule_;
        f.file = files_.back().get();
        const auto at = static_cast<uint32_t>(f.file->text().find("column_" + std::to_string(n * 4)));
        f.span = {at, at + 8};
        f.statement = {at, at + 60};
        f.migration = "100000";
        f.message = "adding `some_table.column_4` NOT NULL without a default fails at once if the table has rows";
        f.why = "existing rows have no value for the column, so the statement is refused and the migration stops half-way";
        f.help = "add the column without NOT NULL, fill it in batches, then add a CHECK constraint NOT VALID and validate it";
        f.locks = {{"public.some_table", LockMode::kAccessExclusive, true}};
        f.notes = {{"the table is made here", f.file, {0, 22}}};
        f.fingerprint = static_cast<uint64_t>(i) * 2654435761u + n;
      }
    }
    input_.findings = findings_;
    input_.tool_version = "1.2.3";
  }

  // The best of three, in milliseconds of processor time.
  double Cost(Format format) {
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
      CountingSink sink;
      const std::clock_t start = std::clock();
      WriteReport(format, input_, sink);
      best = std::min(best, 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
      EXPECT_GT(sink.bytes, 1'000'000u);
    }
    RecordProperty(std::string(ToString(format)) + "_ms", std::to_string(best));
    printf("%-8s %6.1f ms\n", std::string(ToString(format)).c_str(), best);
    return best;
  }

  const RuleInfo rule_{"not-null-without-default", RuleGroup::kData, Severity::kError, "summary", {}};
  std::vector<std::unique_ptr<SourceFile>> files_;
  std::vector<Finding> findings_;
  ReportInput input_;
};

TEST_F(ReportSpeedTest, Json) { EXPECT_LT(Cost(Format::kJson), 60 * kSlack); }
TEST_F(ReportSpeedTest, Concise) { EXPECT_LT(Cost(Format::kConcise), 30 * kSlack); }
TEST_F(ReportSpeedTest, Others) {
  for (const Format f : {Format::kFull, Format::kSarif, Format::kGithub, Format::kGitlab, Format::kJunit, Format::kRdjson, Format::kHtml}) {
    EXPECT_LT(Cost(f), 1000 * kSlack) << ToString(f);
  }
}

}  // namespace
}  // namespace pawl
