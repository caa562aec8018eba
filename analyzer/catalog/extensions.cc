#include "analyzer/catalog/extensions.h"

#include <algorithm>
#include <iterator>

namespace pawl {
namespace {

struct Pair {
  std::string_view extension, name;
};

constexpr Pair kFunctions[] = {{"pgcrypto", "gen_random_bytes"}, {"pgcrypto", "digest"},          {"pgcrypto", "hmac"},           {"pgcrypto", "crypt"},
                               {"pgcrypto", "gen_salt"},         {"pgcrypto", "pgp_sym_encrypt"}, {"pgcrypto", "pgp_sym_decrypt"}};

constexpr Pair kOpclasses[] = {{"pg_trgm", "gin_trgm_ops"},      {"pg_trgm", "gist_trgm_ops"},     {"hstore", "gin_hstore_ops"},  {"hstore", "gist_hstore_ops"},
                               {"citext", "citext_ops"},         {"citext", "citext_pattern_ops"}, {"ltree", "gist_ltree_ops"},   {"ltree", "ltree_ops"},
                               {"intarray", "gist__int_ops"},    {"intarray", "gist__intbig_ops"}, {"intarray", "gin__int_ops"},  {"vector", "vector_l2_ops"},
                               {"vector", "vector_cosine_ops"},  {"vector", "vector_ip_ops"},      {"vector", "vector_l1_ops"},   {"vector", "halfvec_l2_ops"},
                               {"vector", "halfvec_cosine_ops"}, {"vector", "halfvec_ip_ops"},     {"postgis", "gist_geometry_ops_2d"}, {"postgis", "gist_geometry_ops_nd"}};

constexpr Pair kTypes[] = {{"citext", "citext"}, {"hstore", "hstore"},   {"ltree", "ltree"},      {"ltree", "lquery"},     {"cube", "cube"},     {"vector", "vector"},
                           {"vector", "halfvec"}, {"vector", "sparsevec"}, {"postgis", "geometry"}, {"postgis", "geography"}, {"semver", "semver"}};

// Types that GiST and GIN have no operator class of their own for; btree_gist and btree_gin do (documentation of both).
constexpr std::string_view kScalars[] = {"int2", "int4", "int8", "float4", "float8", "numeric", "timestamp", "timestamptz", "time", "timetz", "date", "interval",
                                         "oid",  "money", "char", "bpchar", "varchar", "text",  "bytea",     "bit",         "varbit", "macaddr", "macaddr8", "uuid", "bool"};

template <typename Table>
std::string_view Of(const Table& table, std::string_view name) {
  for (const Pair& p : table) {
    if (p.name == name) return p.extension;
  }
  return {};
}

}  // namespace

std::string_view ExtensionOfFunction(std::string_view function) {
  if (function.starts_with("uuid_generate_")) return "uuid-ossp";
  return Of(kFunctions, function);  // gen_random_uuid is the server's own from 13 on
}

std::string_view ExtensionOfOpclass(std::string_view opclass) { return Of(kOpclasses, opclass); }

std::string_view ExtensionOfIndexed(std::string_view method, std::string_view type) {
  if (method != "gist" && method != "gin") return {};
  if (type.ends_with("[]")) return {};
  type = type.substr(0, type.find('('));
  if (std::find(std::begin(kScalars), std::end(kScalars), type) == std::end(kScalars)) return {};
  return method == "gist" ? "btree_gist" : "btree_gin";
}

bool BringsType(std::string_view extension, std::string_view type) {
  return std::any_of(std::begin(kTypes), std::end(kTypes), [&](const Pair& p) { return p.extension == extension && p.name == type; });
}

}  // namespace pawl
