// EXPLAIN of all that a plan will run.
//
// With the texts that they will run with: the server then finds the plans in its cache, and planning is most of a small statement's time. A
// request for each would cost as much again, and one connection keeps one of the server's processors busy: so many go into one request, and
// where there are more than that, two connections share them (measured on 5.26: 400 statements, each with a label of its own, in 2.7 s
// instead of 8).
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "migrations/database/neo4j.h"

namespace pawl {
namespace {

constexpr std::string_view kPrefix = "EXPLAIN ";
constexpr size_t kTogether = 20;

void TakeOperators(const Json& plan, Explained* out) {
  std::vector<const Json*> todo = {&plan};
  while (!todo.empty()) {
    const Json& o = *todo.back();
    todo.pop_back();
    if (!o.is_object()) continue;
    Explained::Operator& op = out->operators.emplace_back();
    op.type = o.value("operatorType", "");
    op.type.resize(std::min(op.type.size(), op.type.find('@')));
    const Json& a = o.contains("arguments") ? o["arguments"] : o;  // the transactional API has them beside the rest
    if (a.contains("Details")) op.details = CypherText(a["Details"]);
    if (a.contains("EstimatedRows") && a["EstimatedRows"].is_number()) op.rows = a["EstimatedRows"].get<double>();
    if (!o.contains("children")) continue;
    for (const Json& c : o["children"]) todo.push_back(&c);
  }
}

// The replies to `texts`, up to the first that is an error.
std::vector<CypherReply> RepliesTo(Neo4jConnection& c, const std::vector<std::string>& texts) {
  std::vector<CypherReply> out;
  if (c.can_run_together() && texts.size() > 1) {
    std::vector<CypherStatement> all;
    for (const std::string& t : texts) all.push_back({t, nullptr});
    return c.RunTogether(all);
  }
  for (const std::string& t : texts) {
    out.push_back(c.Run(t));
    if (!out.back().ok()) break;
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<Explained>> Neo4jDatabase::Explain(absl::Span<const std::string_view> statements, double seconds) {
  const Clock::time_point begin = Clock::now();
  std::vector<Explained> out(statements.size());
  std::atomic<size_t> next = 0;
  // Each of the two writes to elements of its own.
  auto work = [&](Neo4jConnection& c, std::optional<CypherError>* lost) {
    while (!lost->has_value() && (next == 0 || std::chrono::duration<double>(Clock::now() - begin).count() < seconds)) {
      const size_t from = next.fetch_add(kTogether), to = std::min(from + kTogether, statements.size());
      for (size_t i = from; i < to;) {
        std::vector<std::string> texts;
        for (size_t k = i; k < to; ++k) texts.push_back(absl::StrCat(kPrefix, InOneRequest(statements[k])));
        for (CypherReply& r : RepliesTo(c, texts)) {
          if (!r.ok() && r.error->lost) {
            *lost = *r.error;
            return;
          }
          Explained& e = out[i++];
          e.asked = true;
          if (r.ok()) {
            TakeOperators(r.plan, &e);
            continue;
          }
          e.error = ErrorFrom(*r.error);
          const int64_t at = r.error->offset;
          e.error->position = at < static_cast<int64_t>(kPrefix.size()) ? 0 : static_cast<uint32_t>(at - static_cast<int64_t>(kPrefix.size()) + 1);
        }
      }
      if (to == statements.size()) return;
    }
  };
  std::optional<CypherError> lost, lost_there;
  if (statements.size() > kTogether && work_->can_run_together()) {
    const std::unique_ptr<Neo4jConnection> other = work_->Another();
    other->set_background();
    std::thread helper([&] { work(*other, &lost_there); });
    work(*work_, &lost);
    helper.join();
  } else {
    work(*work_, &lost);
  }
  if (lost || lost_there) return Failed("cannot explain", lost ? *lost : *lost_there);
  return out;
}

}  // namespace pawl
