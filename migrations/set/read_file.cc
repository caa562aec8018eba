#include "migrations/set/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "migrations/set/discover.h"

namespace pawl {
namespace {

std::string_view KindOf(mode_t mode) {
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "of an unknown kind";
}

// Reads until `size` bytes or the end, whichever is first; a size of 0 is not believed (files of /proc say it).
bool ReadAll(int fd, uint64_t size, std::string* text) {
  text->resize(size == 0 ? 4096 : size);
  size_t used = 0;
  while (true) {
    if (used == text->size()) {
      if (size != 0 || used > kMaxFileBytes) break;
      text->resize(used * 2);
    }
    const ssize_t n = read(fd, text->data() + used, text->size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    used += static_cast<size_t>(n);
  }
  text->resize(used);
  if (size == 0) text->shrink_to_fit();
  return true;
}

}  // namespace

std::string DescribeOpenError(int error) {
  switch (error) {
    case ENOENT: return "does not exist";
    case EACCES: case EPERM: return "cannot be read: permission denied";
    case ELOOP: return "is a symbolic link that leads back to itself";
    case ENXIO: return "is a socket or a pipe, not a regular file";
    case ENOTDIR: return "does not exist: a part of the path is a file, not a folder";
    case ENAMETOOLONG: return "cannot be read: the name is too long";
    case EMFILE: case ENFILE: return "cannot be read: too many open files";
    default: return absl::StrCat("cannot be read: ", std::strerror(error));
  }
}

ReadResult ReadRegularFile(int at, const char* name) {
  ReadResult r;
  // O_NONBLOCK: opening a pipe for reading would otherwise wait for a writer.
  const int fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) {
    r.problem = DescribeOpenError(errno);
    return r;
  }
  struct stat st;
  if (fstat(fd, &st) != 0) {
    r.problem = DescribeOpenError(errno);
  } else if (S_ISDIR(st.st_mode)) {
    r.outcome = ReadOutcome::kFolder;
    r.folder = fd;
    return r;
  } else if (!S_ISREG(st.st_mode)) {
    r.problem = absl::StrCat("is ", KindOf(st.st_mode), ", not a regular file");
  } else if (static_cast<uint64_t>(st.st_size) > kMaxFileBytes) {
    r.problem = absl::StrCat("is ", st.st_size >> 20, " MiB; files over ", kMaxFileBytes >> 20, " MiB are not read");
  } else if (!ReadAll(fd, static_cast<uint64_t>(st.st_size), &r.text)) {
    r.problem = DescribeOpenError(errno);
  } else {
    r.outcome = ReadOutcome::kFile;
  }
  close(fd);
  return r;
}

}  // namespace pawl
