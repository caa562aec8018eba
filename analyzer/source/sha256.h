// SHA-256 (FIPS 180-4), for checksums that a person or another tool can recompute with `sha256sum`.
//
// Our own because none of the libraries that the build already has offers a cryptographic hash, and one function of fifty
// lines with published test vectors costs a reader less than OpenSSL as a dependency of every build and of the static binary.
// It guards against mistakes and shows tampering; it holds no secrets, so it need not run in constant time.
#ifndef PAWL_ANALYZER_SOURCE_SHA256_H_
#define PAWL_ANALYZER_SOURCE_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pawl {

// Update() any number of times, then one of the ends; an object hashes one message. Not thread-safe.
class Sha256 {
 public:
  using Digest = std::array<uint8_t, 32>;

  void Update(std::string_view bytes);
  [[nodiscard]] Digest Finish();
  [[nodiscard]] std::string FinishHex();  // 64 lower-case hexadecimal digits

 private:
  void Block(const uint8_t* block);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> buffer_;
  size_t buffered_ = 0;
  uint64_t total_ = 0;
};

[[nodiscard]] std::string Sha256Hex(std::string_view bytes);

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_SHA256_H_
