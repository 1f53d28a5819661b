// Results at the end of a run, hosts with the same result shown as one.
#pragma once

#include "report/console.hpp"
#include "report/run.hpp"

namespace herder::report {

/// For people. Results to standard output, failures last; the recap to standard error.
///
///     web[01-17,20] (18 hosts): ok
///     Linux 6.1.0-18
///
///     db1 (1 host): exit code 2
///     (stderr)
///     no such table
class GroupedView : public View {
 public:
  struct Options {
    bool fold = true;           // otherwise a group a host
    bool only_failures = false; // -q
    int verbosity = 0;          // 1: what was being done when a host was lost
    FoldHosts fold_hosts = nullptr;
  };
  GroupedView(Console& console, Options options) : console_(&console), options_(options) {}

  [[nodiscard]] Needs needs() const override { return Needs::until_end; }
  void end(const Run& run) override;
  [[nodiscard]] const std::optional<Error>& failure() const override { return failure_; }

 private:
  void show(const Run& run, const Group& group);
  void show_output(const Run& run, OutputId id, std::uint64_t dropped);

  Console* console_;
  Options options_;
  bool first_ = true;
  std::optional<Error> failure_;
};

/// Hosts of a group as one word, made printable.
std::string host_list(const Run& run, const std::vector<engine::HostIndex>& hosts, FoldHosts fold);

}  // namespace herder::report
