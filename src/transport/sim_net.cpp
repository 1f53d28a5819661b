#include "transport/sim_net.hpp"

#include <algorithm>

#include "async/sync.hpp"

namespace herder::transport {
namespace {

constexpr std::uint64_t most_chunk_bytes = 16 << 10;

Async<Result<>> never(Deadline deadline) {
  async::Event nothing;
  co_return co_await nothing.wait(std::move(deadline));
}

std::unexpected<Error> lost() { return fail(Errc::unreachable, "connection lost"); }

class SimProcess final : public Process {
 public:
  SimProcess(SimNet* net, SimHost* host) : net_(net), host_(host), out_left_(host->out_bytes), err_left_(host->err_bytes) {
    ++host_->open_processes;
    ++host_->commands_started;
  }
  ~SimProcess() override { --host_->open_processes; }

  Async<Result<Chunk>> read(Deadline deadline) override {
    HERDER_CO_TRY_VOID(co_await async::sleep_for(host_->delay, deadline));
    if (host_->fault == SimFault::cut_in_output && printed_ >= host_->count) co_return lost();
    if (host_->fault == SimFault::flood) co_return piece(Source::out, 1024);
    if (out_left_ > 0 && (err_left_ == 0 || net_->loop().pick(2) == 0)) co_return take(Source::out, out_left_);
    if (err_left_ > 0) co_return take(Source::err, err_left_);
    if (host_->fault == SimFault::hung_command) HERDER_CO_TRY_VOID(co_await never(deadline));
    if (host_->fault == SimFault::cut_in_output) co_return lost();
    co_return Chunk{.end = true};
  }

  Async<Result<>> write(std::string_view bytes, Deadline deadline) override {
    if (host_->fault == SimFault::deaf) co_return co_await never(std::move(deadline));
    HERDER_CO_TRY_VOID(co_await async::sleep_for(host_->delay, deadline));
    host_->input_bytes += bytes.size();
    co_return Result<>{};
  }

  Async<Result<>> close_input(Deadline deadline) override { co_return deadline.check(); }

  Async<Result<Exit>> wait(Deadline deadline) override {
    HERDER_CO_TRY_VOID(co_await async::sleep_for(host_->delay, deadline));
    if (host_->fault == SimFault::no_exit_status) co_return lost();
    co_return host_->exit;
  }

  void signal(std::string_view) override {}

 private:
  Chunk take(Source source, std::uint64_t& left) {
    std::uint64_t size = 1 + net_->loop().pick(std::min(left, most_chunk_bytes));
    if (host_->fault == SimFault::cut_in_output) size = std::min(size, host_->count - printed_);
    left -= size;
    return piece(source, size);
  }
  Chunk piece(Source source, std::uint64_t size) {
    printed_ += size;
    return {.source = source, .end = false, .bytes = std::string(size, source == Source::out ? 'o' : 'e')};
  }

  SimNet* net_;
  SimHost* host_;
  std::uint64_t out_left_;
  std::uint64_t err_left_;
  std::uint64_t printed_ = 0;
};

class SimSession final : public Session {
 public:
  SimSession(SimNet* net, SimHost* host) : net_(net), host_(host) { ++host_->open_sessions; }
  ~SimSession() override { --host_->open_sessions; }

  Async<Result<std::unique_ptr<Process>>> start(Command, Deadline deadline) override {
    HERDER_CO_TRY_VOID(co_await async::sleep_for(host_->delay, deadline));
    if (host_->fault == SimFault::cut_before_start) co_return lost();
    co_return std::make_unique<SimProcess>(net_, host_);
  }
  [[nodiscard]] bool alive() const override { return true; }
  [[nodiscard]] std::string describe() const override { return "simulated"; }
  Async<void> close(Deadline deadline) override { (void)co_await async::sleep_for(host_->delay, deadline); }

 private:
  SimNet* net_;
  SimHost* host_;
};

class SimConnector final : public Connector {
 public:
  explicit SimConnector(SimNet* net) : net_(net) {}

  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    SimHost* host = &net_->host(static_cast<std::size_t>(target->port));
    deadline = deadline.within(target->connect_timeout);
    ++host->connections;
    HERDER_CO_TRY_VOID(co_await async::sleep_for(host->delay, deadline));
    if (host->fault == SimFault::hung_connect) HERDER_CO_TRY_VOID(co_await never(deadline));
    if (host->fault == SimFault::refused) co_return fail(Errc::unreachable, "connection refused");
    if (host->fault == SimFault::refused_at_first && host->connections <= host->count)
      co_return fail(Errc::unreachable, "connection refused");
    if (host->fault == SimFault::denied) co_return fail(Errc::denied, "permission denied (publickey)");
    co_return std::make_shared<SimSession>(net_, host);
  }

 private:
  SimNet* net_;
};

}  // namespace

std::shared_ptr<const Target> SimNet::add(SimHost host) {
  auto target = std::make_shared<Target>();
  target->name = fmt::format("sim{}", hosts_.size());
  target->port = static_cast<int>(hosts_.size());
  hosts_.push_back(std::make_unique<SimHost>(host));
  return target;
}

std::unique_ptr<Connector> SimNet::make_connector() { return std::make_unique<SimConnector>(this); }

}  // namespace herder::transport
