// pawl: see `pawl --help`. One file a command; this one only chooses.
#include <cstdio>
#include <csignal>
#include <exception>

#include "tools/cli.h"
#include "tools/lint_command.h"
#include "tools/rules_command.h"

namespace {

int Run(int argc, char** argv) {
  const absl::StatusOr<pawl::CommandLine> command = pawl::ParseCommandLine(argc, argv);
  if (!command.ok()) {
    std::fprintf(stderr, "pawl: %s\n", std::string(command.status().message()).c_str());
    return 2;
  }
  switch (command->verb) {
    case pawl::Verb::kLint:
    case pawl::Verb::kFix: return pawl::LintCommand(*command);
    case pawl::Verb::kRules: return pawl::RulesCommand(*command);
    case pawl::Verb::kExplain: return pawl::ExplainCommand(*command);
    case pawl::Verb::kVersion:
    case pawl::Verb::kHelp: std::fputs(command->text.c_str(), stdout); return 0;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), not a death: `pawl lint | head`
  try {
    return Run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pawl: internal error: %s\nThis is a bug in pawl %s; please report it with the command line and the file.\n", e.what(), pawl::kVersion);
    return 2;
  }
}
