#include "engine/exec_host.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "async/scope.hpp"
#include "base/text.hpp"

namespace herder::engine {
namespace {

using transport::Chunk;
using transport::Exit;
using transport::Process;
using transport::Session;
using transport::Source;

constexpr std::size_t input_piece_bytes = 64 << 10;
constexpr auto close_limit = std::chrono::seconds(2);
constexpr auto first_retry_wait = std::chrono::milliseconds(500);
constexpr auto last_retry_wait = std::chrono::seconds(10);

/// How far an attempt came: decides whether it may be repeated and what its failure means.
enum class Phase : std::uint8_t { connecting, starting, running };

struct Attempt {
  Phase phase = Phase::connecting;
  Result<Exit> exit = Exit{};
  StreamTotal out{}, err{};
};

std::string random_mark() {
  unsigned char bytes[12];
  HERDER_ASSERT(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
  return text::hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

class HostRun {
 public:
  HostRun(ExecShard shard, HostIndex index, Deadline deadline) : shard_(shard), index_(index), deadline_(std::move(deadline)) {}

  Async<Attempt> attempt() {
    Attempt result;
    const ExecHost& host = shard_.plan->hosts[index_];
    if (!host.target) {
      result.exit = std::unexpected(*host.unusable);
      co_return result;
    }
    auto session = co_await shard_.connector->connect(host.target, deadline_);
    if (!session) {
      result.exit = std::unexpected(std::move(session).error());
      co_return result;
    }
    result.exit = shard_.plan->work ? co_await work_in(**session, result) : co_await run_in(**session, result);
    co_await (*session)->close(Deadline::after(close_limit));
    co_return result;
  }

 private:
  Async<Result<Exit>> work_in(Session& session, Attempt& result) {
    result.phase = Phase::running;
    HERDER_CO_TRY(std::string said, co_await shard_.plan->work->run(session, shard_.plan->hosts[index_], deadline_));
    if (!said.empty()) {
      said += '\n';
      result.out.bytes = said.size();
      HERDER_CO_TRY_VOID(co_await shard_.events->send(Output{.host = index_, .stream = Stream::out, .bytes = std::move(said)}, deadline_));
    }
    co_return Exit{.code = 0, .signal = {}};
  }

  Async<Result<Exit>> run_in(Session& session, Attempt& result) {
    result.phase = Phase::starting;
    if (shard_.plan->become) dialogue_.emplace(*shard_.plan->become, random_mark());
    Prepared prepared = prepare_command(*shard_.plan, dialogue_ ? &*dialogue_ : nullptr);
    transport::Command command{.line = std::move(prepared.line), .subsystem = {}, .env = {}, .pty = prepared.pty};
    HERDER_CO_TRY(std::unique_ptr<Process> process, co_await session.start(std::move(command), deadline_));
    result.phase = Phase::running;
    async::Scope input(deadline_);
    if (!dialogue_) input.spawn(feed_input(process.get(), prepared.preamble, input.deadline()));
    Result<Exit> exit = co_await read_all(*process, input, prepared.preamble, result);
    if (!exit) process->signal("TERM");
    input.cancel("the command has ended");
    co_await input.join();
    co_return exit;
  }

  Async<Result<Exit>> read_all(Process& process, async::Scope& input, const std::string& preamble, Attempt& result) {
    for (;;) {
      HERDER_CO_TRY(Chunk chunk, co_await process.read(deadline_));
      if (chunk.end) break;
      if (dialogue_ && !dialogue_->started()) {
        HERDER_CO_TRY(const BecomeDialogue::Step step, dialogue_->feed(chunk.source == Source::err, chunk.bytes));
        if (step.ask == BecomeDialogue::Ask::password) HERDER_CO_TRY_VOID(co_await send_password(process));
        if (dialogue_->started()) input.spawn(feed_input(&process, preamble, input.deadline()));
        chunk.bytes = step.pass;
        if (chunk.bytes.empty()) continue;
      }
      (chunk.source == Source::out ? result.out : result.err).bytes += chunk.bytes.size();
      HERDER_CO_TRY_VOID(co_await shard_.events->send(
          Output{.host = index_, .stream = chunk.source == Source::out ? Stream::out : Stream::err, .bytes = std::move(chunk.bytes)},
          deadline_));
    }
    if (dialogue_ && !dialogue_->started()) co_return std::unexpected(dialogue_->refusal());
    co_return co_await process.wait(deadline_);
  }

  Async<Result<>> send_password(Process& process) {
    std::string line(shard_.plan->become->password->reveal());
    line += '\n';
    Result<> sent = co_await process.write(line, deadline_);
    wipe(line);
    co_return sent;
  }

  /// A command that closes its input early is not a failure: what is left is dropped.
  Async<void> feed_input(Process* process, std::string preamble, Deadline deadline) {
    bool open = preamble.empty() || (co_await process->write(preamble, deadline)).has_value();
    std::string piece;
    for (std::uint64_t at = 0; open && shard_.plan->input && at < shard_.plan->input->bytes;) {
      piece.resize(input_piece_bytes);
      const ssize_t got = ::pread(shard_.plan->input->fd.get(), piece.data(), piece.size(), static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      piece.resize(static_cast<std::size_t>(got));
      at += static_cast<std::uint64_t>(got);
      open = (co_await process->write(piece, deadline)).has_value();
    }
    (void)co_await process->close_input(deadline);
  }

  ExecShard shard_;
  HostIndex index_;
  Deadline deadline_;
  std::optional<BecomeDialogue> dialogue_;
};

Status status_of(const Attempt& attempt) {
  if (attempt.exit) return attempt.exit->code == 0 ? Status::ok : Status::failed;
  const Errc code = attempt.exit.error().code;
  if (code == Errc::cancelled) return Status::cancelled;
  if (attempt.phase == Phase::connecting || code == Errc::unreachable) return Status::unreachable;
  if (code == Errc::timeout) return Status::timeout;
  return Status::failed;
}

/// Only what cannot have begun over there is repeated, and only when another try may help.
bool worth_another_try(const Attempt& attempt) {
  if (attempt.exit || attempt.phase == Phase::running) return false;
  const Errc code = attempt.exit.error().code;
  return code == Errc::unreachable || (code == Errc::timeout && attempt.phase == Phase::connecting) || code == Errc::limit;
}

Duration retry_wait(unsigned attempt, std::uint64_t seed) {
  const Duration full = std::min<Duration>(first_retry_wait * (1U << std::min(attempt, 6U)), last_retry_wait);
  const std::uint64_t mixed = (seed + attempt) * 0x9e3779b97f4a7c15U;
  return full / 2 + Duration(static_cast<std::int64_t>((mixed >> 33U) % static_cast<std::uint64_t>(full.count() / 2)));
}

}  // namespace

Async<void> exec_on_host(ExecShard shard, HostIndex index, Deadline deadline, std::uint64_t seed) {
  const unsigned most = 1 + shard.plan->retries;
  for (unsigned number = 1;; ++number) {
    const TimePoint begun = async::Loop::current().now();
    shard.events->send_now(HostStarted{.host = index, .attempt = number, .at = begun});
    const bool limited = shard.plan->timeout > Duration::zero();
    HostRun run(shard, index, limited ? deadline.within(shard.plan->timeout) : deadline);
    Attempt attempt = co_await run.attempt();
    const TimePoint now = async::Loop::current().now();
    if (number < most && worth_another_try(attempt) && !deadline.cancelled()) {
      const Duration wait = retry_wait(number, seed);
      shard.events->send_now(HostRetrying{.host = index, .attempt = number, .reason = attempt.exit.error(), .wait = wait});
      if (co_await async::sleep_for(wait, deadline)) continue;
      attempt.exit = std::unexpected(error(Errc::cancelled, "stopped while waiting for another attempt"));
    }
    HostFinished finished{.host = index, .status = status_of(attempt), .attempts = number, .at = now, .took = now - begun,
                          .out = attempt.out, .err = attempt.err};
    if (attempt.exit) {
      finished.exit_code = attempt.exit->code;
      finished.signal = attempt.exit->signal;
    } else {
      finished.error = std::move(attempt.exit).error();
      if (finished.error->code == Errc::timeout && finished.status == Status::timeout)
        finished.error->what = fmt::format("timed out after {}", format_duration(shard.plan->timeout));
    }
    shard.events->send_now(std::move(finished));
    co_return;
  }
}

}  // namespace herder::engine
