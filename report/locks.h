// The lock timeline to people and machines (pawl locks).
#ifndef PAWL_REPORT_LOCKS_H_
#define PAWL_REPORT_LOCKS_H_

#include <string>
#include <vector>

#include "rules/engine/timeline.h"

namespace pawl {

struct LocksInput {
  const MigrationSet* set = nullptr;
  std::vector<TimelineTransaction> transactions;
  int server_version = 0;  // 0: that of the whole report
};

// `all`: also locks that make nobody wait (ROW EXCLUSIVE ...) and objects that nobody else can be using.
std::string LocksText(const std::vector<LocksInput>& sets, bool all);
std::string LocksJson(const std::vector<LocksInput>& sets, int server_version);  // docs/schema/locks-v1.json
// One page, no scripts, nothing fetched: a picture for each transaction (inline SVG) and the same as a table.
std::string LocksHtml(const std::vector<LocksInput>& sets, int server_version, bool all);

}  // namespace pawl

#endif  // PAWL_REPORT_LOCKS_H_
