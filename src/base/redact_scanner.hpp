// Takes the matcher's findings out of a stream of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/redact_forms.hpp"
#include "base/redact_matcher.hpp"

namespace herder::redaction {

/// Bytes [first, last) of the stream, counted from its start.
struct Span {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// One reading of the stream: turns its bytes into those that the matcher sees and remembers where each came from.
class Reader {
 public:
  explicit Reader(Reading reading) : reading_(reading) {}

  /// The byte at `at`. Findings are appended to `found`.
  void feed(const Matcher& matcher, char byte, std::uint64_t at, std::vector<Span>& found);
  /// The stream ends at `at`: an unfinished escape is just text.
  void finish(const Matcher& matcher, std::uint64_t at, std::vector<Span>& found);
  /// The first byte that a later finding could still include; `at` when none.
  [[nodiscard]] std::uint64_t open_from(const Matcher& matcher, std::uint64_t at) const noexcept;
  [[nodiscard]] bool idle() const noexcept { return state_ == Matcher::root && pending_.empty(); }

 private:
  void see(const Matcher& matcher, char byte, Span from, bool literal, std::vector<Span>& found);
  void drop() noexcept;
  void decode(const Matcher& matcher, std::uint64_t end, bool at_end, std::vector<Span>& found);
  void forget() noexcept;

  Reading reading_;
  Matcher::State state_ = Matcher::root;
  Unwrapper wrapper_;
  std::string pending_;                // an escape that has begun
  std::vector<std::uint64_t> starts_;  // where the last depth(state_) seen bytes came from, behind oldest_
  std::size_t oldest_ = 0;
  std::size_t dropped_ = 0;  // bytes left out since the last seen one
};

/// The stream with every finding replaced by a mark; findings that overlap become one. What comes out does not depend on how the
/// stream was cut into chunks. Holds back at most what could still become a finding. Belongs to one thread.
class Scanner {
 public:
  explicit Scanner(std::shared_ptr<const Matcher> matcher);

  /// What may be passed on now.
  std::string feed(std::string_view chunk);
  std::string finish();
  /// From here on look for the patterns of `matcher`, also in what is held back.
  void use(std::shared_ptr<const Matcher> matcher);

 private:
  void scan(std::string_view chunk);
  void release(std::uint64_t limit, std::string& out);
  void reset_readers();

  std::shared_ptr<const Matcher> matcher_;
  std::array<bool, 256> boring_{};  // bytes that leave an idle reader idle
  std::vector<Reader> readers_;
  std::string held_;               // bytes [released_, scanned_)
  std::uint64_t released_ = 0;
  std::uint64_t scanned_ = 0;
  std::uint64_t marked_until_ = 0;  // end of the last finding whose mark is out
  std::vector<Span> found_;
};

}  // namespace herder::redaction
