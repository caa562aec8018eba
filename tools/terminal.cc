#include "tools/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "migrations/set/discover.h"

namespace pawl {

bool WantsColor(ColorMode mode, int fd) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* force = std::getenv("CLICOLOR_FORCE");
  if (force != nullptr && std::string_view(force) != "0" && *force != '\0') return true;
  const char* clicolor = std::getenv("CLICOLOR");
  if (clicolor != nullptr && std::string_view(clicolor) == "0") return false;
  const char* term = std::getenv("TERM");
  return isatty(fd) && (term == nullptr || std::string_view(term) != "dumb");
}

int TerminalWidth(int fd) {
  int columns = 0;
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  if (columns == 0) {
    if (const char* c = std::getenv("COLUMNS")) columns = std::atoi(c);
  }
  if (columns == 0) columns = 100;
  return std::clamp(columns, 40, 160);
}

bool ReadStandardInput(std::string* out) {
  char buffer[65536];
  for (;;) {
    const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) return true;
    out->append(buffer, static_cast<size_t>(n));
    if (out->size() > kMaxFileBytes) return false;
  }
}

}  // namespace pawl
