// Frames: how messages are told apart in a stream of bytes (docs/formats/frames.md). Four bytes length (little-endian, of what
// follows), one byte type, a varint id, then the payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder::wire {

struct Frame {
  std::uint8_t type = 0;
  std::uint64_t id = 0;
  std::string_view payload;  // into the reader's buffer: until the next call of feed() or next()
};

/// Larger frames are refused by both sides.
constexpr std::size_t most_frame_bytes = std::size_t{1} << 20U;

/// Appends one frame to `out`. The payload must fit most_frame_bytes.
void append_frame(std::string& out, std::uint8_t type, std::uint64_t id, std::string_view payload);

/// Cuts a stream into frames. Keeps at most one frame and one piece that was fed. What it is fed is foreign.
class FrameReader {
 public:
  void feed(std::string_view bytes);
  /// The next whole frame; nothing when more bytes are needed. Errors: limit (too large), parse (broken header); the stream is then
  /// beyond repair.
  Result<std::optional<Frame>> next();

 private:
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace herder::wire
