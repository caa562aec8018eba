#include "analyzer/source/atomic_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <memory>

#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

std::string ErrorText(int error) {
  char buffer[128];
  return strerror_r(error, buffer, sizeof(buffer));  // GNU's: returns the text
}

absl::Status Problem(int error, const std::string& path, std::string_view what) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(absl::StrCat("cannot write `", path, "`: the disk or quota is full; the file is as it was. Free some space and run again"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(absl::StrCat("cannot write `", path, "`: its folder takes no new file (", ErrorText(error),
                                                      "); the file is as it was. Give yourself write permission on the folder, or run with --diff and apply the patch elsewhere"));
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat("cannot write `", path, "`: its folder is not there. Make the folder, or correct the path"));
    default:
      return absl::InternalError(absl::StrCat("cannot write `", path, "`: ", what, ": ", ErrorText(error), "; the file is as it was"));
  }
}

// A file that disappears again unless it was renamed.
class TemporaryFile {
 public:
  ~TemporaryFile() {
    if (fd_ >= 0) close(fd_);
    if (!name_.empty()) unlink(name_.c_str());
  }
  // 0, or errno.
  int Create(const std::string& target) {
    static std::atomic<uint32_t> counter{0};
    const size_t slash = target.rfind('/');
    const std::string folder = slash == std::string::npos ? std::string() : target.substr(0, slash + 1);
    for (int attempt = 0; attempt < 100; ++attempt) {
      // Not after the target's name: that may be as long as a name can be.
      std::string name = absl::StrCat(folder, ".pawl-", getpid(), "-", counter.fetch_add(1), ".tmp");
      fd_ = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd_ >= 0) {
        name_ = std::move(name);
        return 0;
      }
      if (errno != EEXIST) return errno;
    }
    return EEXIST;
  }
  int Write(std::string_view contents) {
    while (!contents.empty()) {
      const ssize_t n = write(fd_, contents.data(), contents.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno;
      contents.remove_prefix(static_cast<size_t>(n));
    }
    return 0;
  }
  int FlushAndClose() {
    if (fsync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP) return errno;  // some file systems have no fsync
    const int closed = close(fd_);
    fd_ = -1;
    return closed == 0 ? 0 : errno;
  }
  int RenameTo(const std::string& target) {
    if (rename(name_.c_str(), target.c_str()) != 0) return errno;
    name_.clear();
    return 0;
  }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::string name_;
};

// The rename itself is on the disk only when the folder is. The new text is in place either way, so a failure is no error.
void FlushFolder(const std::string& target) {
  const size_t slash = target.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : target.substr(0, slash);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, std::string_view contents) {
  std::string target = path;
  struct stat link, old;
  const bool exists = lstat(path.c_str(), &link) == 0;
  if (exists && S_ISLNK(link.st_mode)) {
    std::unique_ptr<char, void (*)(void*)> resolved(realpath(path.c_str(), nullptr), free);
    if (resolved == nullptr) {
      return absl::NotFoundError(absl::StrCat("cannot write `", path, "`: it is a symbolic link to a file that is not there (", ErrorText(errno), "). Mend or delete the link"));
    }
    target = resolved.get();
  }
  if (exists) {
    if (stat(target.c_str(), &old) != 0) return Problem(errno, path, "cannot look at it");
    if (!S_ISREG(old.st_mode)) {
      return absl::FailedPreconditionError(absl::StrCat("cannot write `", path, "`: it is not a regular file. Give the name of a file"));
    }
    if ((old.st_mode & 0222) == 0 || access(target.c_str(), W_OK) != 0) {
      return absl::PermissionDeniedError(absl::StrCat("cannot write `", path, "`: it is read-only; nothing was changed. Make it writable (chmod u+w) and run again"));
    }
  }
  TemporaryFile file;
  if (int error = file.Create(target)) return Problem(error, path, "cannot make a file beside it");
  if (exists) {
    // Owner first: changing it clears the set-user-id bits of the mode. Not being allowed to is usual, and harmless.
    if (fchown(file.fd(), old.st_uid, old.st_gid) != 0 && fchown(file.fd(), static_cast<uid_t>(-1), old.st_gid) != 0) errno = 0;
    if (fchmod(file.fd(), old.st_mode & 07777) != 0) return Problem(errno, path, "cannot set the mode");
  }
  if (int error = file.Write(contents)) return Problem(error, path, "write");
  if (int error = file.FlushAndClose()) return Problem(error, path, "flush to the disk");
  if (int error = file.RenameTo(target)) return Problem(error, path, "rename");
  FlushFolder(target);
  return absl::OkStatus();
}

}  // namespace pawl
