#include "migrations/run/approval.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "migrations/history/subprocess.h"

namespace pawl {
namespace {

constexpr std::string_view kDigest = "sha256:0123456789abcdef";

class Approval : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(testing::TempDir(), "/approval");
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::ofstream signers(folder_ + "/signers");
    for (const char* who : {"ada", "eve"}) {
      const auto made = RunProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", Key(who)}, {absl::StrCat("PATH=", std::getenv("PATH"))});
      if (absl::IsNotFound(made.status())) GTEST_SKIP() << "there is no ssh-keygen here";
      ASSERT_TRUE(made.ok() && made->exit_code == 0) << made->err;
      std::ifstream in(Key(who) + ".pub");
      std::stringstream text;
      text << in.rdbuf();
      if (std::string(who) == "ada") signers << "ada@example.org " << text.str();
    }
  }
  std::string Key(const std::string& who) const { return absl::StrCat(folder_, "/", who); }
  std::string folder_;
};

TEST_F(Approval, ASignatureIsOfOneDigestByOneSigner) {
  const auto signature = Sign(kDigest, Key("ada"));
  ASSERT_TRUE(signature.ok()) << signature.status();
  EXPECT_TRUE(absl::StartsWith(*signature, "-----BEGIN SSH SIGNATURE-----"));
  EXPECT_TRUE(Verify(kDigest, *signature, "ada@example.org", folder_ + "/signers").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Verify("sha256:other", *signature, "ada@example.org", folder_ + "/signers")));
  EXPECT_TRUE(absl::IsPermissionDenied(Verify(kDigest, *signature, "eve@example.org", folder_ + "/signers")));
  EXPECT_TRUE(absl::IsPermissionDenied(Verify(kDigest, *signature, "-oops", folder_ + "/signers")));
  EXPECT_TRUE(absl::IsPermissionDenied(Verify(kDigest, "no signature", "ada@example.org", folder_ + "/signers")));
  EXPECT_EQ(*FindSigner(*signature, folder_ + "/signers"), "ada@example.org");
}

TEST_F(Approval, AKeyThatIsNotAllowedProvesNothing) {
  const auto signature = Sign(kDigest, Key("eve"));
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Verify(kDigest, *signature, "ada@example.org", folder_ + "/signers")));
  EXPECT_TRUE(absl::IsPermissionDenied(FindSigner(*signature, folder_ + "/signers").status()));
}

TEST_F(Approval, WhatIsMissingIsNamed) {
  EXPECT_TRUE(absl::StrContains(Sign(kDigest, folder_ + "/nobody").status().message(), "nobody"));
  EXPECT_TRUE(absl::StrContains(Verify(kDigest, "x", "ada@example.org", folder_ + "/none").message(), "allowed signers"));
}

}  // namespace
}  // namespace pawl
