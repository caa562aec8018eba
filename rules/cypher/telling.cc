#include "rules/cypher/telling.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace pawl {
namespace {

using namespace cypher;

bool Among(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return absl::EqualsIgnoreCase(w, word); });
}

bool Lower(char c) { return absl::ascii_islower(static_cast<unsigned char>(c)); }
bool Upper(char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); }

// "customerId" -> "Id", "order_number" -> "number", "ISBN" -> "ISBN": where the key's last word begins.
size_t LastWord(std::string_view key) {
  for (size_t i = key.size(); i-- > 1;) {
    if (key[i - 1] == '_' || key[i - 1] == '-' || key[i - 1] == '.' || key[i - 1] == ' ') return i;
    if (Upper(key[i]) && Lower(key[i - 1])) return i;
  }
  return 0;
}

}  // namespace

bool FewNodes(std::string_view label) {
  return Among(label, {"config",  "configuration", "appconfig", "settings", "appsettings", "metadata", "meta",     "schema",    "schemaversion", "version",
                       "counter", "migration",     "lock",      "system",   "systeminfo",  "appinfo",  "sequence", "dbversion", "__neo4jmigration"});
}

bool FewValues(std::string_view key) {
  if (key.size() > 2 && key.starts_with("is") && Upper(key[2])) return true;
  if (key.size() > 3 && key.starts_with("has") && Upper(key[3])) return true;
  if (absl::StartsWith(key, "is_") || absl::StartsWith(key, "has_")) return true;
  return Among(key, {"status", "state",  "type", "kind",   "category", "active",    "enabled", "disabled", "deleted",   "archived", "role",   "gender",
                     "source", "env",    "tenant", "verified", "published", "hidden", "locked", "processed", "migrated", "synced", "legacy", "obsolete"});
}

bool TellsApart(std::string_view key, const Labels& labels) {
  if (key.size() < 3) return true;  // `k`, `nr`: says nothing
  for (const Name& n : labels.names) {
    if (absl::EqualsIgnoreCase(n.text, key)) return true;
  }
  const size_t at = LastWord(key);
  const std::string_view word = key.substr(at);
  if (absl::EndsWithIgnoreCase(word, "name")) {
    // Many people share each of these.
    const std::string_view before = at > 0 ? key.substr(LastWord(key.substr(0, at - 1))) : word;
    for (std::string_view shared : {"sur", "last", "first", "given", "family", "middle"}) {
      if (absl::StartsWithIgnoreCase(before, shared)) return false;
    }
    return true;
  }
  if (Among(word, {"paid", "prepaid", "unpaid", "valid", "invalid", "void", "solid", "grid", "hybrid", "liquid", "rapid", "turkey", "monkey"})) return false;
  for (std::string_view end : {"id", "key", "code", "number", "mail", "slug"}) {
    if (absl::EndsWithIgnoreCase(word, end)) return true;
  }
  return Among(word, {"guid",   "no",    "nr",      "num",    "title",    "login",   "user",      "handle",  "nick",   "path",        "url",        "uri",   "link",
                      "isbn",   "issn",  "sku",     "ean",    "gtin",     "upc",     "asin",      "iban",    "bic",    "iata",        "icao",       "iso",   "iso2",
                      "iso3",   "ssn",   "serial",  "token",  "hash",     "checksum", "sha",      "ref",     "reference", "phone",    "mobile",     "address", "ip",
                      "mac",    "host",  "domain",  "plate",  "vin",      "symbol",  "barcode",   "account", "file",   "tag",         "identifier", "doi",   "orcid",
                      "imei",   "value", "text",    "label",  "term",     "word",    "question",  "fingerprint", "signature", "seq", "index",      "version", "position",
                      "alias",  "isbn13", "isbn10", "ticker", "isin",   "cusip",   "lei",       "vat",     "commit", "md5",         "sha1",       "sha256", "etag",
                      "build",  "accession", "imo", "mmsi"});
}

bool LooksLikeKey(const Expr& literal) {
  if (literal.kind != ExprKind::kLiteral) return false;
  if (literal.literal == LiteralKind::kString) {
    return literal.text.size() > 30 || std::any_of(literal.text.begin(), literal.text.end(), [](char c) {
             return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '@' || c == '/' || c == ':';
           });
  }
  int64_t n;
  return literal.literal == LiteralKind::kInteger && absl::SimpleAtoi(literal.text, &n) && (n >= 10'000 || n <= -10'000);
}

}  // namespace pawl
