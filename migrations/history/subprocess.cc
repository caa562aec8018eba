#include "migrations/history/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  ~FileDescriptor() { Close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  void Set(int fd) { fd_ = fd; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

struct Channel {
  FileDescriptor ours;
  FileDescriptor theirs;
};

// A pair of sockets rather than a pipe for every stream: a write to a child that has gone away is then an error of send()
// and not a SIGPIPE for the whole process.
bool Open(Channel& c) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return false;
  c.ours.Set(fds[0]);
  c.theirs.Set(fds[1]);
  return true;
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& s : strings) pointers.push_back(const_cast<char*>(s.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Appends what is there; false at the end of the stream.
bool ReadSome(int fd, std::string& to) {
  char buffer[65536];
  const ssize_t n = read(fd, buffer, sizeof buffer);
  if (n > 0) to.append(buffer, static_cast<size_t>(n));
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

void Exchange(Channel& in, Channel& out, Channel& err, std::string_view input, SubprocessResult& result) {
  if (input.empty()) in.ours.Close();
  while (in.ours.get() >= 0 || out.ours.get() >= 0 || err.ours.get() >= 0) {
    std::array<pollfd, 3> fds = {pollfd{in.ours.get(), POLLOUT, 0}, pollfd{out.ours.get(), POLLIN, 0}, pollfd{err.ours.get(), POLLIN, 0}};
    if (poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (fds[0].revents != 0) {
      const ssize_t n = send(in.ours.get(), input.data(), input.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) input.remove_prefix(static_cast<size_t>(n));
      if (input.empty() || (n < 0 && errno != EINTR && errno != EAGAIN)) in.ours.Close();
    }
    if (fds[1].revents != 0 && !ReadSome(out.ours.get(), result.out)) out.ours.Close();
    if (fds[2].revents != 0 && !ReadSome(err.ours.get(), result.err)) err.ours.Close();
  }
}

}  // namespace

absl::StatusOr<SubprocessResult> RunProgram(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                                            std::string_view input) {
  Channel in, out, err;
  if (!Open(in) || !Open(out) || !Open(err)) {
    return absl::InternalError(absl::StrCat("cannot start `", argv[0], "`: ", strerror(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.theirs.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.theirs.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, Pointers(argv).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == ENOENT) return absl::NotFoundError(absl::StrCat("there is no program `", argv[0], "` in PATH"));
  if (error != 0) return absl::InternalError(absl::StrCat("cannot start `", argv[0], "`: ", strerror(error)));

  in.theirs.Close();
  out.theirs.Close();
  err.theirs.Close();
  SubprocessResult result;
  Exchange(in, out, err, input, result);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return absl::InternalError(absl::StrCat("cannot wait for `", argv[0], "`: ", strerror(errno)));
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace pawl
