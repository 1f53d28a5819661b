// Where long output goes: piece by piece, never all at once.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder::inventory {

/// Takes the next piece of output. An error stops the writer.
using Sink = std::function<Result<>(std::string_view)>;

/// Collects small pieces for a Sink. Writers append to `text` and call `flush_if_full` between pieces, `flush` at the end.
struct SinkBuffer {
  static constexpr std::size_t full_bytes = std::size_t{256} << 10U;

  explicit SinkBuffer(const Sink& to) : sink(to) { text.reserve(full_bytes + full_bytes / 4); }
  Result<> flush() {
    auto done = text.empty() ? Result<>() : sink(text);
    text.clear();
    return done;
  }
  Result<> flush_if_full() { return text.size() < full_bytes ? Result<>() : flush(); }

  const Sink& sink;
  std::string text;
};

}  // namespace herder::inventory
