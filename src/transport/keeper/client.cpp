#include "transport/keeper/client.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <deque>
#include <map>
#include <unordered_map>

#include "async/scope.hpp"
#include "transport/keeper/link.hpp"

namespace herder::transport::keeper {
namespace {

Error keeper_lost() {
  return error(Errc::unreachable, "the connection to the keeper process is lost").hint("run again; --no-keep works without a keeper");
}

/// What waits for answers about one session or process.
struct Pending {
  virtual ~Pending() = default;
  /// Errors: the message makes no sense.
  virtual Result<> take(Message type, wire::Unpacker fields) = 0;
  virtual void lost(const Error& why) = 0;
};

/// One socket to the keeper: requests out, answers to whom they belong.
class Channel {
 public:
  explicit Channel(UniqueFd socket) : link_(std::move(socket)) {}

  Async<Result<>> begin(Deadline deadline) {
    scope_.spawn(link_.run_writer(scope_.deadline()));
    auto frame = co_await link_.receive(std::move(deadline));
    if (!frame || !*frame || (*frame)->type != static_cast<std::uint8_t>(Message::hello)) co_return std::unexpected(keeper_lost());
    wire::Unpacker fields((*frame)->payload);
    loops_ = fields.number();
    index_ = fields.number();
    if (!fields.finished() || loops_ == 0 || loops_ > 1024 || index_ >= loops_) co_return std::unexpected(keeper_lost());
    scope_.spawn(read(scope_.deadline()));
    co_return Result<>{};
  }

  Async<void> end() {
    link_.close();
    scope_.cancel("done");
    co_await scope_.join();
  }

  Link& link() { return link_; }
  [[nodiscard]] bool alive() const noexcept { return alive_; }
  [[nodiscard]] std::uint64_t loops() const noexcept { return loops_; }
  [[nodiscard]] std::uint64_t index() const noexcept { return index_; }

  std::uint64_t add(Pending* pending) {
    pending_[++last_id_] = pending;
    return last_id_;
  }
  void remove(std::uint64_t id) { pending_.erase(id); }

  /// The keeper's number for these credentials; sends them when it does not know them yet.
  std::uint64_t credentials_id(const std::shared_ptr<const Credentials>& credentials) {
    const auto [it, fresh] = credentials_.try_emplace(credentials, credentials_.size() + 1);
    if (fresh) {
      wire::Packer fields;
      static const Credentials none;
      pack_credentials(fields, credentials ? *credentials : none);
      link_.send(Message::credentials, it->second, fields.bytes());
    }
    return it->second;
  }

 private:
  Async<void> read(Deadline deadline) {
    Error why = keeper_lost();
    for (;;) {
      const auto frame = co_await link_.receive(deadline);
      if (!frame || !*frame) break;
      const auto it = pending_.find((*frame)->id);
      if (it == pending_.end()) continue;  // an answer to what is no longer wanted
      if (!it->second->take(static_cast<Message>((*frame)->type), wire::Unpacker((*frame)->payload))) break;
    }
    alive_ = false;
    const auto all = pending_;
    for (const auto& [id, pending] : all) pending->lost(why);
  }

  Link link_;
  async::Scope scope_;
  std::uint64_t loops_ = 1;
  std::uint64_t index_ = 0;
  bool alive_ = true;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Pending*> pending_;
  std::map<std::shared_ptr<const Credentials>, std::uint64_t> credentials_;
};

std::int64_t ms_left(const Deadline& deadline) {
  if (deadline.is_never()) return 0;
  return std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(deadline.left()).count());
}

class KeptProcess final : public Process, public Pending {
 public:
  explicit KeptProcess(std::shared_ptr<Channel> channel) : channel_(std::move(channel)), id_(channel_->add(this)) {}
  ~KeptProcess() override {
    channel_->remove(id_);
    if (!exit_ && !failure_) channel_->link().send(Message::drop, id_);
  }

  Async<Result<>> start(std::uint64_t session, const Command& command, Deadline deadline) {
    wire::Packer fields;
    fields.number(session).signed_number(ms_left(deadline));
    pack_command(fields, command);
    channel_->link().send(Message::start, id_, fields.bytes());
    while (!started_ && !failure_) HERDER_CO_TRY_VOID(co_await changed_.wait(deadline));
    if (failure_) co_return std::unexpected(*failure_);
    co_return Result<>{};
  }

  Async<Result<Chunk>> read(Deadline deadline) override {
    while (chunks_.empty()) {
      if (output_end_) co_return Chunk{.end = true};
      if (failure_) co_return std::unexpected(*failure_);
      HERDER_CO_TRY_VOID(co_await changed_.wait(deadline));
    }
    Chunk chunk = std::move(chunks_.front());
    chunks_.pop_front();
    consumed_ += chunk.bytes.size();
    if (consumed_ >= window_bytes / 2) {
      channel_->link().send(Message::credit, id_, wire::Packer().number(std::exchange(consumed_, 0)).bytes());
    }
    co_return chunk;
  }

  Async<Result<>> write(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      while (input_credit_ == 0 && !exit_ && !failure_) HERDER_CO_TRY_VOID(co_await credit_.wait(deadline));
      if (failure_) co_return std::unexpected(*failure_);
      if (exit_) co_return fail(Errc::io, "its input is closed");
      const std::string_view piece = bytes.substr(0, std::min<std::uint64_t>(input_credit_, std::uint64_t{64} << 10U));
      HERDER_CO_TRY_VOID(co_await channel_->link().room(deadline));
      input_credit_ -= piece.size();
      bytes.remove_prefix(piece.size());
      channel_->link().send(Message::input, id_, piece);
    }
    co_return Result<>{};
  }

  Async<Result<>> close_input(Deadline) override {
    channel_->link().send(Message::input_end, id_);
    co_return Result<>{};
  }

  Async<Result<Exit>> wait(Deadline deadline) override {
    while (!exit_ && !failure_) HERDER_CO_TRY_VOID(co_await changed_.wait(deadline));
    if (exit_) co_return *exit_;
    co_return std::unexpected(*failure_);
  }

  void signal(std::string_view name) override { channel_->link().send(Message::signal, id_, wire::Packer().text(name).bytes()); }

  Result<> take(Message type, wire::Unpacker fields) override {
    switch (type) {
      case Message::started: started_ = true; break;
      case Message::output: {
        const Source source = fields.truth() ? Source::err : Source::out;
        chunks_.push_back({.source = source, .end = false, .bytes = std::string(fields.text())});
        break;
      }
      case Message::output_end: output_end_ = true; break;
      case Message::exit: exit_ = unpack_exit(fields); break;
      case Message::credit: input_credit_ += std::min<std::uint64_t>(fields.number(), window_bytes); break;
      case Message::process_gone: failure_ = unpack_error(fields); break;
      default: return std::unexpected(keeper_lost());
    }
    changed_.wake_all();
    credit_.wake_all();
    return {};
  }

  void lost(const Error& why) override {
    if (!failure_) failure_ = why;
    changed_.wake_all();
    credit_.wake_all();
  }

 private:
  std::shared_ptr<Channel> channel_;
  std::uint64_t id_;
  bool started_ = false;
  bool output_end_ = false;
  std::deque<Chunk> chunks_;  // bounded by the window
  std::uint64_t consumed_ = 0;
  std::uint64_t input_credit_ = window_bytes;
  std::optional<Exit> exit_;
  std::optional<Error> failure_;
  async::WaitQueue changed_;
  async::WaitQueue credit_;
};

class KeptSession final : public Session, public Pending {
 public:
  explicit KeptSession(std::shared_ptr<Channel> channel) : channel_(std::move(channel)), id_(channel_->add(this)) {}
  ~KeptSession() override {
    channel_->remove(id_);
    channel_->link().send(Message::release, id_);
  }

  Async<Result<>> open(const Target& target, Deadline deadline) {
    wire::Packer bytes;
    pack_target(bytes, target);
    const std::uint64_t credentials = channel_->credentials_id(target.credentials);
    channel_->link().send(Message::open, id_,
                          wire::Packer().number(credentials).signed_number(ms_left(deadline)).text(bytes.bytes()).bytes());
    while (!open_ && !failure_) HERDER_CO_TRY_VOID(co_await changed_.wait(deadline));
    if (failure_) co_return std::unexpected(*failure_);
    co_return Result<>{};
  }

  Async<Result<std::unique_ptr<Process>>> start(Command command, Deadline deadline) override {
    auto process = std::make_unique<KeptProcess>(channel_);
    HERDER_CO_TRY_VOID(co_await process->start(id_, command, std::move(deadline)));
    co_return std::unique_ptr<Process>(std::move(process));
  }
  [[nodiscard]] bool alive() const override { return !failure_ && channel_->alive(); }
  [[nodiscard]] std::string describe() const override { return description_; }
  Async<void> close(Deadline) override { co_return; }  // the keeper keeps it: that is the point

  Result<> take(Message type, wire::Unpacker fields) override {
    if (type == Message::opened) {
      open_ = true;
      description_ = fields.text();
      description_ += fields.truth() ? " (kept connection)" : " (new connection in the keeper)";
    } else if (type == Message::session_gone) {
      failure_ = unpack_error(fields);
    } else {
      return std::unexpected(keeper_lost());
    }
    changed_.wake_all();
    return {};
  }
  void lost(const Error& why) override {
    failure_ = why;
    changed_.wake_all();
  }

 private:
  std::shared_ptr<Channel> channel_;
  std::uint64_t id_;
  bool open_ = false;
  std::string description_;
  std::optional<Error> failure_;
  async::WaitQueue changed_;
};

class KeeperConnector final : public Connector {
 public:
  explicit KeeperConnector(ClientSettings settings) : settings_(std::move(settings)) {}

  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    HERDER_CO_TRY(const std::shared_ptr<Channel> channel, co_await channel_for(*target, deadline));
    auto session = std::make_shared<KeptSession>(channel);
    // The keeper bounds the attempt by the connect timeout itself; what is given here is the command's own deadline.
    HERDER_CO_TRY_VOID(co_await session->open(*target, std::move(deadline)));
    co_return std::shared_ptr<Session>(std::move(session));
  }

  Async<void> close() override {
    for (const auto& channel : channels_)
      if (channel) co_await channel->end();
    channels_.clear();
  }

 private:
  /// The keeper has several loops; a host always goes to the same one, so that its connection is found again.
  Async<Result<std::shared_ptr<Channel>>> channel_for(const Target& target, Deadline deadline) {
    HERDER_CO_TRY_VOID(co_await open_channels(deadline));
    wire::Packer key;
    key.text(target.address).signed_number(target.port);
    co_return channels_[std::hash<std::string>{}(key.bytes()) % channels_.size()];
  }

  /// The first socket tells how many loops there are; the keeper hands out sockets to its loops in turn.
  Async<Result<>> open_channels(Deadline deadline) {
    HERDER_CO_TRY_VOID(co_await opening_.acquire(deadline));
    const async::Permit permit(opening_);
    if (failed_) co_return std::unexpected(*failed_);
    while (channels_.empty() || missing() > 0) {
      auto opened = co_await open_one(deadline);
      if (!opened) {
        if (opened.error().code == Errc::unreachable) failed_ = opened.error();
        co_return std::unexpected(opened.error());
      }
      channels_.resize((*opened)->loops());
      auto& slot = channels_[(*opened)->index()];
      if (slot) co_await (*opened)->end();
      else slot = std::move(*opened);
      if (++attempts_ > 64 * channels_.size()) co_return std::unexpected(keeper_lost());
    }
    co_return Result<>{};
  }

  [[nodiscard]] std::size_t missing() const {
    std::size_t count = 0;
    for (const auto& channel : channels_) count += channel ? 0 : 1;
    return count;
  }

  Async<Result<std::shared_ptr<Channel>>> open_one(Deadline deadline) {
    HERDER_CO_TRY(UniqueFd socket, co_await async::connect_unix(settings_.socket, deadline), "connecting to the keeper");
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::getuid())
      co_return fail(Errc::denied, "the keeper at {} belongs to somebody else", settings_.socket);
    auto channel = std::make_shared<Channel>(std::move(socket));
    const Result<> begun = co_await channel->begin(std::move(deadline));
    if (!begun) {
      co_await channel->end();
      co_return std::unexpected(begun.error());
    }
    co_return channel;
  }

  ClientSettings settings_;
  std::vector<std::shared_ptr<Channel>> channels_;
  async::Limiter opening_{1};
  std::optional<Error> failed_;
  std::size_t attempts_ = 0;
};

}  // namespace

std::unique_ptr<Connector> make_keeper_connector(ClientSettings settings) {
  return std::make_unique<KeeperConnector>(std::move(settings));
}

}  // namespace herder::transport::keeper
