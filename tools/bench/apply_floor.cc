// The floor under `pawl apply`: one connection, one message a file, which holds its transaction and its history row.
//
//   apply_floor FILE...      the database: libpq's PG* variables
#include <libpq-fe.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

int main(int argc, char** argv) {
  PGconn* c = PQconnectdb("");
  auto run = [&](const std::string& sql) {
    PGresult* r = PQexec(c, sql.c_str());
    const bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!ok) std::fprintf(stderr, "%s", PQerrorMessage(c));
    PQclear(r);
    return ok;
  };
  if (PQstatus(c) != CONNECTION_OK) {
    std::fprintf(stderr, "%s", PQerrorMessage(c));
    return 1;
  }
  if (!run("CREATE TABLE floor_history (version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")) return 1;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    std::stringstream text;
    text << "BEGIN;\n" << in.rdbuf() << "\n;INSERT INTO floor_history (version) VALUES ('" << i << "'); COMMIT";
    if (!run(text.str())) return 1;
  }
  PQfinish(c);
  return 0;
}
