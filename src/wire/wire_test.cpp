#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/frame.hpp"
#include "wire/pack.hpp"

namespace herder::wire {
namespace {

RC_GTEST_PROP(Pack, reads_back_what_was_written, (std::uint64_t a, std::int64_t b, bool c, std::string d)) {
  const std::string bytes = Packer().number(a).signed_number(b).truth(c).text(d).bytes();
  Unpacker in(bytes);
  RC_ASSERT(in.number() == a);
  RC_ASSERT(in.signed_number() == b);
  RC_ASSERT(in.truth() == c);
  RC_ASSERT(in.text() == d);
  RC_ASSERT(in.finished());
}

RC_GTEST_PROP(Pack, foreign_bytes_never_read_past_the_end, (std::string bytes)) {
  Unpacker in(bytes);
  (void)in.number();
  (void)in.text();
  (void)in.count(3);
  (void)in.signed_number();
  if (!in.ok()) {
    RC_ASSERT(in.text().empty());
    RC_ASSERT(in.number() == 0U);
  }
}

RC_GTEST_PROP(Frames, survive_any_cutting_of_the_stream, (std::vector<std::pair<std::uint64_t, std::string>> messages)) {
  std::string stream;
  for (const auto& [id, payload] : messages) append_frame(stream, 7, id, payload);
  FrameReader reader;
  std::size_t seen = 0;
  while (!stream.empty()) {
    const std::size_t piece = *rc::gen::inRange<std::size_t>(1, stream.size() + 1);
    reader.feed(std::string_view(stream).substr(0, piece));
    stream.erase(0, piece);
    for (auto frame = reader.next(); frame && *frame; frame = reader.next()) {
      RC_ASSERT((*frame)->type == 7);
      RC_ASSERT((*frame)->id == messages[seen].first);
      RC_ASSERT((*frame)->payload == messages[seen].second);
      ++seen;
    }
  }
  RC_ASSERT(seen == messages.size());
}

TEST(Frames, refuse_lengths_beyond_the_limit_and_empty_frames) {
  FrameReader large;
  large.feed("\xff\xff\xff\x7f\x01\x01");
  const auto refused = large.next();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::limit);
  FrameReader small;
  small.feed(std::string_view("\x01\x00\x00\x00\x01", 5));
  EXPECT_EQ(small.next().error().code, Errc::parse);
  FrameReader broken;
  broken.feed(std::string_view("\x03\x00\x00\x00\x01\xff\xff", 7));
  EXPECT_EQ(broken.next().error().code, Errc::parse);
}

}  // namespace
}  // namespace herder::wire
