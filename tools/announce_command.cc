// pawl announce: the messages that a runbook sends around.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/run/announce.h"
#include "tools/runner.h"

namespace pawl {
namespace {

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return absl::InvalidArgumentError(absl::StrCat(path, " cannot be read"));
  return text.str();
}

// One event a line; what is no event (a line that was cut off) is passed over.
absl::StatusOr<std::vector<nlohmann::ordered_json>> ReadEvents(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return text.status();
  std::vector<nlohmann::ordered_json> events;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    nlohmann::ordered_json e = nlohmann::ordered_json::parse(line, nullptr, false);
    if (e.is_object() && e.contains("event")) events.push_back(std::move(e));
  }
  return events;
}

}  // namespace

int AnnounceCommand(const RunnerOptions& options) {
  const std::optional<Announcement> which = ParseAnnouncement(options.message);
  if (!which) return FailWith(kExitTool, absl::StrCat("`", options.message, "` is not one of announcement, progress, complete, failed"));
  const std::string file = options.set.empty() ? "plan.json" : options.set;
  const absl::StatusOr<std::string> text = ReadText(file);
  if (!text.ok()) return FailWith(text.status());
  const nlohmann::ordered_json document = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (document.is_discarded()) return FailWith(kExitTool, absl::StrCat(file, " is no JSON"));

  AnnouncementContext context;
  if (!options.isolated) {
    absl::StatusOr<Config> config = options.config.empty() ? FindConfig(std::string()) : LoadConfig(options.config);
    if (!config.ok()) return FailWith(kExitTool, config.status().message());
    context.contact = config->announce.contact;
    context.channel = config->announce.channel;
  }
  if (!options.contact.empty()) context.contact = options.contact;
  if (!options.channel.empty()) context.channel = options.channel;
  context.when = options.when;
  if (!options.log.empty()) {
    absl::StatusOr<std::vector<nlohmann::ordered_json>> events = ReadEvents(options.log);
    if (!events.ok()) return FailWith(events.status());
    context.events = *std::move(events);
  }
  const absl::StatusOr<std::string> message = RenderAnnouncement(*which, document, context);
  if (!message.ok()) return FailWith(kExitTool, absl::StrCat(file, ": ", message.status().message()));
  if (!options.output.empty()) {
    if (const absl::Status s = WriteFileAtomically(options.output, *message); !s.ok()) return FailWith(kExitTool, s.message());
    return kExitDone;
  }
  if (options.json) {
    const nlohmann::ordered_json j = {{"message", options.message.empty() ? "announcement" : options.message}, {"text", *message}};
    std::printf("%s\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else {
    std::fputs(message->c_str(), stdout);
  }
  return kExitDone;
}

}  // namespace pawl
