#include "analyzer/source/arena.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pawl {
namespace {

// Found by fuzzing: an object larger than the chunk that was due, smaller than a full one. AddressSanitizer sees the overflow.
TEST(Arena, ObjectsOfEverySize) {
  Arena arena;
  std::vector<std::string> wanted;
  std::vector<std::string_view> got;
  for (size_t size : {1u, 1000u, 1025u, 3000u, 16000u, 17000u, 65536u, 70000u, 5u, 300000u, 1u}) {
    wanted.push_back(std::string(size, static_cast<char>('a' + wanted.size())));
    got.push_back(arena.Copy(wanted.back()));
  }
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(got[i], wanted[i]);
}

TEST(Arena, Alignment) {
  Arena arena;
  arena.Copy("x");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.New<double>()) % alignof(double), 0u);
}

}  // namespace
}  // namespace pawl
