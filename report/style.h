// Colours of the terminal formats; every method gives "" when there are none.
#ifndef PAWL_REPORT_STYLE_H_
#define PAWL_REPORT_STYLE_H_

#include <string_view>

#include "analyzer/finding/finding.h"

namespace pawl {

// The basic sixteen colours only, so that the reader's own theme decides how they look.
class Style {
 public:
  explicit Style(bool color) : color_(color) {}
  std::string_view Reset() const { return Code("\x1b[0m"); }
  std::string_view Bold() const { return Code("\x1b[1m"); }
  std::string_view Gutter() const { return Code("\x1b[1;34m"); }
  std::string_view Of(Severity s) const {
    switch (s) {
      case Severity::kError: return Code("\x1b[1;31m");
      case Severity::kWarning: return Code("\x1b[1;33m");
      default: return Code("\x1b[1;36m");
    }
  }
  std::string_view Secondary() const { return Code("\x1b[1;34m"); }
  std::string_view Good() const { return Code("\x1b[1;32m"); }

 private:
  std::string_view Code(std::string_view escape) const { return color_ ? escape : std::string_view(); }
  bool color_;
};

}  // namespace pawl

#endif  // PAWL_REPORT_STYLE_H_
