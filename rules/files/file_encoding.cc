#include <string>

#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kFileEncoding;
const Rule kFileEncoding = {
    .info = {
        .name = "file-encoding",
        .group = RuleGroup::kHistory,
        .severity = Severity::kWarning,
        .summary = "the file is not plain UTF-8 with one kind of line ends",
        .page = {
            .what = "The file is UTF-16, holds a NUL byte or bytes that are no UTF-8, begins with a byte order mark, or mixes LF and CRLF line "
                    "ends. The first of these that applies is reported.",
            .why = "Drivers send the bytes as they are. PostgreSQL ends the statement at a NUL byte, refuses bytes that do not fit the client's "
                   "encoding, and takes a byte order mark for a part of the first word: the migration works with one client, psql for one, and "
                   "fails with the next. Mixed line ends end up inside function bodies and strings, and change checksums when an editor or git "
                   "makes them uniform.",
            .instead = "Save the file as UTF-8 without a byte order mark, with LF line ends, before it is applied anywhere. Pin the line ends "
                       "with `*.sql text eol=lf` in `.gitattributes`.",
            .fix_safety = "",
            .versions = "",
            .limits = "In the examples, `-- file: NAME` begins a file; the file of the bad one begins with a byte order mark.",
            .references = "PostgreSQL documentation, \"Character Set Support\" and \"Lexical Structure\"",
            .elsewhere = "",
            .bad = "-- file: 000001_users.up.sql\n"
                   "\xEF\xBB\xBF" "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n",
            .good = "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n",
        }},
    .check_set = &Check};

namespace {

struct Problem {
  std::string message;
  std::string why;
  Span at;
};

// Where the kind of line end changes for the first time.
Span FirstOddLineEnd(std::string_view text, bool crlf) {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const bool here = at > 0 && text[at - 1] == '\r';
    if (here != crlf) return {static_cast<uint32_t>(here ? at - 1 : at), static_cast<uint32_t>(at + 1)};
  }
  return {};
}

bool FindProblem(const SourceFile& file, Problem& p) {
  const Encoding& e = file.encoding();
  if (e.utf16) {
    p = {"the file is UTF-16, which no runner reads as SQL", "the server gets bytes that are no statement, and the migration fails", {0, 2}};
  } else if (e.nul) {
    p = {"a NUL byte ends the script here for PostgreSQL",
         "what stands behind it is never run, or the driver refuses the whole script",
         {e.nul_at, e.nul_at + 1}};
  } else if (!e.valid_utf8) {
    p = {"these bytes are not UTF-8",
         "a server or driver that expects UTF-8 refuses the script, and one that does not stores other characters",
         {e.invalid_at, e.invalid_at + 1}};
  } else if (e.bom) {
    p = {"the file begins with a byte order mark",
         "drivers send it along, and PostgreSQL takes it for a part of the first word: a syntax error that `psql -f` does not have",
         {0, 3}};
  } else if (e.mixed_line_ends) {
    p = {absl::StrCat("the line ends change from ", e.crlf ? "CRLF to LF" : "LF to CRLF", " here"),
         "they go into function bodies and strings as they are, and a tool that makes them uniform changes the file's checksum",
         FirstOddLineEnd(file.text(), e.crlf)};
  } else {
    return false;
  }
  return true;
}

void Check(const SetContext& context) {
  for (const auto& file : context.set.files) {
    Problem p;
    if (!FindProblem(*file, p)) continue;
    context.Report(kFileEncoding, file.get(), p.at, "", std::move(p.message))
        .Why(std::move(p.why))
        .Help("save it as UTF-8 without a byte order mark and with LF line ends, before it is applied anywhere");
  }
}

}  // namespace
}  // namespace pawl
