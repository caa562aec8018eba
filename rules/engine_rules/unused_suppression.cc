#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/finding/nearest_name.h"
#include "rules/engine_rules/engine_rules.h"
#include "rules/selection.h"

namespace pawl {

const Rule kUnusedSuppression = {
    .info = {
        .name = "unused-suppression",
        .group = RuleGroup::kHistory,
        .severity = Severity::kWarning,
        .summary = "a `pawl: ignore` comment that suppresses nothing, has expired, names no known rule or gives no reason",
        .page = {
            .what = "A `pawl: ignore` or `pawl: ignore-file` comment does not do what its author meant: no finding of the rule is left "
                    "there, no rule or group has that name, its last day has passed, its date is not a date, or it does not say why the "
                    "finding is accepted.",
            .why = "A suppression is a decision about one statement. One that outlives its finding stays in the file, is copied along with "
                   "the statement, and hides the next real hazard there without anybody having decided so. One with a misspelt name "
                   "suppresses nothing while its author believes that it does. One without a reason cannot be reviewed.",
            .instead = "Delete a suppression that is not needed. Correct the name of the rule. Write the reason behind `--`, for the person "
                       "who reads the file in a year. When a suppression has expired, change the statement or agree on a later date.",
            .fix_safety = "Deleting an unused suppression is safe: only a comment goes. Replacing a misspelt name is not applied without "
                          "`--unsafe-fixes`, because the comment then begins to suppress.",
            .versions = "",
            .limits = "A suppression of a rule that is switched off is not judged. One of a group, or of `all`, is judged only where every "
                      "rule of it that is on by default did run. Editing an applied migration, even its comments, may change the checksum "
                      "that its runner keeps.",
            .references = "The suppressions that pawl reads: `pawl lint --help`, and the section on suppressions of the guide.",
            .elsewhere = "squawk unused-ignore; ruff RUF100; eslint --report-unused-disable-directives",
            .bad = "-- pawl: ignore drop-table -- nothing reads it since release 41\n"
                   "CREATE TABLE IF NOT EXISTS invoices (id bigint PRIMARY KEY);\n",
            .good = "CREATE TABLE IF NOT EXISTS invoices (id bigint PRIMARY KEY);\n",
        }}};

namespace {

class Reporter {
 public:
  Reporter(const SuppressionReport& report, std::vector<Finding>* out) : r_(report), text_(report.file->text()), out_(out) {}

  // `own`: judge the names that suppress this very rule; else all the others.
  void Report(const Suppression& s, bool own) {
    if (own) {
      ReportUnused(s, own);
      return;
    }
    if (s.kind == Suppression::Kind::kMisspelt) {
      const std::string_view meant = s.word.size() > 8 ? "ignore-file" : "ignore";
      Finding& f = Add(s.word_span, absl::StrCat("`pawl: ", s.word, "` is not read; did you mean `pawl: ", meant, "`?"));
      f.why = "The comment suppresses nothing.";
      f.help = absl::StrCat("Write `pawl: ", meant, " RULE -- reason`.");
      f.fix = Fix{false, absl::StrCat("write `", meant, "`"), {{s.word_span, std::string(meant)}}};
      return;
    }
    if (s.names.empty()) {
      Finding& f = Add(s.directive, absl::StrCat("`pawl: ", s.word, "` names no rule"));
      f.why = "The comment suppresses nothing.";
      f.help = absl::StrCat("Write `pawl: ", s.word, " RULE -- reason`; the rule's name stands in its finding.");
      return;
    }
    ReportUnknown(s);
    ReportUnused(s, own);
    ReportExpired(s);
    ReportReason(s);
  }

 private:
  Finding& Add(Span span, std::string message) {
    Finding& f = out_->emplace_back();
    f.rule = &kUnusedSuppression.info;
    f.severity = kUnusedSuppression.info.severity;
    f.engine = r_.engine;
    f.file = r_.file;
    f.span = span;
    f.message = std::move(message);
    return f;
  }

  void ReportUnknown(const Suppression& s) {
    for (const SuppressedName& n : s.names) {
      std::string problem = UnknownSelector(r_.rules, n.name);
      if (problem.empty()) continue;
      Finding& f = Add(n.span, std::move(problem));
      f.why = "The name suppresses nothing; what it was meant for is still reported.";
      f.help = "Correct the name, or take it out.";
      const std::string_view nearest = NearestName(n.name, AllSelectors(r_.rules));
      if (!nearest.empty()) f.fix = Fix{false, absl::StrCat("write `", nearest, "`"), {{n.span, std::string(nearest)}}};
    }
  }

  // True if the name could have matched: what it names did run.
  bool Judged(std::string_view name) const {
    bool any = false;
    for (size_t i = 0; i < r_.rules.size(); ++i) {
      const RuleInfo& rule = r_.rules[i]->info;
      if (!Selects(name, rule)) continue;
      const bool ran = r_.effective[i] != Severity::kOff;
      if (name == rule.name) return ran;
      if (!ran && rule.severity != Severity::kOff) return false;
      any |= ran;
    }
    return any;
  }

  bool IsUnused(const SuppressedName& n, bool own) const {
    return !n.used && (n.name == kUnusedSuppression.info.name) == own && UnknownSelector(r_.rules, n.name).empty() && Judged(n.name);
  }

  void ReportUnused(const Suppression& s, bool own) {
    std::string names;
    size_t unused = 0;
    for (const SuppressedName& n : s.names) {
      if (!IsUnused(n, own)) continue;
      absl::StrAppend(&names, unused++ == 0 ? "" : ", ", "`", n.name, "`");
    }
    if (unused == 0) return;
    const bool nothing_follows = s.kind == Suppression::Kind::kStatement && s.covers.empty();
    const std::string_view place = s.kind == Suppression::Kind::kFile ? "in this file" : "in its statement";
    auto complete = [&](Finding& f, std::string_view what) {
      f.why = "A suppression without a finding hides the next real one, which nobody has looked at.";
      f.help = nothing_follows ? "Put it above the statement it is about, or write `ignore-file`; otherwise delete it."
                               : absl::StrCat("Delete ", what, ".");
    };
    if (unused == s.names.size()) {
      Finding& f = Add(s.directive, nothing_follows ? absl::StrCat("no statement follows this suppression of ", names)
                                                    : absl::StrCat("nothing ", place, " needs this suppression of ", names));
      complete(f, "the comment");
      if (s.removable) f.fix = Fix{true, "delete the comment", {DeleteComment(s)}};
      return;
    }
    for (size_t i = 0; i < s.names.size(); ++i) {
      if (!IsUnused(s.names[i], own)) continue;
      Finding& f = Add(s.names[i].span, nothing_follows ? absl::StrCat("no statement follows this suppression of `", s.names[i].name, "`")
                                                        : absl::StrCat("nothing ", place, " needs the suppression of `", s.names[i].name, "`"));
      complete(f, "the name");
      const Span gone = i + 1 < s.names.size() ? Span{s.names[i].span.begin, s.names[i + 1].span.begin}
                                               : Span{s.names[i - 1].span.end, s.names[i].span.end};
      f.fix = Fix{true, absl::StrCat("delete `", s.names[i].name, "`"), {{gone, ""}}};
    }
  }

  void ReportExpired(const Suppression& s) {
    if (!s.Expired(r_.today)) return;
    std::string names;
    for (const SuppressedName& n : s.names) {
      if (n.used) absl::StrAppend(&names, names.empty() ? "" : ", ", "`", n.name, "`");
    }
    if (!s.until) {
      Finding& f = Add(s.until_span.empty() ? s.directive : s.until_span,
                       s.until_text.empty() ? std::string("no date stands behind `until`")
                                            : absl::StrCat("`", s.until_text, "` is not a date, so this suppression counts as expired"));
      f.why = "The findings that it was meant for are reported again.";
      f.help = "Write the last day on which it holds as YYYY-MM-DD.";
    } else if (!names.empty()) {  // else it is reported as unused, which is the better advice
      Finding& f = Add(s.until_span, absl::StrCat("the suppression of ", names, " ended on ", s.until_text));
      f.why = "The findings that it was agreed for are reported again.";
      f.help = "Change the statement, or agree on a later date.";
    }
  }

  void ReportReason(const Suppression& s) {
    if (!s.stray.empty()) {
      const uint32_t begin = static_cast<uint32_t>(s.stray.data() - text_.data());
      Finding& f = Add({begin, begin + static_cast<uint32_t>(s.stray.size())},
                       absl::StrCat("`", s.stray.substr(0, 40), s.stray.size() > 40 ? "..." : "", "` is neither a rule nor a reason here"));
      f.why = "Words that nothing introduces are passed over.";
      f.help = "Separate rules by commas, and begin the reason with ` -- `.";
    } else if (s.reason.empty()) {
      Finding& f = Add(s.directive, "this suppression gives no reason");
      f.severity = Severity::kNote;
      f.why = "Whoever reads the file later cannot tell whether it still holds.";
      f.help = "Add ` -- ` and why the finding is acceptable here.";
    }
  }

  // The comment, with its whole line where it stands alone, else with the blanks before it (or, in front of code, behind it).
  TextEdit DeleteComment(const Suppression& s) const {
    auto blank = [&](uint32_t at) { return text_[at] == ' ' || text_[at] == '\t'; };
    Span gone = s.comment;
    while (gone.begin > 0 && blank(gone.begin - 1)) --gone.begin;
    while (gone.end < text_.size() && blank(gone.end)) ++gone.end;
    const uint32_t first = r_.file->encoding().bom ? 3 : 0;
    const bool at_start = gone.begin <= first || text_[gone.begin - 1] == '\n';
    uint32_t line_end = gone.end;
    if (line_end + 1 < text_.size() && text_[line_end] == '\r' && text_[line_end + 1] == '\n') ++line_end;
    const bool at_end = line_end >= text_.size() || text_[line_end] == '\n';
    if (at_start && at_end) {
      gone.end = std::min<uint32_t>(line_end + 1, static_cast<uint32_t>(text_.size()));
      return {gone, ""};
    }
    if (at_end) return {gone, ""};                          // behind code
    if (at_start) return {{s.comment.begin, gone.end}, ""};  // in front of code: its indentation stays
    return {gone, " "};                                     // between code: two words must not become one
  }

  const SuppressionReport& r_;
  std::string_view text_;
  std::vector<Finding>* out_;
};

bool IsOn(const SuppressionReport& r) {
  for (size_t i = 0; i < r.rules.size(); ++i) {
    if (r.rules[i]->info.name == kUnusedSuppression.info.name) return r.effective[i] != Severity::kOff;
  }
  return true;
}

}  // namespace

void ReportSuppressions(const SuppressionReport& report, absl::Span<Suppression> suppressions, std::vector<Finding>* out) {
  if (suppressions.empty() || !IsOn(report)) return;
  const size_t first = out->size();
  Reporter reporter(report, out);
  for (const Suppression& s : suppressions) reporter.Report(s, false);
  ApplySuppressions(*report.file, report.today, suppressions, absl::MakeSpan(*out).subspan(first));
  for (const Suppression& s : suppressions) reporter.Report(s, true);
}

}  // namespace pawl
