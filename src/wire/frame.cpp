#include "wire/frame.hpp"

#include "wire/pack.hpp"

namespace herder::wire {
namespace {

constexpr std::size_t length_bytes = 4;

}  // namespace

void append_frame(std::string& out, std::uint8_t type, std::uint64_t id, std::string_view payload) {
  HERDER_ASSERT(payload.size() <= most_frame_bytes - 16);
  const std::size_t start = out.size();
  out.append(length_bytes, '\0');
  out += static_cast<char>(type);
  for (; id >= 0x80; id >>= 7U) out += static_cast<char>(id | 0x80U);
  out += static_cast<char>(id);
  out += payload;
  const std::size_t length = out.size() - start - length_bytes;
  for (std::size_t i = 0; i < length_bytes; ++i) out[start + i] = static_cast<char>(length >> (8 * i));
}

void FrameReader::feed(std::string_view bytes) {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_ += bytes;
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::string_view left = std::string_view(buffer_).substr(at_);
  if (left.size() < length_bytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= static_cast<std::size_t>(static_cast<unsigned char>(left[i])) << (8 * i);
  if (length > most_frame_bytes) return fail(Errc::limit, "a frame of {} bytes is over the limit of {}", length, most_frame_bytes);
  if (length < 2) return fail(Errc::parse, "a frame of {} bytes has no room for its header", length);
  if (left.size() < length_bytes + length) return std::nullopt;
  Unpacker fields(left.substr(length_bytes + 1, length - 1));
  Frame frame{.type = static_cast<std::uint8_t>(left[length_bytes]), .id = fields.number(), .payload = {}};
  if (!fields.ok()) return fail(Errc::parse, "a frame's id is not a number");
  frame.payload = fields.rest();
  at_ += length_bytes + length;
  return frame;
}

}  // namespace herder::wire
