// libpq and libpg_query in one process. Both contain PostgreSQL's src/common and src/port, one as the client's code and one as the
// server's: what each says here would be wrong or missing if it used the other's.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "libpq-fe.h"
#include "pg_query.h"

namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Connection Connect(const std::string& conninfo) { return Connection(PQconnectdb(conninfo.c_str()), PQfinish); }

std::string Parse(const char* sql) {
  PgQueryParseResult result = pg_query_parse(sql);
  std::string text = result.error != nullptr ? result.error->message : result.parse_tree;
  pg_query_free_parse_result(result);
  return text;
}

// A TCP port of this machine on which nobody listens.
int ClosedPort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

TEST(Libpq, IsTheVersionOfItsConfiguration) { EXPECT_EQ(PQlibVersion(), 180006); }

TEST(Libpq, ReadsAConnectionString) {
  char* error = nullptr;
  PQconninfoOption* options =
      PQconninfoParse("postgresql://jo%20e@db.example:6543,db2.example/shop?sslmode=verify-full&application_name=pawl", &error);
  ASSERT_NE(options, nullptr) << error;
  std::string all;
  for (PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) all += std::string(option->keyword) + "=" + option->val + "\n";
  }
  PQconninfoFree(options);
  EXPECT_EQ(all, "user=jo e\ndbname=shop\nhost=db.example,db2.example\nport=6543,\napplication_name=pawl\nsslmode=verify-full\n");
}

TEST(Libpq, SaysWhatIsWrongWithAConnectionString) {
  char* error = nullptr;
  EXPECT_EQ(PQconninfoParse("host", &error), nullptr);
  ASSERT_NE(error, nullptr);
  EXPECT_STREQ(error, "missing \"=\" after \"host\" in connection info string\n");
  PQfreemem(error);
}

TEST(Libpq, SaysWhyItCannotConnect) {
  const std::string port = std::to_string(ClosedPort());
  const Connection connection = Connect("host=127.0.0.1 dbname=shop user=joe connect_timeout=5 port=" + port);
  EXPECT_EQ(PQstatus(connection.get()), CONNECTION_BAD);
  EXPECT_EQ(PQerrorMessage(connection.get()), "connection to server at \"127.0.0.1\", port " + port +
                                                  " failed: Connection refused\n\tIs the server running on that host and accepting "
                                                  "TCP/IP connections?\n");
}

TEST(Libpq, SaysThatTheSocketIsMissing) {
  const Connection connection = Connect("dbname=shop user=joe port=5432 host=/nonexistent");
  EXPECT_STREQ(PQerrorMessage(connection.get()),
               "connection to server on socket \"/nonexistent/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server "
               "running locally and accepting connections on that socket?\n");
}

TEST(Libpq, QuotesLiteralsAndNames) {
  const Connection connection = Connect("host=127.0.0.1 user=joe connect_timeout=5 port=" + std::to_string(ClosedPort()));
  const auto quoted = [&](char* text) {
    const std::string copy = text != nullptr ? text : PQerrorMessage(connection.get());
    PQfreemem(text);
    return copy;
  };
  EXPECT_EQ(quoted(PQescapeLiteral(connection.get(), "it's", 4)), "'it''s'");
  EXPECT_EQ(quoted(PQescapeLiteral(connection.get(), "a\\b", 3)), " E'a\\\\b'");
  EXPECT_EQ(quoted(PQescapeIdentifier(connection.get(), "a\"b", 3)), "\"a\"\"b\"");
}

// Through PostgreSQL's own hash interface into OpenSSL: md5('secret' || 'joe').
TEST(Libpq, HashesWithOpenSsl) {
  char* hash = PQencryptPassword("secret", "joe");
  ASSERT_NE(hash, nullptr);
  EXPECT_STREQ(hash, "md5c59ec932d911ffdf487595b5a2adf973");
  PQfreemem(hash);
  EXPECT_STREQ(PQsslAttribute(nullptr, "library"), "OpenSSL");
}

TEST(Libpq, KnowsEncodings) {
  EXPECT_EQ(PQmblen("\xc3\xa9", pg_char_to_encoding("UTF8")), 2);
  EXPECT_STREQ(pg_encoding_to_char(6), "UTF8");
}

TEST(Libpq, LeavesTheParserAsItWas) {
  EXPECT_EQ(Parse("selct 1"), "syntax error at or near \"selct\"");
  const std::string before = Parse("select 'é', lower(name) from shop.item where id = 12345678901234");
  EXPECT_NE(before.find("12345678901234"), std::string::npos) << before;
  char* error = nullptr;
  EXPECT_EQ(PQconninfoParse("host", &error), nullptr);
  PQfreemem(error);
  EXPECT_EQ(Parse("select 'é', lower(name) from shop.item where id = 12345678901234"), before);
  EXPECT_EQ(Parse("selct 1"), "syntax error at or near \"selct\"");
}

// The parser's memory and errors hang on its thread (memory contexts, longjmp); libpq must neither use nor disturb them.
TEST(Libpq, WorksWhileOtherThreadsParse) {
  const std::string port = std::to_string(ClosedPort());
  const std::string good = Parse("alter table item add column price numeric(10, 2) default 0");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        if (i % 2 == 0) {
          EXPECT_EQ(Parse("alter table item add column price numeric(10, 2) default 0"), good);
          EXPECT_EQ(Parse("create table ("), "syntax error at or near \"(\"");
        } else {
          const Connection connection = Connect("host=127.0.0.1 user=joe connect_timeout=5 port=" + port);
          EXPECT_NE(std::string(PQerrorMessage(connection.get())).find("Connection refused"), std::string::npos);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
