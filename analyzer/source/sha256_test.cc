#include "analyzer/source/sha256.h"

#include <string>

#include "gtest/gtest.h"

namespace pawl {
namespace {

// NIST's examples for FIPS 180-4 and the CAVP short and long message vectors (SHA256ShortMsg.rsp, SHA256LongMsg.rsp).
TEST(Sha256Test, NistVectors) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(Sha256Hex("\xd3"), "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
  EXPECT_EQ(Sha256Hex("\x74\xba\x25\x21"), "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e");
  EXPECT_EQ(Sha256Hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Every length around the padding's edges, in pieces of every size: the same message must give the same digest.
TEST(Sha256Test, PiecesDoNotMatter) {
  std::string message;
  for (int i = 0; i < 200; ++i) message.push_back(static_cast<char>(i * 7 + 1));
  for (size_t size : {size_t{54}, size_t{55}, size_t{56}, size_t{57}, size_t{63}, size_t{64}, size_t{65}, size_t{119}, size_t{120}, size_t{128}, size_t{200}}) {
    const std::string_view whole = std::string_view(message).substr(0, size);
    const std::string expected = Sha256Hex(whole);
    for (size_t piece = 1; piece < 130; ++piece) {
      Sha256 hash;
      for (size_t at = 0; at < size; at += piece) hash.Update(whole.substr(at, piece));
      ASSERT_EQ(hash.FinishHex(), expected) << size << " bytes in pieces of " << piece;
    }
  }
  EXPECT_NE(Sha256Hex(std::string_view(message).substr(0, 55)), Sha256Hex(std::string_view(message).substr(0, 56)));
}

}  // namespace
}  // namespace pawl
