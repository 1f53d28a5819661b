// Structured concurrency: children that are joined or cancelled before their parent goes on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "async/loop.hpp"

namespace herder::async {

/// Runs coroutines side by side on one loop. It must be joined before it is destroyed (asserted). Cancelling it ends every wait of
/// its children, and of scopes below, with Errc::cancelled and the reason. Lives on one loop.
class Scope {
 public:
  /// `outer`: its token is obeyed (when it is cancelled, so is this scope) and its moment bounds deadline().
  explicit Scope(Deadline outer = {});
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  /// Starts `child`; it runs until its first wait before this returns.
  void spawn(Async<void> child);
  /// Ends all waits below. The first reason stays.
  void cancel(std::string reason);
  [[nodiscard]] bool cancelled() const noexcept { return state_->cancelled; }

  /// Hand this (or something made from it) to everything that waits in a child.
  [[nodiscard]] Deadline deadline() const { return outer_.with_token(state_); }

  /// Waits until all children are done. Not bounded: children are bounded by deadline(), and cancel() ends them.
  Async<void> join();
  /// Children that are running.
  [[nodiscard]] std::size_t running() const noexcept { return running_; }

 private:
  static Async<void> run(Scope* scope, Async<void> child);

  Deadline outer_;
  std::shared_ptr<CancelState> state_;
  std::size_t running_ = 0;
  Waiter* joining_ = nullptr;
};

}  // namespace herder::async
