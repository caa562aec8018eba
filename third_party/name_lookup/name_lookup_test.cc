#include "third_party/name_lookup/name_lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace {

TEST(NameLookup, FindsLocalhost) {
  addrinfo hints = {};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* result = nullptr;
  ASSERT_EQ(pawl_getaddrinfo("localhost", "5432", &hints, &result), 0);
  const auto* address = reinterpret_cast<const sockaddr_in*>(result->ai_addr);
  EXPECT_EQ(ntohl(address->sin_addr.s_addr), INADDR_LOOPBACK);
  EXPECT_EQ(ntohs(address->sin_port), 5432);
  freeaddrinfo(result);
}

TEST(NameLookup, FindsNoAddressForANameOfTwoColons) {
  addrinfo* result = nullptr;
  EXPECT_EQ(pawl_getaddrinfo("no::such::host", nullptr, nullptr, &result), EAI_NONAME);
}

TEST(NameLookup, FindsUsersAsTheCLibraryDoes) {
  char buffer[2048];
  passwd entry;
  passwd* found = nullptr;
  ASSERT_EQ(pawl_getpwuid_r(0, &entry, buffer, sizeof(buffer), &found), 0);
  ASSERT_NE(found, nullptr);
  EXPECT_STREQ(found->pw_name, "root");
}

}  // namespace
