#include "migrations/run/units.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

using sql::Statement;
using sql::StatementKind;

// psql commands that change what psql prints, and nothing in the database.
bool OnlyPrints(std::string_view command) {
  static constexpr std::string_view kCommands[] = {"\\echo", "\\qecho", "\\warn", "\\timing", "\\pset", "\\x", "\\a", "\\t", "\\set", "\\unset", "\\prompt", "\\o", "\\p", "\\q"};
  return std::find(std::begin(kCommands), std::end(kCommands), command.substr(0, command.find_first_of(" \t"))) != std::end(kCommands);
}

bool CommitsInside(List<const Statement*> body) {
  return std::any_of(body.begin(), body.end(), [](const Statement* s) {
    return s->kind == StatementKind::kTransaction && (s->As<sql::Transaction>().kind == sql::TransactionKind::kCommit || s->As<sql::Transaction>().kind == sql::TransactionKind::kRollback);
  });
}

Probe ProbeOf(const Statement& s) {
  Probe p;
  p.kind = ProbeKind::kUnknown;
  switch (s.kind) {
    case StatementKind::kCreateIndex: {
      const auto& i = s.As<sql::CreateIndex>();
      if (i.name.empty()) break;  // the server makes up a name: which of the table's indexes it is, nobody can tell
      p.kind = ProbeKind::kIndexValid;
      p.schema = p.table_schema = std::string(i.table.schema);  // an index lives in its table's schema
      p.name = std::string(i.name);
      p.table = std::string(i.table.name);
      break;
    }
    case StatementKind::kDrop: {
      const auto& d = s.As<sql::Drop>();
      if (d.names.size() != 1) break;
      p.kind = d.type == sql::ObjectType::kDatabase ? ProbeKind::kDatabaseAbsent : ProbeKind::kIndexAbsent;
      p.schema = std::string(d.names[0].schema);
      p.name = std::string(d.names[0].name);
      break;
    }
    case StatementKind::kAlterTable: {
      const auto& a = s.As<sql::AlterTable>();
      if (a.commands.size() != 1) break;
      p.kind = ProbeKind::kDetached;
      p.schema = std::string(a.commands[0].other.schema);
      p.name = std::string(a.commands[0].other.name);
      p.table_schema = std::string(a.name.schema);
      p.table = std::string(a.name.name);
      break;
    }
    case StatementKind::kCreateDatabase:
      p.kind = ProbeKind::kDatabaseExists;
      p.name = std::string(s.As<sql::CreateDatabase>().name);
      break;
    case StatementKind::kReindex: {
      const auto& r = s.As<sql::Reindex>();
      p.kind = r.concurrently && (r.target == "INDEX" || r.target == "TABLE") ? ProbeKind::kReindexed : ProbeKind::kRepeat;
      p.schema = std::string(r.name.schema);
      p.name = std::string(r.name.name);
      break;
    }
    case StatementKind::kVacuum:
    case StatementKind::kCluster:
      p.kind = ProbeKind::kRepeat;
      break;
    case StatementKind::kCall:
    case StatementKind::kDo:
      p.kind = ProbeKind::kBatches;
      break;
    default:
      if (s.tag == "AlterSystemStmt" || s.tag == "DiscardStmt") p.kind = ProbeKind::kRepeat;
  }
  return p;
}

class Cutter {
 public:
  Cutter(const SourceFile& file, std::string_view text, const sql::Script& script, bool each_alone, std::vector<PlanProblem>* problems)
      : file_(file), text_(text), script_(script), each_alone_(each_alone), problems_(problems) {}

  std::vector<PlanUnit> Run() {
    for (const Statement* s : script_.statements) Add(*s);
    if (opened_ != nullptr) Problem(*opened_, "opens a transaction that nothing ends; add COMMIT, or leave BEGIN away: pawl runs a migration in one transaction by itself");
    Close();
    return std::move(units_);
  }

 private:
  void Problem(const Statement& s, std::string message) {
    const uint32_t at = s.kind == StatementKind::kSyntaxError ? s.error_at : s.span.begin;
    problems_->push_back({&file_, Line(at), std::move(message)});
  }

  // Statements come in order, so lines are counted once.
  uint32_t Line(uint32_t offset) {
    if (offset < counted_) {
      counted_ = 0;
      line_ = 1;
    }
    line_ += static_cast<uint32_t>(std::count(text_.begin() + counted_, text_.begin() + offset, '\n'));
    counted_ = offset;
    return line_;
  }

  PlanStatement Make(const Statement& s) {
    PlanStatement p;
    p.sql = text_.substr(s.span.begin, s.span.end - s.span.begin);
    p.offset = s.span.begin;
    p.line = Line(s.span.begin);
    if (s.kind == StatementKind::kVariableSet) {
      const auto& v = s.As<sql::VariableSet>();
      p.session = !v.local && !absl::StartsWith(v.name, "TRANSACTION");
      if (v.name == "client_encoding" || v.name == "NAMES") other_encoding_ = true;
      if (v.name == "role" || v.name == "session_authorization") other_role_ = true;
    } else if (s.kind == StatementKind::kQuery && s.As<sql::Query>().kind == sql::QueryKind::kSelect && absl::StrContains(p.sql, "set_config")) {
      p.session = true;
    }
    if (s.kind == StatementKind::kCopy && s.As<sql::Copy>().stdin_data) {
      p.copy = true;
      // From the line after the `;` to the line of "\.", which psql reads and the server never sees.
      std::string_view rest = text_.substr(s.span.end, s.full_end - s.span.end);
      const size_t newline = rest.find('\n');
      rest = newline == std::string_view::npos ? std::string_view() : rest.substr(newline + 1);
      for (size_t at = 0; at < rest.size();) {
        size_t end = rest.find('\n', at);
        if (end == std::string_view::npos) end = rest.size();
        if (absl::StripTrailingAsciiWhitespace(rest.substr(at, end - at)) == "\\.") {
          rest = rest.substr(0, at);
          break;
        }
        at = end + 1;
      }
      p.copy_data = rest;
    }
    return p;
  }

  void Close() {
    current_.other_role = other_role_;
    current_.other_encoding = other_encoding_;
    if (current_.statements.size() > 1000) current_.statements.shrink_to_fit();
    if (!current_.statements.empty()) units_.push_back(std::move(current_));
    current_ = PlanUnit();
  }

  void Add(const Statement& s) {
    switch (s.kind) {
      case StatementKind::kSyntaxError: return Problem(s, absl::StrCat("does not parse: ", s.tag));
      case StatementKind::kClientCommand:
        if (!OnlyPrints(s.tag)) Problem(s, absl::StrCat("`", s.tag, "` is a command of psql, which no server understands; put what it does into SQL"));
        return;
      case StatementKind::kTransaction: return Transact(s);
      default: break;
    }
    if (s.kind == StatementKind::kCopy && !s.As<sql::Copy>().from && absl::StrContains(absl::AsciiStrToLower(text_.substr(s.span.begin, s.span.end - s.span.begin)), "stdout")) {
      return Problem(s, "COPY ... TO STDOUT gives rows to nobody here; leave it out of the migration");
    }
    // A procedure may commit, which it cannot inside a transaction: in a script without transactions it gets none.
    if (MustStandAlone(s) || (each_alone_ && opened_ == nullptr && s.kind == StatementKind::kCall)) {
      if (opened_ != nullptr) {
        return Problem(s, absl::StrCat("cannot run inside the transaction that line ", Line(opened_->span.begin), " opens; end that transaction before it"));
      }
      Close();
      PlanUnit alone;
      alone.transaction = false;
      alone.probe = ProbeOf(s);
      alone.other_role = other_role_;
      alone.other_encoding = other_encoding_;
      alone.statements.push_back(Make(s));
      alone.statements.back().concurrently = s.kind == StatementKind::kCreateIndex || s.kind == StatementKind::kReindex || s.kind == StatementKind::kDrop || s.kind == StatementKind::kAlterTable;
      units_.push_back(std::move(alone));
      return;
    }
    current_.statements.push_back(Make(s));
    if (each_alone_ && opened_ == nullptr) Close();
  }

  void Transact(const Statement& s) {
    const auto& t = s.As<sql::Transaction>();
    switch (t.kind) {
      case sql::TransactionKind::kBegin:
        if (opened_ != nullptr) return;  // a warning on the server, and nothing more
        Close();
        opened_ = &s;
        current_.begin = std::string(text_.substr(s.span.begin, s.span.end - s.span.begin));
        return;
      case sql::TransactionKind::kCommit: {
        // COMMIT without BEGIN ends the transaction that pawl opened: what stood before it is a unit of its own.
        const std::string begin = current_.begin;
        Close();
        if (!t.chain) opened_ = nullptr;
        else current_.begin = begin;
        return;
      }
      case sql::TransactionKind::kRollback:
        return Problem(s, "rolls back what the migration did; a migration that is meant to do nothing should be empty");
      case sql::TransactionKind::kPrepare:
        return Problem(s, "PREPARE TRANSACTION would leave the migration open after pawl has ended; use COMMIT");
      default:
        if (t.kind == sql::TransactionKind::kOther) return Problem(s, "ends another session's prepared transaction");
        current_.statements.push_back(Make(s));  // SAVEPOINT and what belongs to it
    }
  }

  const SourceFile& file_;
  std::string_view text_;
  const sql::Script& script_;
  bool each_alone_;
  std::vector<PlanProblem>* problems_;
  std::vector<PlanUnit> units_;
  PlanUnit current_;
  const Statement* opened_ = nullptr;  // the file's BEGIN
  bool other_role_ = false, other_encoding_ = false;
  uint32_t counted_ = 0, line_ = 1;
};

}  // namespace

bool MustStandAlone(const Statement& s) {
  switch (s.kind) {
    case StatementKind::kCreateIndex: return s.As<sql::CreateIndex>().concurrently;
    case StatementKind::kDrop: return s.As<sql::Drop>().concurrently || s.As<sql::Drop>().type == sql::ObjectType::kDatabase || s.As<sql::Drop>().type == sql::ObjectType::kTablespace;
    case StatementKind::kReindex: {
      const auto& r = s.As<sql::Reindex>();
      return r.concurrently || r.target == "SCHEMA" || r.target == "DATABASE" || r.target == "SYSTEM";
    }
    case StatementKind::kVacuum: return s.As<sql::Vacuum>().vacuum;
    case StatementKind::kCluster: return s.As<sql::Cluster>().table.empty();
    case StatementKind::kCreateDatabase: return true;
    case StatementKind::kDo: return CommitsInside(s.As<sql::DoBlock>().statements);
    case StatementKind::kAlterTable:
      for (const sql::AlterCommand& c : s.As<sql::AlterTable>().commands) {
        if (c.kind == sql::AlterKind::kDetachPartition && c.concurrently) return true;
      }
      return false;
    case StatementKind::kOther:
      return s.tag == "AlterSystemStmt" || s.tag == "DiscardStmt" || s.tag == "CreateTableSpaceStmt" || s.tag == "DropTableSpaceStmt" ||
             s.tag == "CreateSubscriptionStmt" || s.tag == "DropSubscriptionStmt";
    default: return false;
  }
}

bool SaysNoTransaction(const ScriptRef& script, Layout layout) {
  if (script.transaction != TransactionMode::kStatement) return false;
  switch (layout) {
    case Layout::kPlain:         // nobody says anything there: pawl's own habit counts
    case Layout::kNumbered:
    case Layout::kTimestampSlug:
    case Layout::kGolangMigrate:  // a lone statement: one transaction is the same
    case Layout::kPrisma: return false;
    default: return true;
  }
}

std::vector<PlanUnit> CutIntoUnits(const SourceFile& file, std::string_view text, const sql::Script& script, bool each_alone, std::vector<PlanProblem>* problems) {
  return Cutter(file, text, script, each_alone, problems).Run();
}

}  // namespace pawl
