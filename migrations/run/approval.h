// Signatures of approvals, by SSH keys: whoever approves a plan signs its digest with `ssh-keygen -Y sign -n pawl`, and a file of
// allowed signers (ssh-keygen(1), "ALLOWED SIGNERS") says whose key is whose. What is signed is the digest and a line feed, so that
// `echo sha256:... | ssh-keygen -Y sign -n pawl -f KEY` makes the same.
#ifndef PAWL_MIGRATIONS_RUN_APPROVAL_H_
#define PAWL_MIGRATIONS_RUN_APPROVAL_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pawl {

// The armoured signature. `key`: a private key, or a public one whose private half an agent holds. kFailedPrecondition with what
// ssh-keygen said; kNotFound: there is no ssh-keygen.
absl::StatusOr<std::string> Sign(std::string_view digest, const std::string& key);

// OK if `signature` is one of `digest` by a key that `allowed_signers` has for `identity`. kPermissionDenied: it is not, and why.
absl::Status Verify(std::string_view digest, std::string_view signature, const std::string& identity, const std::string& allowed_signers);

// Whose signature it is, by the file of allowed signers. kPermissionDenied: nobody's that the file names.
absl::StatusOr<std::string> FindSigner(std::string_view signature, const std::string& allowed_signers);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_APPROVAL_H_
