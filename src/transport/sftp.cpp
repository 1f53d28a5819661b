#include "transport/sftp.hpp"

#include <unordered_map>

#include "async/scope.hpp"
#include "async/sync.hpp"
#include "base/text.hpp"
#include "transport/sftp_packet.hpp"

namespace herder::transport {
namespace {

using sftp::Packet;
using sftp::Reader;
using sftp::Writer;

constexpr std::size_t most_packet_bytes = 256 << 10;
constexpr std::size_t most_entries = 1'000'000;
constexpr std::uint32_t protocol_version = 3;

std::unexpected<Error> broken() { return fail(Errc::unreachable, "the SFTP server broke the protocol"); }

/// One path component that means itself.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

struct Answer {
  Packet type{};
  std::string payload;  // behind the id
};

/// A request that waits for its answer. Lives in the frame of call().
struct Pending {
  std::optional<Answer> answer;
  std::optional<Error> lost;
  async::Waiter* waiter = nullptr;
};

class SftpClient final : public Sftp {
 public:
  explicit SftpClient(std::unique_ptr<Process> process) : process_(std::move(process)) {}

  Async<Result<>> begin(Deadline deadline) {
    Writer hello;
    hello.number(5).byte(static_cast<std::uint8_t>(Packet::init)).number(protocol_version);
    HERDER_CO_TRY_VOID(co_await process_->write(hello.bytes(), deadline));
    HERDER_CO_TRY(const std::string packet, co_await next_packet(deadline));
    Reader fields(packet);
    if (fields.byte() != static_cast<std::uint8_t>(Packet::version) || fields.number() < protocol_version) co_return broken();
    while (fields.ok() && !fields.empty()) {
      const std::string_view name = fields.text();
      (void)fields.text();
      posix_rename_ |= name == "posix-rename@openssh.com";
    }
    reading_.spawn(read_answers(reading_.deadline()));
    co_return Result<>{};
  }

  Async<void> close() override {
    reading_.cancel("the SFTP conversation is over");
    co_await reading_.join();
    process_.reset();
  }

  Async<Result<FileAttributes>> stat(std::string path, Deadline deadline) override {
    co_return co_await attributes_of(Packet::stat, std::move(path), std::move(deadline));
  }
  Async<Result<FileAttributes>> lstat(std::string path, Deadline deadline) override {
    co_return co_await attributes_of(Packet::lstat, std::move(path), std::move(deadline));
  }

  Async<Result<>> set_attributes(std::string path, FileAttributes to, Deadline deadline) override {
    co_return co_await command(Packet::setstat, Writer().text(path).attributes(to), "set the attributes of " + path, std::move(deadline));
  }

  Async<Result<std::string>> open_file(std::string path, SftpOpen how, std::uint32_t mode, Deadline deadline) override {
    constexpr std::uint32_t read = 1, write = 2, create = 8, truncate = 16, exclusive = 32;
    const std::uint32_t flags = how == SftpOpen::read        ? read
                                : how == SftpOpen::write_new ? write | create | exclusive
                                                             : write | create | truncate;
    FileAttributes attributes;
    if (how != SftpOpen::read) attributes.mode = mode;
    co_return co_await handle_from(Packet::open, Writer().text(path).number(flags).attributes(attributes), "open " + path, std::move(deadline));
  }

  Async<Result<std::string>> read(std::string handle, std::uint64_t offset, std::uint32_t most, Deadline deadline) override {
    HERDER_CO_TRY(const Answer answer,
                  co_await call(Packet::read, Writer().text(handle).big(offset).number(std::min(most, piece_bytes)), std::move(deadline)));
    Reader fields(answer.payload);
    if (answer.type == Packet::status) {
      if (fields.number() == static_cast<std::uint32_t>(sftp::Code::end_of_file)) co_return std::string();
      co_return std::unexpected(sftp::status_error(Reader(answer.payload), "read"));
    }
    const std::string_view bytes = fields.text();
    if (answer.type != Packet::data || !fields.ok() || bytes.size() > most || bytes.empty()) co_return broken();
    co_return std::string(bytes);
  }

  Async<Result<>> write(std::string handle, std::uint64_t offset, std::string_view bytes, Deadline deadline) override {
    HERDER_ASSERT(bytes.size() <= piece_bytes);
    co_return co_await command(Packet::write, Writer().text(handle).big(offset).text(bytes), "write", std::move(deadline));
  }

  Async<Result<>> close_handle(std::string handle, Deadline deadline) override {
    co_return co_await command(Packet::close, Writer().text(handle), "close", std::move(deadline));
  }

  Async<Result<std::vector<DirectoryEntry>>> list(std::string path, Deadline deadline) override {
    HERDER_CO_TRY(const std::string handle, co_await handle_from(Packet::opendir, Writer().text(path), "list " + path, deadline));
    std::vector<DirectoryEntry> out;
    for (;;) {
      HERDER_CO_TRY(const Answer answer, co_await call(Packet::readdir, Writer().text(handle), deadline));
      Reader fields(answer.payload);
      if (answer.type == Packet::status) {
        if (fields.number() == static_cast<std::uint32_t>(sftp::Code::end_of_file)) break;
        co_return std::unexpected(sftp::status_error(Reader(answer.payload), "list " + path));
      }
      if (answer.type != Packet::name) co_return broken();
      HERDER_CO_TRY_VOID(take_names(fields, out));
    }
    HERDER_CO_TRY_VOID(co_await close_handle(handle, deadline));
    co_return out;
  }

  Async<Result<>> make_directory(std::string path, std::uint32_t mode, Deadline deadline) override {
    co_return co_await command(Packet::mkdir, Writer().text(path).attributes({.size = {}, .mode = mode, .mtime = {}}),
                               "make the directory " + path, std::move(deadline));
  }

  Async<Result<>> remove(std::string path, Deadline deadline) override {
    co_return co_await command(Packet::remove, Writer().text(path), "remove " + path, std::move(deadline));
  }

  Async<Result<>> rename(std::string from, std::string to, Deadline deadline) override {
    const std::string doing = fmt::format("rename {} to {}", from, to);
    if (posix_rename_)
      co_return co_await command(Packet::extended, Writer().text("posix-rename@openssh.com").text(from).text(to), doing, std::move(deadline));
    const Result<> first = co_await command(Packet::rename, Writer().text(from).text(to), doing, deadline);
    if (first || first.error().code != Errc::io) co_return first;
    HERDER_CO_TRY_VOID(co_await remove(to, deadline));  // version 3 does not replace
    co_return co_await command(Packet::rename, Writer().text(from).text(to), doing, deadline);
  }

  Async<Result<>> make_link(std::string path, std::string target, Deadline deadline) override {
    // OpenSSH's server takes these two the other way round than the draft says, and so does everybody now.
    co_return co_await command(Packet::symlink, Writer().text(target).text(path), "make the link " + path, std::move(deadline));
  }

 private:
  static Result<> take_names(Reader& fields, std::vector<DirectoryEntry>& out) {
    for (std::uint32_t left = fields.number(); left > 0 && fields.ok(); --left) {
      DirectoryEntry entry{.name = std::string(fields.text()), .attributes = {}};
      (void)fields.text();  // the line of `ls -l`
      entry.attributes = fields.attributes();
      if (entry.name == "." || entry.name == "..") continue;
      if (!is_plain_name(entry.name)) return fail(Errc::denied, "the server sent '{}' as a file name", text::printable(entry.name));
      if (out.size() >= most_entries) return fail(Errc::limit, "a directory has more than {} entries", most_entries);
      out.push_back(std::move(entry));
    }
    if (!fields.ok()) return broken();
    return {};
  }

  Async<Result<FileAttributes>> attributes_of(Packet type, std::string path, Deadline deadline) {
    HERDER_CO_TRY(const Answer answer, co_await call(type, Writer().text(path), std::move(deadline)));
    Reader fields(answer.payload);
    if (answer.type == Packet::status) co_return std::unexpected(sftp::status_error(fields, "look at " + path));
    const FileAttributes out = fields.attributes();
    if (answer.type != Packet::attributes || !fields.ok()) co_return broken();
    co_return out;
  }

  Async<Result<std::string>> handle_from(Packet type, Writer request, std::string doing, Deadline deadline) {
    HERDER_CO_TRY(const Answer answer, co_await call(type, std::move(request), std::move(deadline)));
    Reader fields(answer.payload);
    if (answer.type == Packet::status) co_return std::unexpected(sftp::status_error(fields, doing));
    std::string handle(fields.text());
    if (answer.type != Packet::handle || !fields.ok() || handle.size() > 256) co_return broken();
    co_return handle;
  }

  Async<Result<>> command(Packet type, Writer request, std::string doing, Deadline deadline) {
    HERDER_CO_TRY(const Answer answer, co_await call(type, std::move(request), std::move(deadline)));
    if (answer.type != Packet::status) co_return broken();
    if (Reader(answer.payload).number() == static_cast<std::uint32_t>(sftp::Code::ok)) co_return Result<>{};
    co_return std::unexpected(sftp::status_error(Reader(answer.payload), doing));
  }

  Async<Result<Answer>> call(Packet type, Writer request, Deadline deadline) {
    if (failure_) co_return std::unexpected(*failure_);
    const std::uint32_t id = ++last_id_;
    Writer packet;
    packet.number(static_cast<std::uint32_t>(request.bytes().size() + 5)).byte(static_cast<std::uint8_t>(type)).number(id);
    Pending pending;
    async::Waiter waiter(deadline);
    pending.waiter = &waiter;
    pending_[id] = &pending;
    // Whole packets, one after the other: writers take turns.
    Result<> ended = co_await turn_.acquire(deadline);
    if (ended) {
      const async::Permit permit(turn_);
      const std::string bytes = packet.bytes() + request.bytes();
      ended = co_await process_->write(bytes, deadline);
    }
    if (ended) ended = co_await waiter;
    pending_.erase(id);
    if (pending.answer) co_return *std::move(pending.answer);
    if (pending.lost) co_return std::unexpected(*pending.lost);
    co_return std::unexpected(ended.error());
  }

  Async<void> read_answers(Deadline deadline) {
    for (;;) {
      auto packet = co_await next_packet(deadline);
      if (!packet) {
        failure_ = packet.error();
        break;
      }
      Reader fields(*packet);
      const auto type = static_cast<Packet>(fields.byte());
      const auto it = pending_.find(fields.number());
      if (!fields.ok() || it == pending_.end() || it->second->answer) continue;  // an answer to what nobody waits for any more
      it->second->answer = Answer{.type = type, .payload = packet->substr(5)};
      it->second->waiter->notify();
    }
    for (const auto& [id, pending] : pending_) {
      if (pending->answer) continue;
      pending->lost = failure_;
      pending->waiter->notify();
    }
  }

  /// One packet without its length.
  Async<Result<std::string>> next_packet(Deadline deadline) {
    for (;;) {
      if (buffer_.size() >= 4) {
        const std::size_t length = Reader(buffer_).number();
        if (length < 5 || length > most_packet_bytes) co_return broken();
        if (buffer_.size() >= 4 + length) {
          std::string packet = buffer_.substr(4, length);
          buffer_.erase(0, 4 + length);
          co_return packet;
        }
      }
      HERDER_CO_TRY(Chunk chunk, co_await process_->read(deadline));
      if (chunk.end) co_return fail(Errc::unsupported, "no SFTP server answers there");
      if (chunk.source == Source::out) buffer_ += chunk.bytes;
    }
  }

  std::unique_ptr<Process> process_;
  async::Scope reading_;
  async::Limiter turn_{1};
  std::unordered_map<std::uint32_t, Pending*> pending_;
  std::uint32_t last_id_ = 0;
  std::string buffer_;
  bool posix_rename_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Async<Result<std::unique_ptr<Sftp>>> Sftp::open(Session& session, Deadline deadline) {
  HERDER_CO_TRY(auto process, co_await session.start({.line = {}, .subsystem = "sftp", .env = {}, .pty = false}, deadline));
  auto client = std::make_unique<SftpClient>(std::move(process));
  const Result<> begun = co_await client->begin(std::move(deadline));
  if (!begun) {
    co_await client->close();
    co_return std::unexpected(begun.error());
  }
  co_return std::unique_ptr<Sftp>(std::move(client));
}

}  // namespace herder::transport
