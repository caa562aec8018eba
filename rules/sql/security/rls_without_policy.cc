// rls-without-policy: ROW LEVEL SECURITY that lets nothing, or everything, through.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kRlsWithoutPolicy;

namespace {

// How much of the earlier history is searched for a policy; beyond that nothing is said.
constexpr size_t kMostHistory = size_t{1} << 20;

bool Same(const sql::Name& a, const sql::Name& b) { return a.name == b.name && (a.schema.empty() || b.schema.empty() || a.schema == b.schema); }

// The text speaks of a policy on a table of this name. Dynamic SQL counts: a word is enough.
bool MentionsPolicy(std::string_view text, std::string_view table) {
  for (size_t at = text.find("olicy"); at != std::string_view::npos; at = text.find("olicy", at + 5)) {
    if (absl::StrContainsIgnoreCase(text.substr(at, 400), table)) return true;
  }
  for (size_t at = text.find("OLICY"); at != std::string_view::npos; at = text.find("OLICY", at + 5)) {
    if (absl::StrContainsIgnoreCase(text.substr(at, 400), table)) return true;
  }
  return false;
}

// An earlier migration has made a policy for the table, or there is too much to search.
bool InHistory(const ScriptContext& script, std::string_view table) {
  size_t left = kMostHistory;
  for (int i = script.migration_index - 1; i >= 0; --i) {
    const Migration& m = script.set->migrations[i];
    if (!m.up) continue;
    const std::string_view text = m.up->file->Slice(m.up->section);
    if (text.size() > left) return true;
    left -= text.size();
    if (MentionsPolicy(text, table)) return true;
  }
  return false;
}

// CREATE POLICY without roles (or TO public), PERMISSIVE: for everybody. `command`: the lower-case word after FOR, "all" if left out.
bool ForEverybody(const ScriptContext& script, const sql::Statement& s, std::string* command) {
  sql::Scanner scanner(script.file->text(), s.span);
  *command = "all";
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (scanner.Is(t, "restrictive")) return false;
    if (scanner.Is(t, "using")) break;
    if (scanner.Is(t, "for")) {
      t = scanner.NextCode();
      for (std::string_view word : {"select", "insert", "update", "delete"}) {
        if (scanner.Is(t, word)) *command = word;
      }
    } else if (scanner.Is(t, "to")) {
      t = scanner.NextCode();
      if (!scanner.Is(t, "public")) return false;
    }
  }
  return true;
}

void CheckPolicy(const ScriptContext& script, const sql::Statement& s) {
  const auto& policy = s.As<sql::CreatePolicy>();
  const sql::Expr* e = policy.using_expression;
  if (e == nullptr || e->kind != sql::ExprKind::kConstant || e->constant != sql::ConstantKind::kBoolean || !absl::StartsWithIgnoreCase(e->text, "t")) return;
  std::string command;
  if (!ForEverybody(script, s, &command)) return;
  const bool reads = command == "select";
  FindingBuilder f = script.Report(kRlsWithoutPolicy, e->span.empty() ? s.span : e->span,
                                   absl::StrCat("policy `", policy.name, "` lets every role ", reads ? "read" : command == "all" ? "read and change" : command == "delete" ? "delete" : "change", " all rows of ", Quoted(policy.table)));
  f.Why("USING (true) is true for each row, and policies are joined with OR: whatever the table's other policies say, all rows pass");
  f.Help("name the roles (TO app_admin), or a condition such as owner_id = current_setting('app.user_id')::bigint");
  if (reads) f.AtSeverity(Severity::kNote);  // often meant: rows that everybody may read
}

void Check(const ScriptContext& script) {
  std::vector<std::pair<const sql::Name*, Span>> open;  // ENABLE ROW LEVEL SECURITY, no policy in this script
  for (const StatementFacts& facts : script.facts) {
    const sql::Statement& s = *facts.statement;
    if (s.kind == sql::StatementKind::kCreatePolicy) CheckPolicy(script, s);
    if (s.kind != sql::StatementKind::kAlterTable) continue;
    const auto& alter = s.As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kEnableRowSecurity && open.size() < 200) open.emplace_back(&alter.name, c.span.empty() ? s.span : c.span);
    }
  }
  if (open.empty()) return;
  // What the script itself says about policies, in whatever form, and what it drops or turns off again.
  std::erase_if(open, [&](const auto& table) {
    for (const StatementFacts& facts : script.facts) {
      const sql::Statement& s = *facts.statement;
      switch (s.kind) {
        case sql::StatementKind::kCreatePolicy:
          if (Same(s.As<sql::CreatePolicy>().table, *table.first)) return true;
          break;
        case sql::StatementKind::kDrop: {
          const auto& d = s.As<sql::Drop>();
          if (d.type == sql::ObjectType::kTable && std::any_of(d.names.begin(), d.names.end(), [&](const sql::Name& n) { return Same(n, *table.first); })) return true;
          break;
        }
        case sql::StatementKind::kAlterTable:
          if (!Same(s.As<sql::AlterTable>().name, *table.first)) break;
          for (const sql::AlterCommand& c : s.As<sql::AlterTable>().commands) {
            if (c.kind == sql::AlterKind::kDisableRowSecurity) return true;
          }
          break;
        case sql::StatementKind::kDo:
        case sql::StatementKind::kNotUnderstood:
          if (MentionsPolicy(script.Text(s.span), "")) return true;  // made in a loop over tables, by names put together
          break;
        default: break;
      }
    }
    return false;
  });
  std::erase_if(open, [&](const auto& table) { return InHistory(script, table.first->name); });
  if (open.empty()) return;
  const sql::Name& first = *open[0].first;
  const std::string more = open.size() > 1 ? absl::StrCat(" and ", open.size() - 1, " more table", open.size() > 2 ? "s" : "") : "";
  FindingBuilder f = script.Report(kRlsWithoutPolicy, open[0].second, absl::StrCat("row-level security on ", Quoted(first), more, open.size() > 1 ? " have" : " has", " no policy: every role but the owner sees no rows"));
  f.Why("without a policy the default is to deny: SELECT returns nothing, UPDATE and DELETE find nothing and INSERT fails, without an error for the readers; the owner and roles with BYPASSRLS see everything");
  f.Help(absl::StrCat("add CREATE POLICY ... ON ", sql::ToString(first), " in the same transaction; if nobody but the owner is to see the rows, take the privileges away instead, or accept this finding with a comment that says so"));
  for (size_t i = 1; i < open.size() && i < 8; ++i) f.Note(absl::StrCat("likewise ", Quoted(*open[i].first)), script.file, open[i].second);
}

}  // namespace

constinit const Rule kRlsWithoutPolicy = {
    .info = {
        .name = "rls-without-policy",
        .group = RuleGroup::kSecurity,
        .severity = Severity::kWarning,
        .summary = "row-level security without a policy, or with one that is always true",
        .page = {
            .what = "`ENABLE ROW LEVEL SECURITY` without any policy hides all rows from every role but the owner. A policy `USING (true)` for all roles shows all rows to everybody.",
            .why = "The first is an outage that looks like an empty table: queries succeed and return nothing. The second looks like protection and is none, since one permissive policy that is true "
                   "overrules all others.",
            .instead = "Enable it and create the policies in one transaction. Write policies for named roles (`TO app`) with a condition on the row.",
            .fix_safety = "",
            .versions = "",
            .limits = "Looks for policies in the same script and in the nearest megabyte of earlier migrations; a policy that a later migration makes does not help between the two. A policy `USING (true)` "
                      "for reading only is a note, one for named roles is left alone.",
            .references = "PostgreSQL documentation, Row Security Policies\n"
                          "PostgreSQL documentation, CREATE POLICY",
            .elsewhere = "MigrationPilot MP057, MP079",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE documents ENABLE ROW LEVEL SECURITY;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "BEGIN;\n"
                    "ALTER TABLE documents ENABLE ROW LEVEL SECURITY;\n"
                    "CREATE POLICY own_documents ON documents TO app USING (owner_id = current_setting('app.user_id')::bigint);\n"
                    "COMMIT;\n",
        },
    },
    .check_script = Check,
    .in_down = false,
};

}  // namespace pawl
