// pawl: see `pawl --help`. One file a command; this one only chooses.
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "tools/cli.h"
#include "tools/lint_command.h"
#include "tools/locks_command.h"
#include "tools/rules_command.h"
#include "tools/runner.h"
#include "tools/schema_command.h"

namespace {

// Whoever lists the machine's processes reads our arguments: once they are copied, the password of a --url goes.
void HidePasswords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    char* begin = std::strstr(argv[i], "://");
    char* end = begin == nullptr ? nullptr : std::strrchr(begin, '@');
    if (end != nullptr) begin = std::strchr(begin + 3, ':');
    if (end != nullptr && begin != nullptr && begin < end) std::memset(begin + 1, '*', static_cast<size_t>(end - begin - 1));
    for (char* p = argv[i]; (p = std::strstr(p, "password=")) != nullptr;) {
      for (p += 9; *p != '\0' && *p != ' ' && *p != '&'; ++p) *p = '*';
    }
  }
}

// How malloc gets its memory. A run makes and drops many short-lived trees: giving their pages back to the system and faulting
// them in again costs more than keeping them. And what it keeps (texts, findings) is touched page by page, so huge pages are
// asked for: 500 page faults instead of 7,500 for 6,000 files, and a tenth less CPU. Where the system has none, nothing changes.
void SetUpHeap() {
  constexpr size_t kReserve = 64 << 20;  // address space, not memory
  constexpr uintptr_t kHugePage = 2 << 20;
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, kReserve);
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(sbrk(0)) + kHugePage - 1) & ~(kHugePage - 1);
  void* volatile grown = malloc(1 << 20);  // more than there is so far: the heap grows by this and the padding
  free(grown);
  const uintptr_t end = reinterpret_cast<uintptr_t>(sbrk(0)) & ~(kHugePage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

bool ReaderIsGone() {
  pollfd p{STDOUT_FILENO, POLLOUT, 0};
  return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

int Run(int argc, char** argv) {
  const absl::StatusOr<pawl::CommandLine> command = pawl::ParseCommandLine(argc, argv);
  HidePasswords(argc, argv);
  if (!command.ok()) {
    std::fprintf(stderr, "pawl: %s\n", std::string(command.status().message()).c_str());
    return 2;
  }
  switch (command->verb) {
    case pawl::Verb::kLint:
    case pawl::Verb::kFix: return pawl::LintCommand(*command);
    case pawl::Verb::kLocks: return pawl::LocksCommand(*command);
    case pawl::Verb::kRules: return pawl::RulesCommand(*command);
    case pawl::Verb::kExplain: return pawl::ExplainCommand(*command);
    case pawl::Verb::kStatus: return pawl::StatusCommand(command->runner);
    case pawl::Verb::kValidate: return pawl::ValidateCommand(command->runner);
    case pawl::Verb::kPlan: return pawl::PlanCommand(command->runner);
    case pawl::Verb::kApprove: return pawl::ApproveCommand(command->runner);
    case pawl::Verb::kApply: return pawl::ApplyCommand(command->runner);
    case pawl::Verb::kRollback: return pawl::RollbackCommand(command->runner);
    case pawl::Verb::kRepair: return pawl::RepairCommand(command->runner);
    case pawl::Verb::kBaseline: return pawl::BaselineCommand(command->runner);
    case pawl::Verb::kHistory: return pawl::HistoryCommand(command->runner);
    case pawl::Verb::kNew: return pawl::NewCommand(command->runner);
    case pawl::Verb::kAnnounce: return pawl::AnnounceCommand(command->runner);
    case pawl::Verb::kSchema: return pawl::SchemaCommand(command->runner);
    case pawl::Verb::kVersion:
    case pawl::Verb::kHelp: std::fputs(command->text.c_str(), stdout); return 0;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  SetUpHeap();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), not a death: `pawl lint | head`
  try {
    const bool reads = fcntl(STDOUT_FILENO, F_GETFD) != -1;  // somebody may have closed it, and wants no output
    int code = Run(argc, argv);
    // A reader that has gone away (`| head`) is its own affair; a full disk is not.
    errno = 0;
    if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && reads && !ReaderIsGone()) {
      std::fprintf(stderr, "pawl: cannot write all of the output: %s\n", errno != 0 ? std::strerror(errno) : "an earlier write failed");
      if (code == 0) code = 2;
    }
    // Nothing is left to do but to free memory, which the system does faster.
    std::fflush(stderr);
    _exit(code);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pawl: internal error: %s\nThis is a bug in pawl %s; please report it with the command line and the file.\n", e.what(), pawl::kVersion);
    return 2;
  }
}
