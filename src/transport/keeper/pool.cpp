#include "transport/keeper/pool.hpp"

#include <vector>

namespace herder::transport::keeper {
namespace {

constexpr auto close_limit = std::chrono::seconds(2);

}  // namespace

Lease::~Lease() { pool_->give_back(key_, session_); }

Async<Result<std::unique_ptr<Lease>>> Pool::get(std::string key, std::shared_ptr<const Target> target, Deadline deadline) {
  const auto [begin, end] = entries_.equal_range(key);
  for (auto it = begin; it != end; ++it) {
    if (it->second.users >= most_users || !it->second.session->alive()) continue;
    ++it->second.users;
    co_return std::make_unique<Lease>(this, std::move(key), it->second.session, true);
  }
  HERDER_CO_TRY(std::shared_ptr<Session> session, co_await connector_->connect(std::move(target), std::move(deadline)));
  entries_.emplace(key, Entry{.session = session, .users = 1});
  co_return std::make_unique<Lease>(this, std::move(key), std::move(session), false);
}

void Pool::give_back(const std::string& key, const std::shared_ptr<Session>& session) {
  const auto [begin, end] = entries_.equal_range(key);
  for (auto it = begin; it != end; ++it) {
    if (it->second.session != session) continue;
    it->second.idle_since = async::Loop::current().now();
    if (--it->second.users == 0 && !session->alive()) entries_.erase(it);
    return;
  }
}

Async<void> Pool::sweep() {
  const TimePoint now = async::Loop::current().now();
  std::vector<std::shared_ptr<Session>> old;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const bool idle = it->second.users == 0;
    if (idle && (now - it->second.idle_since >= keep_ || !it->second.session->alive())) {
      old.push_back(std::move(it->second.session));
      it = entries_.erase(it);
    } else {
      ++it;
    }
  }
  for (const auto& session : old) co_await session->close(Deadline::after(close_limit));
}

Async<void> Pool::close() {
  std::vector<std::shared_ptr<Session>> all;
  for (auto& [key, entry] : entries_) all.push_back(std::move(entry.session));
  entries_.clear();
  for (const auto& session : all) co_await session->close(Deadline::after(close_limit));
  all.clear();
  co_await connector_->close();
}

}  // namespace herder::transport::keeper
