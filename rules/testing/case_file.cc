#include "rules/testing/case_file.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/strings/str_split.h"
#include "rules/engine/engine.h"
#include "rules/registry.h"

namespace pawl {

bool SetServerVersion(std::string_view text, Engine engine, LintSettings* settings) {
  if (engine == Engine::kNeo4j) return AddNeo4jVersion(text, settings);
  int version;
  if (!absl::SimpleAtoi(text, &version)) return false;
  settings->versions = {version, version};
  settings->versions_configured = true;
  return true;
}

namespace {

Conventions* Agreed(RuleCase* c) {
  if (c->conventions == nullptr) c->conventions = std::make_shared<Conventions>();
  c->settings.conventions = c->conventions.get();
  return c->conventions.get();
}

}  // namespace

absl::StatusOr<std::vector<RuleCase>> ParseCases(std::string_view text, Engine engine) {
  std::vector<RuleCase> cases;
  enum class Part { kHeader, kText, kDown, kBecomes } part = Part::kHeader;
  int line_number = 0;
  auto append = [&](std::string_view line) {
    RuleCase& c = cases.back();
    std::string& target = part == Part::kBecomes ? c.becomes : part == Part::kDown ? c.down_text : c.ups.back();
    absl::StrAppend(&target, line, "\n");
  };
  for (std::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    if (absl::ConsumePrefix(&line, "=== ")) {
      RuleCase& c = cases.emplace_back();
      c.line = line_number;
      c.engine = engine;
      if (engine == Engine::kNeo4j) c.layout = Layout::kNeo4jMigrations;
      c.ups.emplace_back();
      part = Part::kHeader;
      if (absl::ConsumePrefix(&line, "flag ")) {
        const size_t space = line.find(' ');
        int n;
        if (space != std::string_view::npos && absl::SimpleAtoi(line.substr(0, space), &n)) {
          c.count = n;
          line.remove_prefix(space + 1);
        }
      } else if (absl::ConsumePrefix(&line, "clean ")) {
        c.kind = RuleCase::Kind::kClean;
      } else if (absl::ConsumePrefix(&line, "fix! ")) {
        c.kind = RuleCase::Kind::kFix;
        c.unsafe = true;
      } else if (absl::ConsumePrefix(&line, "fix ")) {
        c.kind = RuleCase::Kind::kFix;
      } else {
        return absl::InvalidArgumentError(absl::StrCat("line ", line_number, ": a case starts with flag, clean, fix or fix!"));
      }
      c.title = std::string(line);
      continue;
    }
    if (cases.empty()) {
      if (line.empty() || absl::StartsWith(line, "#")) continue;
      return absl::InvalidArgumentError(absl::StrCat("line ", line_number, ": text before the first case"));
    }
    RuleCase& c = cases.back();
    if (part == Part::kHeader && absl::ConsumePrefix(&line, "@ ")) {
      const std::pair<std::string_view, std::string_view> kv = absl::StrSplit(line, absl::MaxSplits(": ", 1));
      if (kv.first == "transaction") {
        c.transaction = kv.second == "file" ? TransactionMode::kFile : kv.second == "simple-query" ? TransactionMode::kSimpleQuery : TransactionMode::kStatement;
      } else if (kv.first == "layout" && ParseLayout(kv.second)) {
        c.layout = *ParseLayout(kv.second);
      } else if (kv.first == "server-version" && SetServerVersion(kv.second, engine, &c.settings)) {
      } else if (kv.first == "edition") {
        c.settings.edition = kv.second == "community" ? Edition::kCommunity : Edition::kEnterprise;
      } else if (kv.first == "forbidden-types") {
        for (std::string_view type : absl::StrSplit(kv.second, ", ")) Agreed(&c)->Forbid(type);
      } else if (kv.first == "naming") {
        const std::pair<std::string_view, std::string_view> pattern = absl::StrSplit(kv.second, absl::MaxSplits(" = ", 1));
        const std::string problem = Agreed(&c)->AddName(pattern.first, pattern.second);
        if (!problem.empty()) return absl::InvalidArgumentError(absl::StrCat("line ", line_number, ": ", problem));
      } else if (kv.first == "aura") {
        c.settings.aura = true;
      } else if (kv.first == "complete") {
        c.complete = true;
      } else if (kv.first == "first-version" && absl::SimpleAtoi(kv.second, &c.first_version)) {
      } else if (kv.first == "repeatable") {
        c.repeatable = true;
      } else if (kv.first == "direction") {
        c.down = kv.second == "down";
      } else if (kv.first == "at") {
        c.at = std::string(kv.second);
      } else if (kv.first == "severity") {
        c.severity = std::string(kv.second);
      } else if (kv.first == "message") {
        c.message = std::string(kv.second);
      } else {
        return absl::InvalidArgumentError(absl::StrCat("line ", line_number, ": unknown or wrong `@ ", kv.first, "`"));
      }
      continue;
    }
    if (part == Part::kHeader) part = Part::kText;
    if (line == "--- migration") {
      c.ups.emplace_back();
    } else if (line == "--- down") {
      part = Part::kDown;
    } else if (line == "--- becomes") {
      part = Part::kBecomes;
    } else {
      append(line);
    }
  }
  // The blank line before the next header belongs to the layout of the file, not to the text.
  for (RuleCase& c : cases) {
    for (std::string* s : {&c.ups.back(), &c.down_text, &c.becomes}) {
      while (absl::EndsWith(*s, "\n\n")) s->pop_back();
      if (*s == "\n") s->clear();
    }
  }
  return cases;
}

MigrationSet MakeSet(const RuleCase& c) {
  MigrationSet set;
  const bool cypher = c.engine == Engine::kNeo4j;
  set.engine = c.engine;
  set.layout = c.layout;
  set.name = "case";
  set.complete = c.complete;
  auto script = [&](std::string path, const std::string& text) {
    set.files.push_back(std::make_unique<SourceFile>(std::move(path), text));
    ScriptRef ref;
    ref.file = set.files.back().get();
    ref.section = {0, static_cast<uint32_t>(text.size())};
    const bool own = cypher && !absl::StrContains(absl::AsciiStrToLower(text), "in transactions") && !absl::StrContains(absl::AsciiStrToLower(text), "concurrent transactions");
    ref.transaction = c.transaction.value_or(own ? TransactionMode::kFile : TransactionMode::kStatement);
    return ref;
  };
  for (size_t i = 0; i < c.ups.size(); ++i) {
    Migration m;
    m.version = absl::StrCat("000", static_cast<size_t>(c.first_version) + i);
    const std::string_view ending = cypher ? "cypher" : "sql";
    m.repeatable = c.repeatable && i + 1 == c.ups.size();
    m.up = script(absl::StrCat(m.version, "_case.up.", ending), c.ups[i]);
    if (c.down && i + 1 == c.ups.size()) m.down = script(absl::StrCat(m.version, "_case.down.", ending), c.down_text);
    set.migrations.push_back(std::move(m));
  }
  return set;
}

MigrationSet MakeSet(std::string text, Engine engine) {
  RuleCase c;
  c.engine = engine;
  if (engine == Engine::kNeo4j) c.layout = Layout::kNeo4jMigrations;
  c.ups.push_back(std::move(text));
  return MakeSet(c);
}

std::vector<Finding> RunRules(const MigrationSet& set, const Rule* rule, int server_version) {
  LintSettings settings;
  if (server_version != 0) SetServerVersion(absl::StrCat(server_version), set.engine, &settings);
  return RunRules(set, rule, settings);
}

std::vector<Finding> RunRules(const MigrationSet& set, const Rule* rule, const LintSettings& settings) {
  std::vector<Severity> severities;
  for (const Rule* r : AllRules()) {
    const Severity chosen = r->info.severity == Severity::kOff ? Severity::kWarning : r->info.severity;
    severities.push_back(rule == nullptr ? r->info.severity : rule == r ? chosen : Severity::kOff);
  }
  EngineOptions options;
  options.rules = AllRules();
  options.severities = severities;
  options.settings = settings;
  RuleEngine engine(options);
  std::vector<Finding> all, last;
  EngineSummary summary;
  engine.Run(set, nullptr, nullptr, all, summary);
  const Migration& m = set.migrations.back();
  const SourceFile* under_test = m.down ? m.down->file : m.up->file;
  for (Finding& f : all) {
    if (f.file == under_test) last.push_back(std::move(f));
  }
  return last;
}

std::string ApplyFixes(const MigrationSet& set, const std::vector<Finding>& findings, FixScope scope) {
  const Migration& m = set.migrations.back();
  const SourceFile& file = m.down ? *m.down->file : *m.up->file;
  return ApplyEdits(file.text(), CollectFixes(file, findings, scope).edits);
}

}  // namespace pawl
