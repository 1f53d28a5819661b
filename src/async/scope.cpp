#include "async/scope.hpp"

#include <algorithm>

namespace herder::async {

Scope::Scope(Deadline outer) : outer_(std::move(outer)), state_(std::make_shared<CancelState>()) {
  if (CancelState* above = outer_.token().get()) {
    above->below.push_back(state_.get());
    if (above->cancelled) async::cancel(*state_, above->reason);
  }
}

Scope::~Scope() {
  HERDER_ASSERT(running_ == 0);
  if (CancelState* above = outer_.token().get()) std::erase(above->below, state_.get());
}

Async<void> Scope::run(Scope* scope, Async<void> child) {
  co_await std::move(child);
  if (--scope->running_ == 0 && scope->joining_ != nullptr) scope->joining_->notify();
}

void Scope::spawn(Async<void> child) {
  ++running_;
  Loop::start(run(this, std::move(child)));
}

void Scope::cancel(std::string reason) { async::cancel(*state_, reason); }

Async<void> Scope::join() {
  while (running_ > 0) {
    Waiter waiter(Deadline::never());
    joining_ = &waiter;
    co_await waiter;
    joining_ = nullptr;
  }
}

}  // namespace herder::async
