// HTTP for health probes and telemetry, over libcurl: http and https, proxies by the usual environment variables, no redirects.
// Thread-safe.
#ifndef PAWL_MIGRATIONS_RUN_HTTP_H_
#define PAWL_MIGRATIONS_RUN_HTTP_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawl {

struct HttpAnswer {
  int status = 0;
  std::string body;        // its first 64 KiB
  std::string error;       // why there is no answer; "" if there is one
  double seconds = 0;
};

struct HttpRequest {
  std::string url;
  bool post = false;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  double timeout_seconds = 10;       // in all, name look-up included
  std::string ca_file;               // "" = the system's
};

HttpAnswer Send(const HttpRequest& request);

// GET until it answers 2xx or `seconds` are over: an application may just be starting again.
HttpAnswer AskHealth(const std::string& url, double seconds);

// Without user, password and query, for messages.
std::string ShownUrl(std::string_view url);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_HTTP_H_
