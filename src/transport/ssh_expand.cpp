#include "transport/ssh_expand.hpp"

#include <algorithm>
#include <cstdlib>

#include <netdb.h>
#include <openssl/sha.h>
#include <sys/socket.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace herder::transport {

Result<std::string> expand_tokens(std::string_view text, const Tokens& tokens, bool variables) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (variables && text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      const std::size_t close = text.find('}', i + 2);
      if (close == std::string_view::npos) return fail(Errc::parse, "'{}' has no '}}' for its '${{'", text::printable(text));
      const std::string name(text.substr(i + 2, close - i - 2));
      const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
      if (value == nullptr) return fail(Errc::parse, "the variable ${{{}}} has no value", text::printable(name));
      out += value;
      i = close;
      continue;
    }
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return fail(Errc::parse, "'{}' ends in the middle of a token", text::printable(text));
    if (text[i] == '%') {
      out += '%';
      continue;
    }
    const auto token = std::ranges::find(tokens, text[i], &std::pair<char, std::string>::first);
    if (token == tokens.end()) {
      std::string known;
      for (const auto& [letter, value] : tokens) known += std::string(" %") + letter;
      return std::unexpected(error(Errc::parse, "'{}' holds the unknown token %{}", text::printable(text), text::printable(text.substr(i, 1)))
                                 .hint("known here are %%" + known));
    }
    out += token->second;
  }
  return out;
}

std::string expand_tilde(std::string_view path, const std::string& home) {
  if (path == "~") return home;
  if (path.starts_with("~/")) return home + std::string(path.substr(1));
  return expand_user(path);
}

std::string connection_hash(std::string_view local_host, std::string_view host, std::string_view port, std::string_view user) {
  std::string all;
  for (const std::string_view part : {local_host, host, port, user}) all += part;
  unsigned char digest[SHA_DIGEST_LENGTH] = {};
  SHA1(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest);
  return text::hex({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::string canonical_address(const std::string& host) {
  if (host.empty() || host.find_first_not_of("0123456789abcdefABCDEFxX.:") != std::string::npos) {
    if (host.find(':') == std::string::npos || host.find('%') == std::string::npos) return {};  // not even fe80::1%eth0
  }
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  char name[NI_MAXHOST] = {};
  const int failure = ::getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(found);
  return failure == 0 ? name : "";
}

}  // namespace herder::transport
