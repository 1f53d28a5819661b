#include "base/redact.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace herder {

struct Redactor::State {
  mutable std::mutex mutex;
  std::vector<Secret> secrets;
};

Redactor::Redactor() : state_(std::make_unique<State>()) {}
Redactor::~Redactor() = default;

void Redactor::add(const Secret& secret) { add(secret.reveal()); }
void Redactor::add(std::string_view secret) {
  if (secret.size() < min_bytes) return;
  const std::lock_guard lock(state_->mutex);
  state_->secrets.emplace_back(secret);
}

bool Redactor::empty() const noexcept {
  const std::lock_guard lock(state_->mutex);
  return state_->secrets.empty();
}

std::string Redactor::redact(std::string_view text) const {
  const std::lock_guard lock(state_->mutex);
  std::string out(text);
  for (const Secret& secret : state_->secrets)
    for (auto at = out.find(secret.reveal()); at != std::string::npos; at = out.find(secret.reveal(), at))
      out.replace(at, secret.reveal().size(), "********");
  return out;
}

std::string Redactor::Stream::feed(std::string_view chunk) {
  held_ += chunk;
  return {};
}
std::string Redactor::Stream::finish() { return redactor_->redact(std::exchange(held_, {})); }

Redactor& redactor() {
  static Redactor instance;
  return instance;
}

}  // namespace herder
