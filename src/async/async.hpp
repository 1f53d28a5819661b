// The coroutine type. `Async<T>` is lazy (nothing happens before it is awaited or started), runs on one loop thread, and is awaited
// once. Failures travel as Result values; an exception that leaves a coroutine is a bug and ends the process.
//
// Rules that keep coroutines safe here: parameters by value (a reference parameter must outlive the await, as in plain calls that
// are awaited at once); no lambda coroutine with captures unless the lambda object outlives it; no lock held over co_await.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/error.hpp"

namespace herder::async {

template <class T = void>
class Async;

namespace detail {

/// Reports the exception that is being handled and aborts.
[[noreturn]] void escaped_exception() noexcept;

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  struct Final {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() const noexcept { escaped_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> result;
  Async<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Async<void> get_return_object() noexcept;
  void return_void() const noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Async {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Async() noexcept = default;
  explicit Async(Handle handle) noexcept : handle_(handle) {}
  Async(Async&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Async& operator=(Async&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Async() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() const {
    if constexpr (!std::is_void_v<T>) return *std::move(handle_.promise().result);
  }

 private:
  Handle handle_;
};

namespace detail {
template <class T>
Async<T> Promise<T>::get_return_object() noexcept {
  return Async<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Async<void> Promise<void>::get_return_object() noexcept {
  return Async<void>(std::coroutine_handle<Promise>::from_promise(*this));
}
}  // namespace detail

}  // namespace herder::async

namespace herder {
using async::Async;
}
