#include "engine/transfer_remote.hpp"

#include "base/text.hpp"

namespace herder::engine {
namespace {

constexpr std::size_t most_line_bytes = 60 << 10;   // of a command line with paths
constexpr std::size_t most_answer_bytes = 1 << 20;
constexpr std::size_t sha256_digits = 64;

Async<Result<std::string>> output_of(transport::Session& session, std::string line, Deadline deadline) {
  HERDER_CO_TRY(const auto process, co_await session.start({.line = std::move(line), .subsystem = {}, .env = {}, .pty = false}, deadline));
  HERDER_CO_TRY_VOID(co_await process->close_input(deadline));
  std::string out;
  for (;;) {
    HERDER_CO_TRY(transport::Chunk chunk, co_await process->read(deadline));
    if (chunk.end) break;
    if (chunk.source == transport::Source::out) out += chunk.bytes;
    if (out.size() > most_answer_bytes) co_return fail(Errc::limit, "sha256sum printed more than {} bytes", most_answer_bytes);
  }
  HERDER_CO_TRY(const transport::Exit exit, co_await process->wait(deadline));
  if (exit.code == 127) co_return std::unexpected(error(Errc::unsupported, "there is no sha256sum on the host").hint("leave --checksum out"));
  co_return out;
}

}  // namespace

Async<Result<std::map<std::string, std::string>>> remote_checksums(transport::Session& session, std::vector<std::string> paths,
                                                                   Deadline deadline) {
  std::map<std::string, std::string> out;
  for (std::size_t next = 0; next < paths.size();) {
    // -z: names as they are, without escapes, each record ended by a zero byte; in the order in which they were asked for.
    std::string line = "sha256sum -z --";
    while (next < paths.size() && line.size() < most_line_bytes) {
      const std::string& path = paths[next++];
      line += " " + text::shell_quote(path.starts_with('-') ? "./" + path : path);
    }
    HERDER_CO_TRY(const std::string answer, co_await output_of(session, line + " 2>/dev/null", deadline));
    for (const std::string_view record : text::split(answer, '\0')) {
      if (record.size() <= sha256_digits + 2) continue;
      std::string_view name = record.substr(sha256_digits + 2);
      if (name.starts_with("./-")) name.remove_prefix(2);
      out.emplace(name, record.substr(0, sha256_digits));
    }
  }
  co_return out;
}

Async<void> Jobs::run(Async<Result<>> job) {
  const async::Permit permit(limiter_);
  Result<> outcome = co_await std::move(job);
  if (!outcome && result_) {
    result_ = std::move(outcome);
    scope_.cancel("another part of the copy failed");
  }
}

Async<void> Jobs::add(Async<Result<>> job) {
  (void)co_await limiter_.acquire({});
  if (failed()) limiter_.release();
  else scope_.spawn(run(std::move(job)));
}

Async<Result<>> Jobs::finish() {
  co_await scope_.join();
  co_return std::move(result_);
}

}  // namespace herder::engine
