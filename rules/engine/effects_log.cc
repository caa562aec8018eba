#include "rules/engine/effects_log.h"

#include <algorithm>

namespace pawl {

void EffectsLog::Add(const SourceFile& file, const StatementFacts& facts) {
  if (facts.effects.empty()) return;
  std::vector<Entry>& entries = files_[&file];
  const size_t first = entries.size();
  for (const Effect& e : facts.effects) {
    if (e.is_index) continue;
    const auto same = std::find_if(entries.begin() + static_cast<ptrdiff_t>(first), entries.end(), [&](const Entry& known) { return known.object == e.object; });
    if (same == entries.end()) {
      entries.push_back({facts.statement->span, std::string(e.object), e.lock, e.work});
    } else {
      same->lock = std::max(same->lock, e.lock);
      same->work = std::max(same->work, e.work);
    }
  }
}

EffectsLog::Entry EffectsLog::Find(const SourceFile* file, uint32_t at, std::string_view object) const {
  Entry best;
  const auto it = files_.find(file);
  if (it == files_.end()) return best;
  for (const Entry& e : it->second) {
    if (!e.statement.Contains(at) || (!object.empty() && e.object != object)) continue;
    const bool inner = !best.object.empty() && e.statement.begin > best.statement.begin;
    if (best.object.empty() || inner || e.work > best.work || (e.work == best.work && e.lock > best.lock)) best = e;
  }
  return best;
}

}  // namespace pawl
