// Frames and fields from a hostile peer.
#include <cstddef>
#include <cstdint>

#include "wire/frame.hpp"
#include "wire/pack.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  herder::wire::FrameReader reader;
  for (std::size_t at = 0; at < size; at += 7) {
    reader.feed(bytes.substr(at, 7));
    for (auto frame = reader.next(); frame && *frame; frame = reader.next()) {
      herder::wire::Unpacker fields((*frame)->payload);
      for (int i = 0; i < 8 && fields.ok(); ++i) {
        (void)fields.count(2);
        (void)fields.text();
        (void)fields.signed_number();
        (void)fields.truth();
      }
    }
  }
  return 0;
}
