// One set of findings for the tests of all formats: every field, every severity, and the text that breaks reports (control
// characters, invalid bytes, wide characters, odd file names, a very long line, places past the end).
#ifndef PAWL_REPORT_FIXTURE_H_
#define PAWL_REPORT_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"
#include "report/report.h"
#include "rules/rule.h"

namespace pawl {

// Owns what a ReportInput points to.
class Fixture {
 public:
  Fixture() = default;
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // `path` is also listed among the linted files.
  const SourceFile* AddFile(std::string path, std::string text);
  // A finding of a rule made for tests, on the first `at` in the file's text ("" for an empty span at its start).
  Finding& Add(const SourceFile* file, std::string_view at, Severity severity, std::string message);
  // Sorts the findings, counts, and gives the report's input.
  ReportInput Input();

  std::vector<Finding> findings;
  std::vector<ToolProblem> problems;

 private:
  std::vector<std::unique_ptr<SourceFile>> files_;
};

extern const RuleInfo kTestRule;     // an error with a whole page
extern const RuleInfo kTestOffRule;  // off by default, with an empty page

// The golden set. The files of report/testdata must be in the working directory, as in a Bazel test.
void FillGoldenSet(Fixture& fixture);

std::string Render(Format format, const ReportInput& input);

}  // namespace pawl

#endif  // PAWL_REPORT_FIXTURE_H_
