// When and why to give up waiting.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace herder::async {

class Waiter;

/// Shared between a Scope and the Deadlines it hands out. Belongs to one loop; touch it on that loop only.
struct CancelState {
  bool cancelled = false;
  std::string reason;                    // "interrupted by the user"
  Waiter* first = nullptr;               // everybody who waits under this token (intrusive list)
  std::vector<CancelState*> below;       // tokens of scopes inside this one
};

/// Ends every wait under the token and the tokens below it with Errc::cancelled. The first reason stays.
void cancel(CancelState& state, const std::string& reason);

/// A moment after which waiting is pointless, and a token that may end it earlier. Every function that waits takes one and reports
/// Errc::timeout or Errc::cancelled (with the reason). Cheap to copy. The moment counts on the clock of the current Loop.
class Deadline {
 public:
  static Deadline never() { return {}; }
  static Deadline at(TimePoint moment) {
    Deadline made;
    made.moment_ = moment;
    return made;
  }
  /// `span` from now on the current loop's clock.
  static Deadline after(Duration span);

  /// The earlier of the two moments; the token of this one, or the other's if this has none.
  [[nodiscard]] Deadline with(const Deadline& other) const;
  /// At most `span` from now, with the same token.
  [[nodiscard]] Deadline within(Duration span) const { return with(after(span)); }
  /// The same token, but no moment.
  [[nodiscard]] Deadline without_moment() const;
  /// The same moment under another token.
  [[nodiscard]] Deadline with_token(std::shared_ptr<CancelState> token) const;

  [[nodiscard]] TimePoint moment() const noexcept { return moment_; }
  [[nodiscard]] bool is_never() const noexcept { return moment_ == TimePoint::never(); }
  /// What is left, not negative.
  [[nodiscard]] Duration left() const;
  [[nodiscard]] bool passed() const;
  [[nodiscard]] bool cancelled() const noexcept { return token_ && token_->cancelled; }
  [[nodiscard]] const std::shared_ptr<CancelState>& token() const noexcept { return token_; }

  /// Fails when the moment has passed or the token is cancelled.
  [[nodiscard]] Result<> check() const;

 private:
  TimePoint moment_ = TimePoint::never();
  std::shared_ptr<CancelState> token_;
};

}  // namespace herder::async

namespace herder {
using async::Deadline;
}
