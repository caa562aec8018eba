// The libcurl that is built here: what it can do, and what it must not be able to do.
#include "curl/curl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace {

// A listening socket of this machine; sets `port`.
int Listen(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(listen(fd, 1), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

size_t Append(char* data, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

struct Answer {
  CURLcode code;
  std::string error;
  std::string body;
  long status = 0;
};

Answer Get(const std::string& url) {
  Answer answer;
  char error[CURL_ERROR_SIZE] = "";
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  answer.code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_easy_cleanup(curl);
  answer.error = error;
  return answer;
}

TEST(Curl, HasHttpAndHttpsAndNothingElse) {
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  std::vector<std::string> protocols;
  for (const char* const* protocol = info->protocols; *protocol != nullptr; ++protocol) protocols.push_back(*protocol);
  EXPECT_EQ(protocols, (std::vector<std::string>{"http", "https"}));
  // (The tree of the tag calls itself 8.22.0-DEV, the release made from it 8.22.0.)
  EXPECT_EQ(std::string(info->version).rfind("8.22.0", 0), 0) << info->version;
  for (const int feature : {CURL_VERSION_SSL, CURL_VERSION_IPV6, CURL_VERSION_ASYNCHDNS, CURL_VERSION_THREADSAFE}) {
    EXPECT_TRUE(info->features & feature) << feature;
  }
  EXPECT_EQ(std::string(info->ssl_version).rfind("OpenSSL/", 0), 0) << info->ssl_version;
}

TEST(Curl, GetsAPage) {
  int port = 0;
  const int listener = Listen(&port);
  std::string request;
  std::thread server([&] {
    const int fd = accept(listener, nullptr, nullptr);
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = read(fd, buffer, sizeof(buffer));
      if (got <= 0) break;
      request.append(buffer, got);
    }
    const std::string answer = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    EXPECT_EQ(write(fd, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    close(fd);
  });
  // By name: through the resolver's thread.
  const Answer answer = Get("http://localhost:" + std::to_string(port) + "/a?b");
  shutdown(listener, SHUT_RDWR);  // should curl not have come, the thread ends all the same
  server.join();
  close(listener);
  EXPECT_EQ(answer.code, CURLE_OK) << answer.error;
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(request.rfind("GET /a?b HTTP/1.1\r\n", 0), 0) << request;
}

TEST(Curl, SaysWhyItCannotConnect) {
  int port = 0;
  close(Listen(&port));
  const Answer answer = Get("https://127.0.0.1:" + std::to_string(port) + "/");
  EXPECT_EQ(answer.code, CURLE_COULDNT_CONNECT);
  EXPECT_NE(answer.error.find("127.0.0.1:" + std::to_string(port)), std::string::npos) << answer.error;
}

TEST(Curl, ReadsNoLocalFile) { EXPECT_EQ(Get("file:///etc/passwd").code, CURLE_UNSUPPORTED_PROTOCOL); }

}  // namespace
