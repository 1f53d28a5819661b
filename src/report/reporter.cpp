#include "report/reporter.hpp"

#include <algorithm>
#include <optional>

#include "base/error_format.hpp"

namespace herder::report {

using engine::HostIndex;
using engine::Stream;

/// What a running host has printed so far.
struct Reporter::Capture {
  std::array<OutputStore::Growing, 2> kept;
  std::array<std::optional<Redactor::Stream>, 2> redacted;
};

Reporter::Reporter(Console& console, StoreLimits limits) : console_(&console), store_(std::move(limits)) { run_.store = &store_; }

Reporter::~Reporter() = default;

void Reporter::add(std::unique_ptr<View> view) {
  needs_ = std::max(needs_, view->needs());
  views_.push_back(std::move(view));
}

void Reporter::on(const engine::RunStarted& event) {
  run_.info = event;
  run_.now = event.at;
  run_.results.resize(event.hosts.size());
  captures_.resize(event.hosts.size());
  for (const auto& view : views_) view->begin(run_);
}

Reporter::Capture& Reporter::capture(HostIndex host) {
  if (!captures_[host]) captures_[host] = std::make_unique<Capture>();
  return *captures_[host];
}

void Reporter::drop_capture(HostIndex host) {
  if (!captures_[host]) return;
  for (auto& growing : captures_[host]->kept) store_.discard(std::move(growing));
  captures_[host].reset();
}

void Reporter::on(const engine::HostStarted& event) {
  run_.now = std::max(run_.now, event.at);
  if (event.attempt > 1) end_streams(event.host);
  else ++run_.running;
  drop_capture(event.host);
  for (const auto& view : views_) view->started(run_, event);
}

void Reporter::on(const engine::HostRetrying& event) {
  for (const auto& view : views_) view->retrying(run_, event);
}

void Reporter::pass_on(HostIndex host, Stream stream, std::string_view bytes) {
  if (bytes.empty()) return;
  if (needs_ != Needs::nothing) store_.append(capture(host).kept[static_cast<std::size_t>(stream)], bytes);
  for (const auto& view : views_) view->chunk(run_, host, stream, bytes);
}

void Reporter::on(const engine::Output& event) {
  auto& redacted = capture(event.host).redacted[static_cast<std::size_t>(event.stream)];
  if (redactor().empty() && !redacted) return pass_on(event.host, event.stream, event.bytes);
  if (!redacted) redacted.emplace(redactor());
  pass_on(event.host, event.stream, redacted->feed(event.bytes));
}

/// Lets go of what redaction holds back.
void Reporter::end_streams(HostIndex host) {
  if (!captures_[host]) return;
  for (const Stream stream : {Stream::out, Stream::err})
    if (auto& redacted = captures_[host]->redacted[static_cast<std::size_t>(stream)]; redacted) {
      pass_on(host, stream, redacted->finish());
      redacted.reset();
    }
}

void Reporter::on(const engine::HostFinished& event) {
  HERDER_ASSERT(event.host < run_.results.size() && !run_.results[event.host]);  // every host ends exactly once
  run_.now = std::max(run_.now, event.at);
  if (event.attempts > 0 && run_.running > 0) --run_.running;
  end_streams(event.host);
  HostResult result{.host = event.host,
                    .status = event.status,
                    .exit_code = event.exit_code,
                    .signal = event.signal,
                    .error = event.error,
                    .attempts = event.attempts,
                    .took = event.took};
  if (captures_[event.host] && needs_ != Needs::nothing) {
    auto& kept = captures_[event.host]->kept;
    result.out = store_.finish(std::move(kept[0]));
    result.err = store_.finish(std::move(kept[1]));
  }
  result.out_dropped = store_.dropped(result.out) + event.out.dropped;
  result.err_dropped = store_.dropped(result.err) + event.err.dropped;
  captures_[event.host].reset();
  run_.totals.add(result.status);
  run_.results[event.host] = std::move(result);
  HostResult& kept = *run_.results[event.host];
  for (const auto& view : views_) view->result(run_, kept);
  if (needs_ != Needs::at_result) return;
  store_.release(std::exchange(kept.out, 0));
  store_.release(std::exchange(kept.err, 0));
}

void Reporter::on(const engine::Tick& event) {
  run_.now = std::max(run_.now, event.at);
  for (const auto& view : views_) view->tick(run_);
  console_->flush();
}

void Reporter::on(const engine::Warning& event) {
  for (const auto& view : views_) view->warning(run_, event);
}

void Reporter::on(const engine::RunFinished& event) {
  run_.now = std::max(run_.now, event.at);
  run_.stop = event.stop;
  run_.ended = true;
  for (const auto& view : views_) view->end(run_);
  console_->flush();
  if (const Error* why = failure(); why != nullptr && !console_->reader_gone())
    console_->err().write(format_error(*why, {.color = console_->paint_err().on()}));
  console_->flush();
}

const Error* Reporter::failure() const {
  if (store_.failure()) return &*store_.failure();
  for (const auto& view : views_)
    if (view->failure()) return &*view->failure();
  return console_->failure() ? &*console_->failure() : nullptr;
}

bool Reporter::must_stop() const { return failure() != nullptr; }

int Reporter::exit_code() const {
  if (run_.stop == engine::Stop::interrupted) return 130;
  if (failure() != nullptr) return 1;
  return run_.totals.exit_code();
}

}  // namespace herder::report
