#include "base/redact.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/redact_forms.hpp"
#include "base/redact_scanner.hpp"

namespace herder {

struct Redactor::State {
  std::atomic<std::uint64_t> version{0};  // counts the secrets; 0: nothing to look for
  std::mutex mutex;                       // guards what follows
  std::unordered_multimap<std::size_t, Secret> secrets;  // by hash
  std::shared_ptr<const redaction::Matcher> matcher;
  std::uint64_t matcher_version = 0;

  /// The matcher for all secrets of now, made when first asked for: adding thousands in a row costs one construction.
  std::shared_ptr<const redaction::Matcher> current() {
    const std::lock_guard lock(mutex);
    const std::uint64_t now = version.load(std::memory_order_relaxed);
    if (matcher_version != now) {
      std::vector<redaction::Pattern> patterns;
      for (const auto& [hash, secret] : secrets) redaction::add_forms(secret.reveal(), min_bytes, patterns);
      matcher = std::make_shared<const redaction::Matcher>(std::move(patterns));
      matcher_version = now;
    }
    return matcher;
  }
};

Redactor::Redactor() : state_(std::make_unique<State>()) {}
Redactor::~Redactor() = default;

void Redactor::add(const Secret& secret) { add(secret.reveal()); }

void Redactor::add(std::string_view secret) {
  if (secret.size() < min_bytes || std::ranges::all_of(secret, redaction::is_blank)) return;
  const std::size_t hash = std::hash<std::string_view>{}(secret);
  const std::lock_guard lock(state_->mutex);
  const auto [first, last] = state_->secrets.equal_range(hash);
  if (std::any_of(first, last, [&](const auto& known) { return known.second.reveal() == secret; })) return;
  state_->secrets.emplace(hash, Secret(secret));
  state_->version.fetch_add(1, std::memory_order_release);
}

bool Redactor::empty() const noexcept { return state_->version.load(std::memory_order_acquire) == 0; }

std::string Redactor::redact(std::string_view text) const {
  if (text.empty() || empty()) return std::string(text);
  redaction::Scanner scanner(state_->current());
  std::string out = scanner.feed(text);
  out += scanner.finish();
  return out;
}

struct Redactor::Stream::Scan {
  redaction::Scanner scanner;
  std::uint64_t version;
};

Redactor::Stream::Stream(const Redactor& redactor) : redactor_(&redactor) {}
Redactor::Stream::Stream(Stream&&) noexcept = default;
Redactor::Stream& Redactor::Stream::operator=(Stream&&) noexcept = default;
Redactor::Stream::~Stream() = default;

std::string Redactor::Stream::feed(std::string_view chunk) {
  const std::uint64_t version = redactor_->state_->version.load(std::memory_order_acquire);
  if (version == 0) return std::string(chunk);
  if (!scan_) {
    scan_ = std::make_unique<Scan>(Scan{.scanner = redaction::Scanner(redactor_->state_->current()), .version = version});
  } else if (scan_->version != version) {
    scan_->scanner.use(redactor_->state_->current());
    scan_->version = version;
  }
  return scan_->scanner.feed(chunk);
}

std::string Redactor::Stream::finish() {
  if (!scan_) return {};
  std::string rest = scan_->scanner.finish();
  scan_.reset();
  return rest;
}

Redactor& redactor() {
  static Redactor instance;
  return instance;
}

}  // namespace herder
