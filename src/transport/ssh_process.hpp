// A command, subsystem or forwarded connection on a channel of an SSH session.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "transport/session.hpp"
#include "transport/ssh_link.hpp"

namespace herder::transport {

/// Keeps a link going as long as a session or one of its processes exists; the last one says goodbye and closes.
class SshLinkUse {
 public:
  explicit SshLinkUse(std::shared_ptr<SshLink> link) : link_(std::move(link)) {}
  SshLinkUse(const SshLinkUse&) = delete;
  SshLinkUse& operator=(const SshLinkUse&) = delete;
  ~SshLinkUse() { link_->stop(error(Errc::cancelled, "the session was closed")); }
  [[nodiscard]] SshLink& operator*() const noexcept { return *link_; }
  [[nodiscard]] SshLink* operator->() const noexcept { return link_.get(); }

 private:
  std::shared_ptr<SshLink> link_;
};

/// Ends an open channel in a way that libssh really sends (left alone, it forgets the close when the end of file before it is not
/// out yet, and the server keeps the channel for ever) and frees it.
void close_channel(ssh_channel_struct* channel);

/// Output waits here (192 KiB at most), then in libssh (1.3 MB at most, several channels) or in the network (one channel).
class SshProcess final : public Process {
 public:
  explicit SshProcess(std::shared_ptr<SshLinkUse> link);
  SshProcess(const SshProcess&) = delete;
  SshProcess& operator=(const SshProcess&) = delete;
  ~SshProcess() override;

  /// Opens the channel with `open`, which libssh wants called until it is done. Errors: limit or denied (refused), unreachable.
  Async<Result<>> open(std::function<int(ssh_channel_struct*)> open, Deadline deadline);
  /// Asks for something on the open channel; false when the server refuses.
  Async<Result<bool>> request(std::function<int(ssh_channel_struct*)> ask, Deadline deadline);

  Async<Result<Chunk>> read(Deadline deadline) override;
  Async<Result<>> write(std::string_view bytes, Deadline deadline) override;
  Async<Result<>> close_input(Deadline deadline) override;
  Async<Result<Exit>> wait(Deadline deadline) override;
  void signal(std::string_view name) override;

  // For the link: is_full() holds reading back; the others are told what happened.
  [[nodiscard]] bool is_full() const noexcept { return buffered_ >= soft_limit; }
  void note_lost() { wake(); }
  void forget_channel() noexcept { channel_ = nullptr; }

 private:
  struct Callbacks;
  friend struct Callbacks;
  static constexpr std::size_t soft_limit = std::size_t{128} << 10U;  // no more reading from the socket
  static constexpr std::size_t hard_limit = std::size_t{192} << 10U;  // no more taking from libssh
  static constexpr std::size_t chunk_cost = 64;  // counted for each chunk, since alternating streams make many small ones

  std::size_t take(const char* bytes, std::size_t size, Source source);
  void take_rest();
  Chunk next_chunk();
  void wake();
  Error refusal(std::string_view what) const;
  [[nodiscard]] bool ended() const noexcept { return end_of_output_ || closed_; }

  std::shared_ptr<SshLinkUse> link_;
  ssh_channel_struct* channel_ = nullptr;
  std::unique_ptr<Callbacks> callbacks_;
  std::deque<Chunk> chunks_;
  std::size_t buffered_ = 0;
  bool rest_in_libssh_ = false;
  bool end_of_output_ = false;
  bool closed_ = false;
  bool opening_ = false;
  bool opened_ = false;
  bool input_closed_ = false;
  Exit exit_;
  async::Waiter* reader_ = nullptr;
  async::Waiter* exit_waiter_ = nullptr;
};

}  // namespace herder::transport
