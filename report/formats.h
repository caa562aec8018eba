// The formats behind WriteReport, one file each, and what several of them need. Internal to report/.
#ifndef PAWL_REPORT_FORMATS_H_
#define PAWL_REPORT_FORMATS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"
#include "report/report.h"

namespace pawl {

void WriteFull(const ReportInput& input, Sink& sink);
void WriteConcise(const ReportInput& input, Sink& sink);
void WriteJson(const ReportInput& input, Sink& sink);
void WriteSarif(const ReportInput& input, Sink& sink);
void WriteGithub(const ReportInput& input, Sink& sink);
void WriteGitlab(const ReportInput& input, Sink& sink);
void WriteJunit(const ReportInput& input, Sink& sink);
void WriteRdjson(const ReportInput& input, Sink& sink);
void WriteHtml(const ReportInput& input, Sink& sink);

std::string_view RuleName(const Finding& f);
// "" if the finding is about no file.
std::string_view PathOf(const Finding& f);
// As PathOf, as services want it: without a leading "./".
std::string_view PlainPath(std::string_view path);

// Findings that were not suppressed, worst first, else in the order given. At most `limit`.
std::vector<const Finding*> WorstFirst(absl::Span<const Finding> findings, size_t limit = SIZE_MAX);

// "3 errors, 1 note in 12 files (17 statements, 1 not understood); 2 fixable with --fix"
std::string SummaryLine(const ReportInput& input);
// "1 file", "2 files"
std::string Count(uint64_t n, std::string_view noun);

// Lines and columns. Findings come sorted by file and place, so the next place is mostly found by walking on from one of the last
// two; a file's line index is built, once, for places that are farther away. Notes may point to a few other files.
// Null files and offsets past the end are harmless.
class Places {
 public:
  const LineIndex& Lines(const SourceFile& file);
  Position At(const SourceFile* file, uint32_t offset);
  // The last line that `span` covers: a span that ends with its line's newline does not reach the next line.
  uint32_t LastLine(const SourceFile* file, Span span);

 private:
  struct LineStart {
    uint32_t offset = 0;
    uint32_t line = 1;
  };
  struct Slot {
    const SourceFile* file = nullptr;
    std::optional<LineIndex> lines;
    LineStart before, latest;  // lines of recent places; before.offset <= latest.offset
  };
  Slot& SlotOf(const SourceFile& file);
  std::array<Slot, 8> slots_;
  size_t latest_ = 0;
  size_t next_ = 0;
};

// `span` with both ends inside the file and in order.
Span Clamp(Span span, const SourceFile* file);

}  // namespace pawl

#endif  // PAWL_REPORT_FORMATS_H_
