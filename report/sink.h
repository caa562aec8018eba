// Where reports go: a file, a pipe, a string.
#ifndef PAWL_REPORT_SINK_H_
#define PAWL_REPORT_SINK_H_

#include <string>
#include <string_view>

namespace pawl {

// Receives a report in pieces of up to 64 KB or so, so that no format holds all of it in memory.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Write(std::string_view piece) = 0;
};

// Collects everything in a string, for tests and short reports.
class StringSink : public Sink {
 public:
  void Write(std::string_view piece) override { text.append(piece); }
  std::string text;
};

}  // namespace pawl

#endif  // PAWL_REPORT_SINK_H_
