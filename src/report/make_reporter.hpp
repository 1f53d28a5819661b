// Which views a person asked for, put together.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "report/console.hpp"
#include "report/reporter.hpp"

namespace herder::report {

enum class Format : std::uint8_t { text, json, ndjson, yaml, csv };
enum class Progress : std::uint8_t { automatic, live, lines, none };

struct ReportSettings {
  Format format = Format::text;
  std::optional<bool> fold;  // nothing: fold when standard output is a terminal
  Progress progress = Progress::automatic;
  int verbosity = 0;         // -1: only failures and the recap
  std::string output_dir;    // empty: none
  StoreLimits limits{};
  FoldHosts fold_hosts = nullptr;
};

/// The console must outlive it.
std::unique_ptr<Reporter> make_reporter(Console& console, const ReportSettings& settings);

}  // namespace herder::report
