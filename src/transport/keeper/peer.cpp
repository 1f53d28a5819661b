#include "transport/keeper/peer.hpp"

#include <deque>
#include <functional>

namespace herder::transport::keeper {

struct Peer::SessionEntry {
  std::unique_ptr<Lease> lease;
};

struct Peer::ProcessEntry {
  ProcessEntry(std::shared_ptr<SessionEntry> on, Deadline outer) : session(std::move(on)), scope(std::move(outer)) {}

  std::shared_ptr<SessionEntry> session;
  async::Scope scope;
  Process* process = nullptr;
  std::uint64_t output_credit = window_bytes;
  async::WaitQueue credit;
  std::deque<std::string> input;  // bounded by the window that the client was given
  std::uint64_t input_bytes = 0;
  bool input_end = false;
  async::WaitQueue input_work;
};

namespace {

constexpr std::size_t most_output_frame_bytes = 64 << 10;

Error broken_message() { return error(Errc::bug, "a message to the keeper makes no sense"); }

Deadline within_ms(const Deadline& outer, std::int64_t ms) {
  return ms <= 0 ? outer : outer.within(std::chrono::milliseconds(ms));
}

}  // namespace

Peer::Peer(UniqueFd socket, Pool& pool, std::uint64_t loops, std::uint64_t index)
    : link_(std::move(socket)), pool_(&pool), loops_(loops), index_(index) {}

Peer::~Peer() = default;

Async<void> Peer::serve(Deadline deadline) {
  async::Scope writing;
  writing.spawn(link_.run_writer(writing.deadline()));
  link_.send(Message::hello, 0, wire::Packer().number(loops_).number(index_).bytes());
  const Result<> ended = co_await read_frames(std::move(deadline));
  if (!ended) report(Message::session_gone, 0, ended.error());
  for (const auto& [id, entry] : processes_) entry->scope.cancel("the client is gone");
  scope_.cancel("the client is gone");
  co_await scope_.join();
  processes_.clear();
  sessions_.clear();
  link_.close();
  writing.cancel("the client is gone");
  co_await writing.join();
}

Async<Result<>> Peer::read_frames(Deadline deadline) {
  for (;;) {
    HERDER_CO_TRY(const std::optional<wire::Frame> frame, co_await link_.receive(deadline));
    if (!frame) co_return Result<>{};
    HERDER_CO_TRY_VOID(handle(*frame));
  }
}

Result<> Peer::handle(const wire::Frame& frame) {
  wire::Unpacker fields(frame.payload);
  switch (static_cast<Message>(frame.type)) {
    case Message::credentials: {
      auto credentials = unpack_credentials(fields);
      if (!fields.finished()) return std::unexpected(broken_message());
      // Tells connections of different credentials apart; keeps no secret.
      std::string digest = wire::Packer().number(std::hash<std::string_view>{}(frame.payload)).bytes();
      credentials_[frame.id] = {std::move(credentials), std::move(digest)};
      return {};
    }
    case Message::open: return handle_open(frame.id, fields);
    case Message::start: return handle_start(frame.id, fields);
    case Message::release: sessions_.erase(frame.id); return {};
    default: return handle_for_process(static_cast<Message>(frame.type), frame.id, fields);
  }
}

Result<> Peer::handle_open(std::uint64_t id, wire::Unpacker fields) {
  const auto known = credentials_.find(fields.number());
  const std::int64_t ms = fields.signed_number();
  const std::string_view target_bytes = fields.text();
  if (known == credentials_.end() || !fields.finished() || sessions_.contains(id)) return std::unexpected(broken_message());
  wire::Unpacker target_fields(target_bytes);
  auto target = unpack_target(target_fields, known->second.first);
  if (!target || !target_fields.finished()) return std::unexpected(broken_message());
  sessions_[id] = std::make_shared<SessionEntry>();
  scope_.spawn(open(id, known->second.second + std::string(target_bytes), std::move(target), within_ms(scope_.deadline(), ms)));
  return {};
}

Async<void> Peer::open(std::uint64_t id, std::string key, std::shared_ptr<const Target> target, Deadline deadline) {
  auto lease = co_await pool_->get(std::move(key), std::move(target), std::move(deadline));
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) co_return;  // released meanwhile
  if (!lease) {
    sessions_.erase(it);
    report(Message::session_gone, id, lease.error());
    co_return;
  }
  it->second->lease = std::move(*lease);
  link_.send(Message::opened, id, wire::Packer().text(it->second->lease->session().describe()).truth(it->second->lease->reused()).bytes());
}

Result<> Peer::handle_start(std::uint64_t id, wire::Unpacker fields) {
  const auto session = sessions_.find(fields.number());
  const std::int64_t ms = fields.signed_number();
  Command command = unpack_command(fields);
  if (!fields.finished() || processes_.contains(id)) return std::unexpected(broken_message());
  if (session == sessions_.end() || !session->second->lease) {
    report(Message::process_gone, id, error(Errc::unreachable, "the connection is gone"));
    return {};
  }
  auto entry = std::make_shared<ProcessEntry>(session->second, scope_.deadline());
  processes_[id] = entry;
  scope_.spawn(run(id, entry, std::move(command), within_ms(entry->scope.deadline(), ms)));
  return {};
}

Result<> Peer::handle_for_process(Message type, std::uint64_t id, wire::Unpacker fields) {
  const auto it = processes_.find(id);
  // A process that has just ended may still be spoken to: that is no mistake.
  const std::shared_ptr<ProcessEntry> entry = it == processes_.end() ? nullptr : it->second;
  switch (type) {
    case Message::input: {
      const std::string_view bytes = fields.rest();
      if (!entry) return {};
      entry->input_bytes += bytes.size();
      if (entry->input_bytes > 2 * window_bytes) return std::unexpected(broken_message());
      entry->input.emplace_back(bytes);
      entry->input_work.wake_all();
      return {};
    }
    case Message::input_end:
      if (entry) {
        entry->input_end = true;
        entry->input_work.wake_all();
      }
      return {};
    case Message::credit:
      if (entry) {
        entry->output_credit += std::min<std::uint64_t>(fields.number(), window_bytes);
        entry->credit.wake_all();
      }
      return {};
    case Message::signal:
      if (entry && entry->process != nullptr) entry->process->signal(fields.text());
      return {};
    case Message::drop:
      if (entry) entry->scope.cancel("no longer wanted");
      return {};
    default: return std::unexpected(broken_message());
  }
}

Async<void> Peer::run(std::uint64_t id, std::shared_ptr<ProcessEntry> entry, Command command, Deadline start_deadline) {
  auto process = co_await entry->session->lease->session().start(std::move(command), std::move(start_deadline));
  if (!process) {
    report(Message::process_gone, id, process.error());
  } else {
    entry->process = process->get();
    link_.send(Message::started, id);
    async::Scope input(entry->scope.deadline());
    input.spawn(pass_input(id, entry, process->get(), input.deadline()));
    const Result<> passed = co_await pass_output(id, *entry, **process);
    input.cancel("the command has ended");
    co_await input.join();
    if (!passed) report(Message::process_gone, id, passed.error());
    entry->process = nullptr;
  }
  processes_.erase(id);
}

Async<Result<>> Peer::pass_output(std::uint64_t id, ProcessEntry& entry, Process& process) {
  const Deadline deadline = entry.scope.deadline();
  for (;;) {
    HERDER_CO_TRY(const Chunk chunk, co_await process.read(deadline));
    if (chunk.end) break;
    for (std::string_view left = chunk.bytes; !left.empty();) {
      while (entry.output_credit == 0) HERDER_CO_TRY_VOID(co_await entry.credit.wait(deadline));
      HERDER_CO_TRY_VOID(co_await link_.room(deadline));
      const std::string_view piece = left.substr(0, std::min<std::uint64_t>(entry.output_credit, most_output_frame_bytes));
      entry.output_credit -= piece.size();
      left.remove_prefix(piece.size());
      link_.send(Message::output, id, wire::Packer().truth(chunk.source == Source::err).text(piece).bytes());
    }
  }
  link_.send(Message::output_end, id);
  HERDER_CO_TRY(const Exit exit, co_await process.wait(deadline));
  wire::Packer fields;
  pack_exit(fields, exit);
  link_.send(Message::exit, id, fields.bytes());
  co_return Result<>{};
}

Async<void> Peer::pass_input(std::uint64_t id, std::shared_ptr<ProcessEntry> entry, Process* process, Deadline deadline) {
  bool open = true;
  for (;;) {
    while (entry->input.empty() && !entry->input_end)
      if (!co_await entry->input_work.wait(deadline)) co_return;
    if (entry->input.empty()) break;
    const std::string piece = std::move(entry->input.front());
    entry->input.pop_front();
    // A program that closed its input does not stop the client from sending: the rest is dropped here, as in a pipe to `head`.
    if (open) open = (co_await process->write(piece, deadline)).has_value();
    entry->input_bytes -= piece.size();
    link_.send(Message::credit, id, wire::Packer().number(piece.size()).bytes());
  }
  if (open) (void)co_await process->close_input(deadline);
}

void Peer::report(Message type, std::uint64_t id, const Error& failure) {
  wire::Packer fields;
  pack_error(fields, failure);
  link_.send(type, id, fields.bytes());
}

}  // namespace herder::transport::keeper
