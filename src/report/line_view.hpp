// Lines as they come, each with the name of its host.
#pragma once

#include <array>
#include <vector>

#include "report/console.hpp"
#include "report/printable_stream.hpp"
#include "report/run.hpp"

namespace herder::report {

/// "web1: text" to standard output or standard error, as the host did. A line above 8 KiB comes in parts, "web1+ text". Failures are
/// told when they happen and once more, folded, at the end, to standard error.
class LineView : public View {
 public:
  struct Options {
    int verbosity = 0;  // 1: hosts that end well, retries
    FoldHosts fold_hosts = nullptr;
  };
  LineView(Console& console, Options options) : console_(&console), options_(options) {}

  void begin(const Run& run) override;
  void started(const Run& run, const engine::HostStarted& event) override;
  void chunk(const Run& run, engine::HostIndex host, engine::Stream stream, std::string_view bytes) override;
  void result(const Run& run, const HostResult& result) override;
  void end(const Run& run) override;

  static constexpr std::size_t part_bytes = std::size_t{8} << 10U;

 private:
  struct Pending {
    WholeCharacters whole;
    std::string line;
    bool continued = false;  // a part of this line is out already
  };
  struct Host {
    std::array<Pending, 2> streams;
  };
  void emit(const Run& run, engine::HostIndex host, engine::Stream stream, std::string_view line, bool continued);
  void take(const Run& run, engine::HostIndex host, engine::Stream stream, Pending& pending, const std::string& text);
  void finish(const Run& run, engine::HostIndex host);

  Console* console_;
  Options options_;
  std::vector<std::unique_ptr<Host>> hosts_;  // those that run
};

/// Failures, folded: "failed: db[1-3] (3 hosts): exit code 2". For the end of outputs that do not show results themselves.
void write_failures(Console& console, const Run& run, FoldHosts fold);

}  // namespace herder::report
