#include "analyzer/finding/fix.h"

#include <algorithm>
#include <map>
#include <utility>

namespace pawl {
namespace {

bool Overlap(Span a, Span b) {
  if (a.empty() || b.empty()) return a.begin <= b.end && b.begin <= a.end;
  return a.begin < b.end && b.begin < a.end;
}

bool WellFormed(const Fix& fix, uint32_t size) {
  for (size_t i = 0; i < fix.edits.size(); ++i) {
    const Span s = fix.edits[i].span;
    if (s.begin > s.end || s.end > size) return false;
    if (i > 0 && s.begin < fix.edits[i - 1].span.end) return false;
  }
  return !fix.edits.empty();
}

// The edits that stand so far, by where they begin.
class Accepted {
 public:
  enum class Answer : uint8_t { kFree, kThere, kOverlaps };

  Answer Look(const TextEdit& e) const {
    auto it = edits_.lower_bound(e.span.begin);
    if (it != edits_.begin() && Overlap(std::prev(it)->second.span, e.span)) return Answer::kOverlaps;
    if (it == edits_.end()) return Answer::kFree;
    if (it->second.span == e.span && it->second.text == e.text) return Answer::kThere;
    return Overlap(it->second.span, e.span) ? Answer::kOverlaps : Answer::kFree;
  }
  void Add(TextEdit e) {
    const uint32_t at = e.span.begin;
    edits_.emplace(at, std::move(e));
  }
  std::vector<TextEdit> Take() {
    std::vector<TextEdit> out;
    out.reserve(edits_.size());
    for (auto& [at, e] : edits_) out.push_back(std::move(e));
    return out;
  }

 private:
  std::map<uint32_t, TextEdit> edits_;
};

std::string WithLineEnds(std::string_view text, bool crlf) {
  if (!crlf) return std::string(text);
  std::string out;
  out.reserve(text.size() + 8);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}

}  // namespace

FixRound CollectFixes(const SourceFile& file, absl::Span<const Finding> findings, FixScope scope) {
  FixRound round;
  if (file.encoding().utf16) return round;
  const uint32_t size = static_cast<uint32_t>(file.text().size());
  std::vector<const Fix*> fixes;
  for (const Finding& f : findings) {
    if (f.file != &file || f.suppressed || !f.fix || (!f.fix->safe && scope != FixScope::kAll)) continue;
    if (WellFormed(*f.fix, size)) {
      fixes.push_back(&*f.fix);
    } else {
      ++round.broken;
    }
  }
  std::stable_sort(fixes.begin(), fixes.end(), [](const Fix* a, const Fix* b) { return a->edits[0].span.begin < b->edits[0].span.begin; });

  Accepted accepted;
  std::vector<TextEdit> added;
  for (const Fix* fix : fixes) {
    added.clear();
    bool overlaps = false, changes = false;
    for (const TextEdit& edit : fix->edits) {
      TextEdit e{edit.span, WithLineEnds(edit.text, file.encoding().crlf)};
      if (file.encoding().bom) {
        e.span.begin = std::max(e.span.begin, 3u);
        e.span.end = std::max(e.span.end, 3u);
      }
      if (file.Slice(e.span) == e.text) continue;  // so that a fix that does nothing cannot keep the rounds going
      changes = true;
      const Accepted::Answer answer = accepted.Look(e);
      if (answer == Accepted::Answer::kOverlaps) overlaps = true;
      if (answer == Accepted::Answer::kFree) added.push_back(std::move(e));
    }
    if (!changes) continue;
    if (overlaps) {
      ++round.waiting;
      continue;
    }
    ++round.applied;
    for (TextEdit& e : added) accepted.Add(std::move(e));
  }
  round.edits = accepted.Take();
  return round;
}

std::string ApplyEdits(std::string_view text, absl::Span<const TextEdit> edits) {
  std::string out;
  size_t grown = text.size();
  for (const TextEdit& e : edits) grown += e.text.size();
  out.reserve(grown);
  size_t at = 0;
  for (const TextEdit& e : edits) {
    out.append(text.substr(at, e.span.begin - at)).append(e.text);
    at = e.span.end;
  }
  return out.append(text.substr(at));
}

EditHistory::EditHistory(std::string_view original) : original_(original) {
  if (!original.empty()) pieces_.push_back({true, {0, static_cast<uint32_t>(original.size())}, ""});
}

EditHistory::Piece EditHistory::Part(const Piece& p, uint32_t from, uint32_t to) {
  if (p.kept) return {true, {p.span.begin + from, p.span.begin + to}, ""};
  return {false, {}, p.text.substr(from, to - from)};
}

void EditHistory::Apply(absl::Span<const TextEdit> edits) {
  std::vector<Piece> out;
  out.reserve(pieces_.size() + 2 * edits.size());
  size_t piece = 0;     // the piece that `at` is in
  uint32_t start = 0;   // where it begins in the current text
  uint32_t at = 0;      // everything before this is done
  // Moves on to `to`, keeping or dropping what is passed.
  auto advance = [&](uint32_t to, bool keep) {
    while (at < to && piece < pieces_.size()) {
      const Piece& p = pieces_[piece];
      const uint32_t end = start + p.size(), stop = std::min(to, end);
      if (keep) out.push_back(Part(p, at - start, stop - start));
      at = stop;
      if (at == end) {
        start = end;
        ++piece;
      }
    }
  };
  for (const TextEdit& e : edits) {
    advance(e.span.begin, true);
    if (!e.text.empty()) out.push_back({false, {}, e.text});
    advance(e.span.end, false);
  }
  advance(UINT32_MAX, true);
  pieces_ = std::move(out);
}

std::string EditHistory::Text() const {
  std::string out;
  for (const Piece& p : pieces_) out.append(p.kept ? original_.substr(p.span.begin, p.span.size()) : std::string_view(p.text));
  return out;
}

bool EditHistory::changed() const { return !Edits().empty(); }

std::vector<TextEdit> EditHistory::Edits() const {
  std::vector<TextEdit> out;
  uint32_t at = 0;
  std::string inserted;
  auto close = [&](uint32_t next) {
    if ((at < next || !inserted.empty()) && original_.substr(at, next - at) != inserted) out.push_back({{at, next}, std::move(inserted)});
    inserted.clear();
  };
  for (const Piece& p : pieces_) {
    if (!p.kept) {
      inserted += p.text;
      continue;
    }
    close(p.span.begin);
    at = p.span.end;
  }
  close(static_cast<uint32_t>(original_.size()));
  return out;
}

}  // namespace pawl
