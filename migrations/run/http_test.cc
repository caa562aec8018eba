#include "migrations/run/http.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "migrations/run/telemetry.h"

namespace pawl {
namespace {

// Answers one request after the other with the statuses given, and keeps what it was sent.
class RecordingServer {
 public:
  explicit RecordingServer(std::vector<int> statuses) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, statuses] {
      for (int status : statuses) Answer(status);
    });
  }
  ~RecordingServer() {
    Join();
    close(listener_);
  }
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }
  std::vector<std::string> requests;   // once joined

 private:
  void Answer(int status) {
    const int fd = accept(listener_, nullptr, nullptr);
    std::string request;
    char buffer[4096];
    for (;;) {
      const size_t head = request.find("\r\n\r\n");
      if (head != std::string::npos) {
        int64_t length = 0;
        if (const size_t at = request.find("Content-Length: "); at != std::string::npos) (void)absl::SimpleAtoi(request.substr(at + 16, request.find('\r', at) - at - 16), &length);
        if (request.size() >= head + 4 + static_cast<size_t>(length)) break;
      }
      const ssize_t n = read(fd, buffer, sizeof buffer);
      if (n <= 0) break;
      request.append(buffer, static_cast<size_t>(n));
    }
    requests.push_back(request);
    const std::string answer = absl::StrCat("HTTP/1.1 ", status, " X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    (void)!write(fd, answer.data(), answer.size());
    close(fd);
  }

  int listener_, port_ = 0;
  std::thread thread_;
};

TEST(Http, AnApplicationThatIsStartingGetsTime) {
  RecordingServer server({503, 200});
  const HttpAnswer answer = AskHealth(server.url() + "/health", 10);
  EXPECT_EQ(answer.status, 200);
  server.Join();
  EXPECT_TRUE(absl::StartsWith(server.requests[0], "GET /health HTTP/1.1\r\n"));
}

TEST(Http, ANoIsANo) {
  RecordingServer server({404});
  const HttpAnswer answer = AskHealth(server.url(), 10);
  EXPECT_EQ(answer.status, 404);
  EXPECT_LT(answer.seconds, 2);
}

TEST(Http, NobodyThere) {
  const HttpAnswer answer = AskHealth("http://127.0.0.1:9/", 0.5);
  EXPECT_EQ(answer.status, 0);
  EXPECT_FALSE(answer.error.empty());
  EXPECT_FALSE(Send({.url = "file:///etc/passwd"}).error.empty());
}

TEST(Http, ShowsNoCredentials) {
  EXPECT_EQ(ShownUrl("https://u:p@host:1/x?key=secret#f"), "https://host:1/x");
  EXPECT_EQ(ShownUrl("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(ShownUrl("nonsense"), "nonsense");
}

TEST(Http, TracesArriveAsOtlpJson) {
  RecordingServer server({200, 400});
  TelemetrySettings settings;
  settings.endpoint = server.url() + "/v1/traces";
  settings.headers = {{"api-key", "abc"}};
  TelemetryRun run;
  run.command = "apply";
  run.started_at = "2026-11-21T15:31:10.000Z";
  EXPECT_TRUE(SendTraces(run, settings).ok());
  const absl::Status refused = SendTraces(run, settings);
  EXPECT_TRUE(absl::StrContains(refused.message(), "it answers 400")) << refused;
  server.Join();
  const std::string& request = server.requests[0];
  EXPECT_TRUE(absl::StartsWith(request, "POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_TRUE(absl::StrContains(request, "\r\nContent-Type: application/json\r\n"));
  EXPECT_TRUE(absl::StrContains(request, "\r\napi-key: abc\r\n"));
  const auto body = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4));
  EXPECT_EQ(body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"], "pawl apply");
}

}  // namespace
}  // namespace pawl
