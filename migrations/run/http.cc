#include "migrations/run/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

constexpr size_t kKept = 64 * 1024;

size_t Keep(char* data, size_t size, size_t count, void* to) {
  std::string& body = *static_cast<std::string*>(to);
  body.append(data, std::min(size * count, kKept - std::min(kKept, body.size())));
  return size * count;
}

struct FreeEasy {
  void operator()(CURL* c) const { curl_easy_cleanup(c); }
};
struct FreeList {
  void operator()(curl_slist* l) const { curl_slist_free_all(l); }
};

}  // namespace

HttpAnswer Send(const HttpRequest& request) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  HttpAnswer answer;
  const std::unique_ptr<CURL, FreeEasy> c(curl_easy_init());
  if (c == nullptr) {
    answer.error = "no memory";
    return answer;
  }
  std::unique_ptr<curl_slist, FreeList> headers;
  for (const auto& [name, value] : request.headers) headers.reset(curl_slist_append(headers.release(), absl::StrCat(name, ": ", value).c_str()));
  if (request.post) headers.reset(curl_slist_append(headers.release(), "Expect:"));  // no round trip for "100 Continue"
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(c.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(c.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_seconds * 1000));
  curl_easy_setopt(c.get(), CURLOPT_USERAGENT, "pawl");
  curl_easy_setopt(c.get(), CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(c.get(), CURLOPT_WRITEFUNCTION, Keep);
  curl_easy_setopt(c.get(), CURLOPT_WRITEDATA, &answer.body);
  if (headers != nullptr) curl_easy_setopt(c.get(), CURLOPT_HTTPHEADER, headers.get());
  if (!request.ca_file.empty()) curl_easy_setopt(c.get(), CURLOPT_CAINFO, request.ca_file.c_str());
  if (request.post) {
    curl_easy_setopt(c.get(), CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(c.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  const CURLcode code = curl_easy_perform(c.get());
  long status = 0;
  curl_easy_getinfo(c.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_easy_getinfo(c.get(), CURLINFO_TOTAL_TIME, &answer.seconds);
  if (code != CURLE_OK) answer.error = *why != '\0' ? why : curl_easy_strerror(code);
  return answer;
}

HttpAnswer AskHealth(const std::string& url, double seconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  HttpRequest request;
  request.url = url;
  for (;;) {
    const double left = seconds - std::chrono::duration<double>(Clock::now() - begin).count();
    request.timeout_seconds = std::max(0.2, left);
    HttpAnswer answer = Send(request);
    const bool well = answer.error.empty() && answer.status >= 200 && answer.status < 300;
    const bool may_change = !answer.error.empty() || answer.status >= 500 || answer.status == 429;
    if (well || !may_change || left < 1.2) return answer;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

std::string ShownUrl(std::string_view url) {
  std::string out(url.substr(0, url.find_first_of("?#")));
  const size_t scheme = out.find("://");
  if (scheme == std::string::npos) return out;
  const size_t slash = std::min(out.size(), out.find('/', scheme + 3));
  const size_t at = out.rfind('@', slash);
  if (at != std::string::npos && at > scheme) out.erase(scheme + 3, at - scheme - 2);
  return out;
}

}  // namespace pawl
