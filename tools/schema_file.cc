#include "tools/schema_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace pawl {

bool IsSnapshot(std::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return !text.empty() && text.front() == '{';
}

absl::StatusOr<std::string> ReadSchemaFile(const std::string& path) {
  std::FILE* f = std::fopen(path.c_str(), "re");
  if (f == nullptr) return absl::InvalidArgumentError(absl::StrCat("cannot read the schema ", path, ": ", std::strerror(errno)));
  std::string text;
  char buffer[65536];
  size_t n;
  while ((n = std::fread(buffer, 1, sizeof buffer, f)) > 0) text.append(buffer, n);
  const bool bad = std::ferror(f) != 0;
  std::fclose(f);
  if (bad) return absl::InvalidArgumentError(absl::StrCat("cannot read the schema ", path, ": ", std::strerror(errno)));
  return text;
}

absl::StatusOr<std::unique_ptr<StartSchema>> ReadStartSchema(const std::string& path) {
  absl::StatusOr<std::string> text = ReadSchemaFile(path);
  if (!text.ok()) return text.status();
  if (!IsSnapshot(*text)) return std::make_unique<StartSchema>(path, *std::move(text));
  absl::StatusOr<SchemaJson> schema = ParseSchema(*text, path);
  if (!schema.ok()) return schema.status();
  return std::make_unique<StartSchema>(path, SchemaToSql(*schema));
}

absl::StatusOr<SchemaJson> ReadSchemaDescription(const std::string& path) {
  absl::StatusOr<std::string> text = ReadSchemaFile(path);
  if (!text.ok()) return text.status();
  if (IsSnapshot(*text)) return ParseSchema(*text, path);
  Catalog catalog;
  catalog.KeepDetails();
  StartSchema(path, *std::move(text)).Fill(&catalog);
  return SchemaFromCatalog(catalog);
}

}  // namespace pawl
