#include "transport/ssh_auth.hpp"

#include <libssh/libssh.h>

#include <algorithm>
#include <array>

#include "async/threads.hpp"
#include "base/text.hpp"

namespace herder::transport {
namespace {

enum class Proof : std::uint8_t { accepted, more_needed, refused };

constexpr std::array<std::pair<std::string_view, int>, 3> known_methods{{{"publickey", SSH_AUTH_METHOD_PUBLICKEY},
                                                                         {"keyboard-interactive", SSH_AUTH_METHOD_INTERACTIVE},
                                                                         {"password", SSH_AUTH_METHOD_PASSWORD}}};
constexpr int most_rounds = 10;  // of keyboard-interactive questions
constexpr int most_proofs = 8;   // methods that a server may ask for one after the other

/// A password as libssh wants it, for as long as a step runs.
class RevealedText {
 public:
  explicit RevealedText(const Secret& secret) : text_(secret.reveal()) {}
  RevealedText(const RevealedText&) = delete;
  RevealedText& operator=(const RevealedText&) = delete;
  ~RevealedText() { wipe(text_); }
  [[nodiscard]] const char* c_str() const noexcept { return text_.c_str(); }

 private:
  std::string text_;
};

class Authentication {
 public:
  Authentication(SshLink& link, const Target& target, SshIdentities& identities, SshAgents& agents, Deadline deadline)
      : link_(link), target_(target), identities_(identities), agents_(agents), deadline_(std::move(deadline)) {}

  Async<Result<std::string>> run();

 private:
  Async<Result<Proof>> by_method(std::string method);
  Async<Result<Proof>> by_public_key();
  Async<Result<Proof>> by_agent(std::vector<std::string> named);
  Async<Result<Proof>> by_identity(std::shared_ptr<const IdentityKey> identity);
  Async<Result<Proof>> by_key(ssh_key key, std::string id);
  Async<Result<Proof>> by_password();
  Async<Result<Proof>> by_questions();
  Async<Result<>> learn_methods();
  bool answer_questions(const char* password, bool first, std::string& stranger);
  void note_accepted(const std::string& id);
  Result<Proof> judge(int rc, std::string id, std::string_view what);
  [[nodiscard]] std::vector<std::string> methods() const;
  [[nodiscard]] bool server_allows(std::string_view method) const;
  [[nodiscard]] bool possible(std::string_view method) const;
  [[nodiscard]] std::string server_methods() const;
  [[nodiscard]] Error denied() const;
  Error broken(std::string_view what) const;

  SshLink& link_;
  const Target& target_;
  SshIdentities& identities_;
  SshAgents& agents_;
  Deadline deadline_;
  bool server_told_ = false;  // the server has listed what it accepts
  std::string accepted_by_;
  std::vector<std::string> offered_;  // public keys that the server refused from the agent
  std::vector<std::string> done_;   // methods that succeeded as one of several
  std::vector<std::string> tried_;  // for the error
};

bool Authentication::server_allows(std::string_view method) const {
  if (!server_told_) return true;
  const int allowed = ssh_userauth_list(link_.session(), nullptr);
  return std::ranges::any_of(known_methods, [&](const auto& known) { return known.first == method && (allowed & known.second) != 0; });
}

bool Authentication::possible(std::string_view method) const {
  const Credentials& have = *identities_.credentials;
  if (std::ranges::find(done_, method) != done_.end() || !server_allows(method)) return false;
  if (method == "publickey") return !identities_.keys.empty() || !have.agent_socket.empty();
  return !have.password.empty();
}

/// In the user's order, what worked last time first.
std::vector<std::string> Authentication::methods() const {
  std::vector<std::string> order = identities_.credentials->preferred;
  if (order.empty())
    for (const auto& [name, bit] : known_methods) order.emplace_back(name);
  std::ranges::stable_partition(order, [&](const std::string& method) {
    return identities_.worked == method || identities_.worked.starts_with(method + " ");
  });
  std::erase_if(order, [](const std::string& method) {
    return std::ranges::none_of(known_methods, [&](const auto& known) { return known.first == method; });
  });
  return order;
}

std::string Authentication::server_methods() const {
  std::string list;
  for (const auto& [name, bit] : known_methods)
    if ((ssh_userauth_list(link_.session(), nullptr) & bit) != 0) list += (list.empty() ? "" : ",") + std::string(name);
  return list.empty() ? "other methods only" : list;
}

Error Authentication::denied() const {
  std::string tried;
  for (const std::string& one : tried_) tried += (tried.empty() ? "" : ", ") + one;
  if (tried.empty()) tried = "nothing to try: no usable key, no agent, no password";
  Error failure = error(Errc::denied, "access as '{}' denied: {}", target_.user, tried);
  if (server_told_) failure.what += "; server accepts " + server_methods();
  failure.help = "give a key (ansible_ssh_private_key_file, IdentityFile), an agent or a password that the host accepts for this user";
  return failure;
}

/// The session is of no more use: the server hung up, or libssh met something that it does not understand.
Error Authentication::broken(std::string_view what) const {
  const std::string text = ssh_error_text(link_.session());
  const bool too_many = text.contains("Too many authentication failures");
  if (!too_many) return error(Errc::unreachable, "connection lost while authenticating by {}: {}", what, text);
  Error failure = denied();
  failure.what += "; then the server hung up: too many attempts";
  failure.help = "name the one right key (IdentityFile) and set IdentitiesOnly=yes, so that the others are not tried";
  return failure;
}

void Authentication::note_accepted(const std::string& id) {
  if (accepted_by_.empty()) identities_.worked = id;
  accepted_by_ += (accepted_by_.empty() ? "" : " + ") + id;
}

Result<Proof> Authentication::judge(int rc, std::string id, std::string_view what) {
  switch (rc) {
    case SSH_AUTH_SUCCESS:
      note_accepted(id);
      return Proof::accepted;
    case SSH_AUTH_PARTIAL:
      server_told_ = true;
      note_accepted(id);
      tried_.push_back(id + " accepted, but not enough");
      return Proof::more_needed;
    case SSH_AUTH_DENIED: {
      const std::string text = ssh_error_text(link_.session());
      // libssh itself refuses keys whose algorithm the list of the configuration does not have; the server was not asked then.
      const bool local = text.contains("not allowed") || text.contains("Invalid key type");
      if (!local) server_told_ = true;
      tried_.push_back(id + (local ? " not allowed by PubkeyAcceptedAlgorithms" : " refused"));
      return Proof::refused;
    }
    default: return std::unexpected(broken(what));
  }
}

/// One more round trip, but no punishment by the server: asked when several methods are possible and nothing is known.
Async<Result<>> Authentication::learn_methods() {
  HERDER_CO_TRY(const int rc, co_await link_.step([this] { return ssh_userauth_none(link_.session(), nullptr); }, SSH_AUTH_AGAIN,
                                                  deadline_));
  if (rc == SSH_AUTH_ERROR) co_return std::unexpected(broken("none"));
  server_told_ = true;
  if (rc == SSH_AUTH_SUCCESS) accepted_by_ = "none";
  co_return Result<>{};
}

Async<Result<Proof>> Authentication::by_key(ssh_key key, std::string id) {
  HERDER_CO_TRY(const int rc, co_await link_.step([&] { return ssh_userauth_publickey(link_.session(), nullptr, key); }, SSH_AUTH_AGAIN,
                                                  deadline_));
  co_return judge(rc, std::move(id), "publickey");
}

Async<Result<Proof>> Authentication::by_identity(std::shared_ptr<const IdentityKey> identity) {
  const std::string id = "publickey " + identity->path;
  if (!identity->key) {
    if (!identity->missing) tried_.push_back(id + " " + identity->problem);
    co_return Proof::refused;
  }
  for (const NativeKey& certified : identity->certified) {
    HERDER_CO_TRY(const Proof proof, co_await by_key(certified.get(), id + " (certificate)"));
    if (proof != Proof::refused) co_return proof;
  }
  co_return co_await by_key(identity->key.get(), id);
}

Async<Result<Proof>> Authentication::by_agent(std::vector<std::string> named) {
  const Credentials& have = *identities_.credentials;
  if (have.agent_socket.empty()) co_return Proof::refused;
  const std::string prefix = "publickey agent ";
  const std::string first = identities_.worked.starts_with(prefix) ? identities_.worked.substr(prefix.size()) : std::string();
  AgentRequest request{.socket = have.agent_socket, .named = std::move(named), .only_named = have.identities_only, .first = first};
  HERDER_CO_TRY(AgentAnswer answer, co_await authenticate_by_agent(link_, agents_, std::move(request), deadline_));
  if (!answer.problem.empty()) {
    tried_.push_back("agent " + answer.problem);
    co_return Proof::refused;
  }
  if (answer.offered.empty()) co_return Proof::refused;
  const std::size_t count = answer.offered.size();
  offered_ = std::move(answer.offered);
  const std::string label =
      answer.rc == SSH_AUTH_DENIED ? fmt::format("agent ({} {})", count, count == 1 ? "key" : "keys") : prefix + answer.key;
  co_return judge(answer.rc, label, "agent");
}

Async<Result<Proof>> Authentication::by_public_key() {
  std::vector<std::shared_ptr<const IdentityKey>> order = identities_.keys;
  const auto worked = [&](const auto& key) { return identities_.worked.starts_with("publickey " + key->path); };
  std::ranges::stable_partition(order, worked);
  std::vector<std::string> named;
  for (const auto& key : order)
    if (!key->blob.empty()) named.push_back(key->blob);
  const bool agent_last = !order.empty() && worked(order.front());
  for (const bool agent_turn : {!agent_last, agent_last}) {
    if (agent_turn) {
      HERDER_CO_TRY(const Proof proof, co_await by_agent(named));
      if (proof != Proof::refused || !server_allows("publickey")) co_return proof;
      continue;
    }
    for (const auto& key : order) {
      if (!key->blob.empty() && std::ranges::find(offered_, key->blob) != offered_.end()) continue;  // refused from the agent
      HERDER_CO_TRY(const Proof proof, co_await by_identity(key));
      if (proof != Proof::refused || !server_allows("publickey")) co_return proof;
    }
  }
  co_return Proof::refused;
}

Async<Result<Proof>> Authentication::by_password() {
  const RevealedText password(identities_.credentials->password);
  HERDER_CO_TRY(const int rc, co_await link_.step([&] { return ssh_userauth_password(link_.session(), nullptr, password.c_str()); },
                                                  SSH_AUTH_AGAIN, deadline_));
  if (rc == SSH_AUTH_ERROR && ssh_is_connected(link_.session()) != 0)
    co_return std::unexpected(error(Errc::denied, "access as '{}' denied: the password has expired and must be changed", target_.user)
                                  .hint("log in once by hand and set a new password"));
  co_return judge(rc, "password", "password");
}

/// Gives the password to what asks for one. False when a question is no such thing; `stranger` is that question.
bool Authentication::answer_questions(const char* password, bool first, std::string& stranger) {
  ssh_session session = link_.session();
  const int count = ssh_userauth_kbdint_getnprompts(session);
  for (int i = 0; i < count; ++i) {
    char echo = 0;
    const char* prompt = ssh_userauth_kbdint_getprompt(session, static_cast<unsigned>(i), &echo);
    const std::string question = text::lower(prompt != nullptr ? prompt : "");
    const auto speaks_of = [&](std::initializer_list<std::string_view> words) {
      return std::ranges::any_of(words, [&](std::string_view word) { return question.contains(word); });
    };
    const bool code = speaks_of({"code", "token", "one-time", "otp", "pin", "new password", "retype"});
    const bool asks = echo == 0 && !code && (speaks_of({"password"}) || (first && count == 1));
    if (!asks) {
      constexpr std::size_t longest = 80;
      stranger = text::printable(text::cut(text::trim(prompt != nullptr ? prompt : ""), longest));
      return false;
    }
    ssh_userauth_kbdint_setanswer(session, static_cast<unsigned>(i), password);
  }
  return true;
}

Async<Result<Proof>> Authentication::by_questions() {
  const RevealedText password(identities_.credentials->password);
  bool answered = false;
  for (int round = 0; round < most_rounds; ++round) {
    HERDER_CO_TRY(const int rc, co_await link_.step([this] { return ssh_userauth_kbdint(link_.session(), nullptr, nullptr); },
                                                    SSH_AUTH_AGAIN, deadline_));
    if (rc != SSH_AUTH_INFO) co_return judge(rc, "keyboard-interactive", "keyboard-interactive");
    std::string stranger;
    if (!answer_questions(password.c_str(), !answered, stranger)) {
      server_told_ = server_told_ || answered;
      tried_.push_back(fmt::format("keyboard-interactive asks '{}', which cannot be answered", stranger));
      co_return Proof::refused;
    }
    if (ssh_userauth_kbdint_getnprompts(link_.session()) > 0) answered = true;
  }
  tried_.emplace_back("keyboard-interactive asks without end");
  co_return Proof::refused;
}

Async<Result<Proof>> Authentication::by_method(std::string method) {
  if (method == "publickey") co_return co_await by_public_key();
  if (method == "password") co_return co_await by_password();
  co_return co_await by_questions();
}

Async<Result<std::string>> Authentication::run() {
  const auto candidates = [this] {
    auto order = methods();
    std::erase_if(order, [this](const std::string& method) { return !possible(method); });
    return order;
  };
  const auto first = candidates();
  if (first.empty() || (first.size() > 1 && first.front() != "publickey" && identities_.worked.empty())) {
    HERDER_CO_TRY_VOID(co_await learn_methods());
    if (accepted_by_ == "none") co_return accepted_by_;
  }
  for (int proofs = 0; proofs < most_proofs; ++proofs) {
    bool more = false;
    for (const std::string& method : methods()) {
      if (!possible(method)) continue;
      HERDER_CO_TRY(const Proof proof, co_await by_method(method));
      if (proof == Proof::accepted) co_return accepted_by_;
      if (proof == Proof::more_needed) {
        done_.push_back(method);
        more = true;
        break;
      }
    }
    if (!more) break;
  }
  co_return std::unexpected(denied());
}

}  // namespace

Async<Result<SshIdentities*>> SshKeyring::identities(std::shared_ptr<const Credentials> credentials, Deadline deadline) {
  std::unique_ptr<SshIdentities>& place = known_[credentials.get()];
  if (!place) {
    place = std::make_unique<SshIdentities>();
    place->credentials = credentials;
  }
  SshIdentities* const found = place.get();
  if (!found->loaded && !found->loading) {
    found->loading = true;
    found->keys = co_await async::offload([store = store_, credentials] { return store->load(*credentials); });
    found->loaded = true;
    found->ready.set();
  }
  HERDER_CO_TRY_VOID(co_await found->ready.wait(std::move(deadline)), "reading identity files");
  co_return found;
}

Async<Result<std::string>> authenticate(SshLink& link, std::shared_ptr<const Target> target, SshKeyring& keyring, Deadline deadline) {
  static const auto nothing = std::make_shared<const Credentials>();
  HERDER_CO_TRY(SshIdentities * identities, co_await keyring.identities(target->credentials ? target->credentials : nothing, deadline));
  Authentication authentication(link, *target, *identities, keyring.agents(), std::move(deadline));
  co_return co_await authentication.run();
}

}  // namespace herder::transport
