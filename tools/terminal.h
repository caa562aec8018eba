// What the terminal is and wants.
#ifndef PAWL_TOOLS_TERMINAL_H_
#define PAWL_TOOLS_TERMINAL_H_

#include <string>

#include "tools/cli.h"

namespace pawl {

// Explicit --color beats NO_COLOR beats CLICOLOR_FORCE beats what `fd` is.
bool WantsColor(ColorMode mode, int fd);
// Columns of the terminal behind `fd`, COLUMNS, or 100; between 40 and 160.
int TerminalWidth(int fd);
// All of standard input; false if it cannot be read, or is longer than a file may be (kMaxFileBytes).
bool ReadStandardInput(std::string* out);

}  // namespace pawl

#endif  // PAWL_TOOLS_TERMINAL_H_
