#include "migrations/database/database.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace pawl {

std::string Describe(const Session& s) {
  std::string who = s.id.empty() ? absl::StrCat("pid ", s.pid) : s.id;
  std::string about = s.application;
  for (const std::string& part : {s.user, s.client}) {
    if (!part.empty()) absl::StrAppend(&about, about.empty() ? "" : &part == &s.user ? ", " : " from ", part);
  }
  if (s.id.empty()) absl::StrAppend(&who, " (", s.application.empty() ? "unnamed" : s.application, ", ", s.user, " from ", s.client, ")");
  else if (!about.empty()) absl::StrAppend(&who, " (", about, ")");
  absl::StrAppendFormat(&who, ", %.0f s", s.seconds);
  if (!s.state.empty() && s.state != "active") absl::StrAppend(&who, ", ", s.state);
  if (!s.query.empty()) absl::StrAppend(&who, ": ", s.query);
  return who;
}

}  // namespace pawl
