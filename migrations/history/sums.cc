#include "migrations/history/sums.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/source/atomic_write.h"
#include "analyzer/source/sha256.h"
#include "migrations/history/paths.h"

namespace pawl {
namespace {

constexpr std::string_view kMagic = "# pawl.sums 1 ";
constexpr std::string_view kCode = "#   code ";
constexpr std::string_view kForTheReader =
    "# Written by `pawl lint --write-sums`, checked by `pawl lint` and by `sha256sum -c`. After a merge conflict here, write it anew.\n";

bool IsHex(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); });
}

absl::Status Malformed(std::string_view shown, size_t line, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("`", shown, "` line ", line, ": ", what,
                                                 "; see with git that no applied migration changed, then run `pawl lint --write-sums`"));
}

bool IsConflictMarker(std::string_view line) {
  return absl::StartsWith(line, "<<<<<<<") || absl::StartsWith(line, "=======") || absl::StartsWith(line, ">>>>>>>");
}

// sha256sum escapes a name that holds a newline, carriage return or backslash, and says so with a backslash before the hash.
std::string EscapeName(std::string_view name) { return absl::StrReplaceAll(name, {{"\\", "\\\\"}, {"\n", "\\n"}, {"\r", "\\r"}}); }
std::string UnescapeName(std::string_view name) { return absl::StrReplaceAll(name, {{"\\\\", "\\"}, {"\\n", "\n"}, {"\\r", "\r"}}); }

SumsEntry MakeEntry(std::string path, std::string_view text, Engine engine) {
  return {std::move(path), Sha256Hex(text), HashCode(text, engine)};
}

absl::Status TakeLine(std::string_view line, std::string_view shown, size_t number, Sums& sums) {
  if (IsConflictMarker(line)) return Malformed(shown, number, "an unresolved merge conflict");
  if (absl::ConsumePrefix(&line, kCode)) {
    const std::vector<std::string_view> hashes = absl::StrSplit(line, ' ');
    if (sums.entries.empty() || hashes.size() != 2) return Malformed(shown, number, "a `code` line that belongs to no file");
    sums.entries.back().code = {std::string(hashes[0]), std::string(hashes[1])};
    return absl::OkStatus();
  }
  if (line.empty() || line[0] == '#') return absl::OkStatus();
  const bool escaped = absl::ConsumePrefix(&line, "\\");
  if (line.size() < 67 || !IsHex(line.substr(0, 64)) || line[64] != ' ' || (line[65] != ' ' && line[65] != '*')) {
    return Malformed(shown, number, "not a checksum followed by a file name");
  }
  const std::string_view name = line.substr(66);
  sums.entries.push_back({escaped ? UnescapeName(name) : std::string(name), absl::AsciiStrToLower(line.substr(0, 64)), {}});
  return absl::OkStatus();
}

bool ByPath(const SumsEntry& a, const SumsEntry& b) { return a.path < b.path; }

}  // namespace

const SumsEntry* Sums::Find(std::string_view path) const {
  auto it = std::lower_bound(entries.begin(), entries.end(), path, [](const SumsEntry& e, std::string_view p) { return e.path < p; });
  return it != entries.end() && it->path == path ? &*it : nullptr;
}

std::string FormatSums(const Sums& sums) {
  std::string body(kForTheReader);
  for (const SumsEntry& e : sums.entries) {
    const std::string name = EscapeName(e.path);
    absl::StrAppend(&body, name == e.path ? "" : "\\", e.sha256, "  ", name, "\n");
    if (!e.code.exact.empty()) absl::StrAppend(&body, kCode, e.code.exact, " ", e.code.normal, "\n");
  }
  return absl::StrCat(kMagic, Sha256Hex(body), "\n", body);
}

absl::StatusOr<Sums> ParseSums(std::string_view raw, std::string_view shown) {
  const std::string converted = absl::StrContains(raw, '\r') ? absl::StrReplaceAll(raw, {{"\r\n", "\n"}}) : std::string();
  std::string_view text = converted.empty() ? raw : std::string_view(converted);
  const size_t first_end = std::min(text.find('\n'), text.size());
  std::string_view total = text.substr(0, first_end);
  std::string_view body = text.substr(std::min(first_end + 1, text.size()));
  if (IsConflictMarker(total)) return Malformed(shown, 1, "an unresolved merge conflict");
  if (!absl::ConsumePrefix(&total, kMagic)) {
    return Malformed(shown, 1, absl::StartsWith(total, "# pawl.sums ") ? "a format that this version does not know (is a newer pawl in use?)"
                                                                       : "not the first line of a pawl.sums");
  }
  Sums sums;
  size_t number = 1;
  for (std::string_view line : absl::StrSplit(body, '\n')) {
    if (absl::Status status = TakeLine(line, shown, ++number, sums); !status.ok()) return status;
  }
  if (Sha256Hex(body) != total) return Malformed(shown, 1, "its checksum is not that of the lines below, so it was merged or edited by hand");
  std::stable_sort(sums.entries.begin(), sums.entries.end(), &ByPath);
  for (size_t i = 1; i < sums.entries.size(); ++i) {
    if (sums.entries[i].path == sums.entries[i - 1].path) return Malformed(shown, 1, absl::StrCat("`", sums.entries[i].path, "` is listed twice"));
  }
  return sums;
}

absl::StatusOr<std::optional<Sums>> ReadSums(const std::string& path) {
  // Most folders have none.
  if (access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  FILE* file = fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read `", path, "`"));
  }
  std::string text;
  char buffer[65536];
  size_t n;
  while ((n = fread(buffer, 1, sizeof buffer, file)) > 0) text.append(buffer, n);
  const int error = ferror(file) != 0 ? errno : 0;
  fclose(file);
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot read `", path, "`"));
  absl::StatusOr<Sums> sums = ParseSums(text, path);
  if (!sums.ok()) return sums.status();
  return std::optional<Sums>(*std::move(sums));
}

absl::StatusOr<Sums> ComputeSums(const MigrationSet& set) {
  if (!set.complete) {
    return absl::InvalidArgumentError("`--write-sums` records whole folders: name the folder of the migrations and not its files");
  }
  Sums sums;
  std::vector<const SourceFile*> seen;
  for (const Migration& m : set.migrations) {
    if (m.repeatable) continue;
    for (const std::optional<ScriptRef>* ref : {&m.up, &m.down}) {
      if (ref->has_value()) seen.push_back((*ref)->file);
    }
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const SourceFile* file : seen) {
    const std::string relative = RelativeTo(set.root, file->path());
    sums.entries.push_back(MakeEntry(relative, file->text(), set.engine));
  }
  std::sort(sums.entries.begin(), sums.entries.end(), &ByPath);
  return sums;
}

absl::StatusOr<std::string> WriteSums(const MigrationSet& set) {
  absl::StatusOr<Sums> sums = ComputeSums(set);
  if (!sums.ok()) return sums.status();
  const std::string path = JoinPath(set.root, kSumsFileName);
  if (absl::Status status = WriteFileAtomically(path, FormatSums(*sums)); !status.ok()) return status;
  return path;
}

bool Matches(const SumsEntry& entry, std::string_view text) {
  if (Sha256Hex(text) == entry.sha256) return true;
  if (!absl::StrContains(text, '\n')) return false;
  const std::string lf = absl::StrReplaceAll(text, {{"\r\n", "\n"}});
  return Sha256Hex(lf) == entry.sha256 || Sha256Hex(absl::StrReplaceAll(lf, {{"\n", "\r\n"}})) == entry.sha256;
}

}  // namespace pawl
