#include "migrations/run/approval.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "migrations/history/subprocess.h"

extern char** environ;

namespace pawl {
namespace {

std::vector<std::string> Environment() {
  std::vector<std::string> out;
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) out.emplace_back(*e);
  return out;
}

std::string OneLine(std::string_view text) { return absl::StrReplaceAll(absl::StripAsciiWhitespace(text), {{"\r", ""}, {"\n", "; "}}); }

std::string Message(std::string_view digest) { return absl::StrCat(digest, "\n"); }

// ssh-keygen reads a signature from a file only.
class TemporaryFile {
 public:
  static absl::StatusOr<TemporaryFile> Make(std::string_view contents) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = absl::StrCat(folder == nullptr || *folder == '\0' ? "/tmp" : folder, "/pawl-signature-XXXXXX");
    const int fd = mkstemp(path.data());
    if (fd < 0) return absl::InternalError(absl::StrCat("cannot make a file in ", path, ": ", strerror(errno)));
    TemporaryFile file(path);
    const bool good = write(fd, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size());
    close(fd);
    if (!good) return absl::InternalError(absl::StrCat("cannot write ", path));
    return file;
  }
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

absl::StatusOr<std::string> Sign(std::string_view digest, const std::string& key) {
  if (access(key.c_str(), R_OK) != 0) return absl::FailedPreconditionError(absl::StrCat("the key ", key, " cannot be read: ", strerror(errno)));
  const absl::StatusOr<SubprocessResult> said = RunProgram({"ssh-keygen", "-q", "-Y", "sign", "-n", "pawl", "-f", key}, Environment(), Message(digest));
  if (!said.ok()) return said.status();
  if (said->exit_code != 0) return absl::FailedPreconditionError(absl::StrCat("ssh-keygen cannot sign with ", key, ": ", OneLine(said->err)));
  return said->out;
}

absl::Status Verify(std::string_view digest, std::string_view signature, const std::string& identity, const std::string& allowed_signers) {
  if (access(allowed_signers.c_str(), R_OK) != 0) return absl::FailedPreconditionError(absl::StrCat("the file of allowed signers, ", allowed_signers, ", cannot be read: ", strerror(errno)));
  // It would be taken for an option.
  if (identity.empty() || identity[0] == '-') return absl::PermissionDeniedError(absl::StrCat("`", identity, "` is no signer's name"));
  const absl::StatusOr<TemporaryFile> file = TemporaryFile::Make(signature);
  if (!file.ok()) return file.status();
  const absl::StatusOr<SubprocessResult> said = RunProgram({"ssh-keygen", "-Y", "verify", "-n", "pawl", "-f", allowed_signers, "-I", identity, "-s", file->path()}, Environment(), Message(digest));
  if (!said.ok()) return said.status();
  if (said->exit_code == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("the signature of ", identity, " is not one of this plan by a key that ", allowed_signers, " has for them: ", OneLine(absl::StrCat(said->out, said->err))));
}

absl::StatusOr<std::string> FindSigner(std::string_view signature, const std::string& allowed_signers) {
  const absl::StatusOr<TemporaryFile> file = TemporaryFile::Make(signature);
  if (!file.ok()) return file.status();
  const absl::StatusOr<SubprocessResult> said = RunProgram({"ssh-keygen", "-Y", "find-principals", "-f", allowed_signers, "-s", file->path()}, Environment());
  if (!said.ok()) return said.status();
  const std::string who(absl::StripAsciiWhitespace(std::string_view(said->out).substr(0, said->out.find('\n'))));
  if (said->exit_code != 0 || who.empty()) return absl::PermissionDeniedError(absl::StrCat("the signature is by no key that ", allowed_signers, " names"));
  return who;
}

}  // namespace pawl
