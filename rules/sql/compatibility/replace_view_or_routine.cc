// replace-view-or-routine: CREATE OR REPLACE over something that is there.
#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kReplaceViewOrRoutine;

namespace {

void Check(const StatementContext& context) {
  const bool view = context.statement.kind == sql::StatementKind::kCreateView;
  bool replace = false;
  sql::Name name;
  std::string_view what = "view";
  if (view) {
    const auto& v = context.statement.As<sql::CreateView>();
    if (v.temporary) return;
    replace = v.replace;
    name = v.name;
  } else {
    const auto& f = context.statement.As<sql::CreateFunction>();
    replace = f.replace;
    name = f.name;
    what = f.procedure ? "procedure" : "function";
  }
  if (!replace) return;
  const NameKind kind = view ? NameKind::kRelation : NameKind::kRoutine;
  if (!OthersKnow(context, kind, name) || FreedBefore(context, kind, name)) return;
  const bool known = view ? context.catalog.FindTable(name) != nullptr : context.catalog.FindFunction(name) != nullptr;
  // Never made before in a history that is whole: this makes it.
  if (!known && context.script.set->complete) return;
  context
      .Report(kReplaceViewOrRoutine, NameSpan(context, name), absl::StrCat("this replaces ", what, " ", Quoted(name), known ? "" : ", if there is one,", " under code that is still running"))
      .Why("old code gets the new definition from the moment of commit, other columns and results included; the definition before it is kept nowhere but in the migrations")
      .Help("make the new one under another name, switch the code, and drop the old one later; where the change is compatible, accept this finding with a comment");
}

}  // namespace

constinit const Rule kReplaceViewOrRoutine = {
    .info = {
        .name = "replace-view-or-routine",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kOff,
        .summary = "CREATE OR REPLACE changes a view or routine under running code",
        .page = {
            .what = "`CREATE OR REPLACE` changes an existing view, function or procedure in place.",
            .why = "Old code meets the new definition at the moment of commit. For a view, columns may only be added at the end and their types must stay, else the statement fails.",
            .instead = "Keep the old definition valid for old code: add columns at the end, arguments with defaults, or make a second object under a new name and drop the old one later.",
            .fix_safety = "",
            .versions = "",
            .limits = "Whether the change is compatible is not judged, so the rule is off unless chosen. In a complete history the first CREATE OR REPLACE of a name is silent. Overloads of one name are not told apart.",
            .references = "PostgreSQL documentation, CREATE VIEW, CREATE FUNCTION",
            .elsewhere = "squawk ban-replace-view-function",
            .bad = "CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE active;\n",
            .good = "BEGIN;\n"
                    "CREATE VIEW active_users_v2 AS SELECT id, full_name FROM users WHERE active;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateView, sql::StatementKind::kCreateFunction},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
