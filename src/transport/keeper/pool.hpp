// Open connections that wait for the next command: one pool per loop of the keeper.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/sync.hpp"
#include "transport/session.hpp"

namespace herder::transport::keeper {

class Pool;

/// A use of a pooled connection; gives it back when it goes. Lives on the pool's loop.
class Lease {
 public:
  Lease(Pool* pool, std::string key, std::shared_ptr<Session> session, bool reused)
      : pool_(pool), key_(std::move(key)), session_(std::move(session)), reused_(reused) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();
  [[nodiscard]] Session& session() const noexcept { return *session_; }
  [[nodiscard]] bool reused() const noexcept { return reused_; }

 private:
  Pool* pool_;
  std::string key_;
  std::shared_ptr<Session> session_;
  bool reused_;
};

/// Connections by key (everything that decides where they go and as whom). At most `most_users` leases share one connection: servers
/// allow ten channels by default. Idle ones are closed after `keep`.
class Pool {
 public:
  Pool(std::unique_ptr<Connector> connector, Duration keep) : connector_(std::move(connector)), keep_(keep) {}

  Async<Result<std::unique_ptr<Lease>>> get(std::string key, std::shared_ptr<const Target> target, Deadline deadline);
  /// Closes what has been idle for too long or is dead.
  Async<void> sweep();
  /// Closes everything. No leases may be left.
  Async<void> close();
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  static constexpr unsigned most_users = 8;

 private:
  friend class Lease;
  struct Entry {
    std::shared_ptr<Session> session;
    unsigned users = 0;
    TimePoint idle_since{};
  };
  void give_back(const std::string& key, const std::shared_ptr<Session>& session);

  std::unique_ptr<Connector> connector_;
  Duration keep_;
  std::multimap<std::string, Entry> entries_;
};

}  // namespace herder::transport::keeper
