#include "report/report.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "report/formats.h"

namespace pawl {
namespace {

struct FormatEntry {
  Format format;
  std::string_view name;
  void (*write)(const ReportInput&, Sink&);
};

constexpr FormatEntry kFormats[] = {
    {Format::kFull, "full", WriteFull},       {Format::kConcise, "concise", WriteConcise}, {Format::kJson, "json", WriteJson},
    {Format::kSarif, "sarif", WriteSarif},    {Format::kGithub, "github", WriteGithub},    {Format::kGitlab, "gitlab", WriteGitlab},
    {Format::kJunit, "junit", WriteJunit},    {Format::kRdjson, "rdjson", WriteRdjson},    {Format::kHtml, "html", WriteHtml},
};

}  // namespace

std::optional<Format> ParseFormat(std::string_view s) {
  for (const FormatEntry& e : kFormats) {
    if (e.name == s) return e.format;
  }
  return std::nullopt;
}

std::string_view ToString(Format f) { return kFormats[static_cast<int>(f)].name; }

void WriteReport(Format format, const ReportInput& input, Sink& sink) { kFormats[static_cast<int>(format)].write(input, sink); }

std::string_view RuleName(const Finding& f) { return f.rule == nullptr ? std::string_view("unknown") : f.rule->name; }

std::string_view PathOf(const Finding& f) { return f.file == nullptr ? std::string_view() : std::string_view(f.file->path()); }

std::string_view PlainPath(std::string_view path) {
  while (path.substr(0, 2) == "./") {
    path.remove_prefix(2);
    while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  }
  return path;
}

std::vector<const Finding*> WorstFirst(absl::Span<const Finding> findings, size_t limit) {
  std::vector<const Finding*> out;
  for (Severity s : {Severity::kError, Severity::kWarning, Severity::kNote, Severity::kOff}) {
    for (const Finding& f : findings) {
      if (out.size() >= limit) return out;
      if (f.severity == s && !f.suppressed) out.push_back(&f);
    }
  }
  return out;
}

std::string Count(uint64_t n, std::string_view noun) {
  std::string s = std::to_string(n);
  s.append(" ").append(noun);
  if (n != 1) s.push_back('s');
  return s;
}

namespace {

// ", on 13 and 17 unless a finding says otherwise".
std::string OnVersions(const std::vector<int>& versions) {
  std::string s;
  for (size_t i = 0; i < versions.size(); ++i) s += (i == 0 ? ", on " : i + 1 == versions.size() ? " and " : ", ") + std::to_string(versions[i]);
  return s.empty() ? s : s + " alike unless it says otherwise";
}

}  // namespace

std::string SummaryLine(const ReportInput& input) {
  const LintSummary& summary = input.summary;
  std::string counts;
  const auto add = [&counts](uint64_t n, std::string_view noun) {
    if (n == 0) return;
    if (!counts.empty()) counts += ", ";
    counts += Count(n, noun);
  };
  add(input.problems.size(), "problem");
  add(summary.errors, "error");
  add(summary.warnings, "warning");
  add(summary.notes, "note");

  std::string aside;
  if (summary.not_understood > 0) aside += ", " + std::to_string(summary.not_understood) + " not understood";
  if (input.of_small_tables > 0) aside += ", " + std::to_string(input.of_small_tables) + " on small tables left out";
  if (summary.suppressed > 0) aside += ", " + std::to_string(summary.suppressed) + " suppressed";
  const std::string files = Count(summary.files, "file"), statements = Count(summary.statements, "statement");
  if (counts.empty()) {
    if (!aside.empty()) aside = " (" + aside.substr(2) + ")";
    return files + ", " + statements + aside + ": nothing to report" + OnVersions(input.versions);
  }
  std::string line = counts + " in " + files + " (" + statements + aside + ")" + OnVersions(input.versions);

  uint32_t safe = 0, unsafe = 0;
  for (const Finding& f : input.findings) {
    if (f.suppressed || !f.fix.has_value()) continue;
    ++(f.fix->safe ? safe : unsafe);
  }
  if (safe > 0) line += "; " + std::to_string(safe) + " fixable with --fix";
  if (unsafe > 0) line += (safe > 0 ? ", " : "; ") + std::to_string(unsafe) + (safe > 0 ? " more" : " fixable") + " with --unsafe-fixes";
  return line;
}

Places::Slot& Places::SlotOf(const SourceFile& file) {
  if (slots_[latest_].file == &file) return slots_[latest_];
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].file == &file) return slots_[latest_ = i];
  }
  latest_ = next_;
  next_ = (next_ + 1) % slots_.size();
  slots_[latest_] = Slot();
  slots_[latest_].file = &file;
  return slots_[latest_];
}

const LineIndex& Places::Lines(const SourceFile& file) {
  Slot& slot = SlotOf(file);
  if (!slot.lines) slot.lines.emplace(file.text());
  return *slot.lines;
}

Position Places::At(const SourceFile* file, uint32_t offset) {
  constexpr uint32_t kWalk = 4096;
  if (file == nullptr) return Position();
  Slot& slot = SlotOf(*file);
  if (slot.lines) return slot.lines->PositionAt(offset);
  const std::string_view text = file->text();
  offset = std::min(offset, static_cast<uint32_t>(text.size()));
  if (offset < slot.before.offset) slot.before = LineStart();
  const bool from_latest = offset >= slot.latest.offset;
  LineStart at = from_latest ? slot.latest : slot.before;
  if (offset - at.offset > kWalk) return Lines(*file).PositionAt(offset);
  const char* const begin = text.data();
  while (const void* newline = std::memchr(begin + at.offset, '\n', offset - at.offset)) {
    at.offset = static_cast<uint32_t>(static_cast<const char*>(newline) - begin) + 1;
    ++at.line;
  }
  if (from_latest && at.offset != slot.latest.offset) slot.before = slot.latest;
  slot.latest = at;
  const uint32_t mark = at.line == 1 && file->encoding().bom ? std::min(3u, offset) : at.offset;
  return {at.line, 1 + CountCodePoints(text.substr(mark, offset - mark))};
}

uint32_t Places::LastLine(const SourceFile* file, Span span) {
  if (file == nullptr) return 1;
  return Lines(*file).LineAt(span.empty() ? span.begin : span.end - 1);
}

Span Clamp(Span span, const SourceFile* file) {
  const auto size = file == nullptr ? 0 : static_cast<uint32_t>(file->text().size());
  span.begin = std::min(span.begin, size);
  span.end = std::clamp(span.end, span.begin, size);
  return span;
}

}  // namespace pawl
