// grant-to-public: GRANT ... TO PUBLIC, and GRANT ALL where ALL is more than an application needs.
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kGrantToPublic;

namespace {

struct Words {
  std::string privileges;  // "SELECT, INSERT"
  std::string objects;     // "TABLE orders"
  Span public_span;        // the word PUBLIC
  bool grants = false;
  bool dynamic = false;    // the roles are put together at run time
};

void Append(std::string& out, std::string_view token) {
  if (!out.empty() && token != "," && token != ")" && token != "." && token != "(" && out.back() != '.' && out.back() != '(') out += ' ';
  absl::StrAppend(&out, token);
}

// GRANT privileges ON objects TO roles, also inside ALTER DEFAULT PRIVILEGES.
Words Read(const ScriptContext& script, const sql::Statement& s) {
  Words w;
  sql::Scanner scanner(script.file->text(), s.span);
  enum { kBefore, kPrivileges, kObjects, kRoles } part = kBefore;
  int depth = 0;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen) ++depth;
    if (t.kind == sql::TokenKind::kClose) --depth;
    if (part == kBefore) {
      if (scanner.Is(t, "grant")) part = kPrivileges;
      if (scanner.Is(t, "revoke")) return w;
    } else if (part == kPrivileges) {
      if (depth == 0 && scanner.Is(t, "on")) part = kObjects;
      else Append(w.privileges, scanner.Text(t));
    } else if (part == kObjects) {
      if (depth == 0 && scanner.Is(t, "to")) part = kRoles;
      else if (w.objects.size() < 60) Append(w.objects, scanner.Text(t));
    } else {
      if (!w.grants) w.dynamic = t.kind != sql::TokenKind::kIdentifier && t.kind != sql::TokenKind::kQuotedIdentifier;
      w.grants = true;
      if (scanner.Is(t, "public") && w.public_span.empty()) w.public_span = t.span;
    }
  }
  return w;
}

// What PUBLIC has without a GRANT ("Privileges": EXECUTE for routines, USAGE for types and languages), or as good as nothing.
bool IsDefault(const sql::Grant& g) { return g.type == sql::ObjectType::kType || g.type == sql::ObjectType::kDomain; }
bool IsMild(const sql::Grant& g, const Words& w) {
  switch (g.type) {
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine:
    case sql::ObjectType::kAggregate:
    case sql::ObjectType::kForeignServer:
    case sql::ObjectType::kForeignDataWrapper:
    case sql::ObjectType::kOther: return true;
    case sql::ObjectType::kSchema: return absl::EqualsIgnoreCase(w.privileges, "usage");
    default: return false;
  }
}

void ReportPublic(const ScriptContext& script, const Words& w, bool mild, bool future) {
  FindingBuilder f = script.Report(kGrantToPublic, w.public_span,
                                   absl::StrCat("every role gets ", absl::AsciiStrToUpper(w.privileges), " on ", future ? "future " : "", w.objects, future ? " too" : ", also roles that are made later"));
  f.Why("PUBLIC is everybody who can log in: reporting users, other applications on the same server, and whoever takes over one of them");
  f.Help("grant to a role that the application's users are members of, and only what they need");
  if (mild) f.AtSeverity(Severity::kNote);
}

void Check(const ScriptContext& script) {
  const sql::Statement* all = nullptr;  // the first GRANT ALL to a named role
  int more = 0;
  for (const StatementFacts& facts : script.facts) {
    const sql::Statement& s = *facts.statement;
    if (s.kind == sql::StatementKind::kGrant) {
      const auto& g = s.As<sql::Grant>();
      if (!g.grant) continue;
      if (g.to_public) {
        if (IsDefault(g)) continue;
        const Words w = Read(script, s);
        if (!w.public_span.empty()) ReportPublic(script, w, IsMild(g, w), false);
      } else if (g.all_privileges && (g.type == sql::ObjectType::kTable || g.type == sql::ObjectType::kSchema || g.type == sql::ObjectType::kDatabase)) {
        if (s.inside == sql::Inside::kExecute && Read(script, s).dynamic) continue;  // to whom, only the server knows
        if (all == nullptr) all = &s;
        else ++more;
      }
    } else if (s.kind == sql::StatementKind::kOther && absl::StartsWithIgnoreCase(script.Text(s.span), "alter default privileges")) {
      const Words w = Read(script, s);
      if (w.grants && !w.public_span.empty() && !absl::StartsWithIgnoreCase(w.objects, "types")) ReportPublic(script, w, absl::StartsWithIgnoreCase(w.objects, "functions") || absl::StartsWithIgnoreCase(w.objects, "routines"), true);
    }
  }
  if (all == nullptr) return;
  const Words w = Read(script, *all);
  const auto& g = all->As<sql::Grant>();
  script
      .Report(kGrantToPublic, all->span, absl::StrCat("GRANT ALL on ", w.objects, " gives more than an application needs", more > 0 ? absl::StrCat(" (", more, " more in this script)") : ""))
      .AtSeverity(Severity::kNote)
      .Why(g.type == sql::ObjectType::kTable ? "ALL on a table includes TRUNCATE, which row-level security does not stop, TRIGGER and REFERENCES, and grows with later server versions (MAINTAIN in 17)"
                                            : "ALL includes CREATE, which lets the role put its own objects in the way of others")
      .Help(g.type == sql::ObjectType::kTable ? "name the privileges: GRANT SELECT, INSERT, UPDATE, DELETE" : g.type == sql::ObjectType::kSchema ? "grant USAGE; CREATE only to the role that migrates" : "grant CONNECT");
}

}  // namespace

constinit const Rule kGrantToPublic = {
    .info = {
        .name = "grant-to-public",
        .group = RuleGroup::kSecurity,
        .severity = Severity::kWarning,
        .summary = "privileges for every role, or all privileges for one",
        .page = {
            .what = "`GRANT ... TO PUBLIC` gives a privilege to every role of the server, also to roles that are made later. `GRANT ALL` gives privileges that applications do not need, such as TRUNCATE.",
            .why = "A role that was made for one purpose reads or changes the data of another. Nobody notices when such a grant is too wide, since nothing fails.",
            .instead = "Make a role for each purpose, grant it the privileges it needs by name, and make logins members of it.",
            .fix_safety = "",
            .versions = "",
            .limits = "Grants that PUBLIC has anyway (USAGE on types) are left alone; EXECUTE on functions and USAGE on a schema are a note. GRANT ALL on tables, schemas and databases to a named role is a note, "
                      "once in a script; one to a role whose name is put together at run time is not judged.",
            .references = "PostgreSQL documentation, Privileges\n"
                          "PostgreSQL documentation, GRANT",
            .elsewhere = "squawk ban-revoke; MigrationPilot MP085, MP091",
            .bad = "GRANT SELECT ON salaries TO PUBLIC;\n",
            .good = "GRANT SELECT ON salaries TO payroll_read;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
