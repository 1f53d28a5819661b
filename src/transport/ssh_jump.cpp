#include "transport/ssh_jump.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace herder::transport {
namespace {

bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < 0x20U) || c == 0x7f; }
bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

Result<int> parse_port(std::string_view text, std::string_view whole) {
  const auto port = text::to_int(text);
  if (!port || *port < 1 || *port > 65535)
    return fail(Errc::parse, "port '{}' of '{}' is not in 1..65535", text::printable(text), text::printable(whole));
  return static_cast<int>(*port);
}

}  // namespace

Result<Destination> parse_destination(std::string_view text) {
  const std::string_view whole = text;
  Destination out;
  const bool is_address = text::lower(text.substr(0, 6)) == "ssh://";
  if (is_address) text.remove_prefix(6);
  if (is_address && text.ends_with('/')) text.remove_suffix(1);
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    if (at == 0) return fail(Errc::parse, "'{}' has no user before the '@'", text::printable(whole));
    out.user = std::string(text.substr(0, at));
    if (is_address) out.user = out.user.substr(0, out.user.find(';'));  // connection parameters
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return fail(Errc::parse, "'{}' has no ']' for its '['", text::printable(whole));
    out.host = std::string(text.substr(1, close - 1));
    text.remove_prefix(close + 1);
    if (!text.empty() && text[0] != ':') return fail(Errc::parse, "'{}' has something else than a port behind ']'", text::printable(whole));
  } else {
    const auto colon = text.find(':');
    // More than one colon is a numeric IPv6 address.
    const std::size_t end = colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos ? text.size() : colon;
    out.host = std::string(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (!text.empty()) {
    HERDER_TRY(out.port, parse_port(text.substr(1), whole));
  }
  if (out.host.empty()) return fail(Errc::parse, "'{}' names no host", text::printable(whole));
  return out;
}

Result<std::vector<Destination>> parse_jumps(std::string_view text) {
  text = text::trim(text.substr(0, text.find('#')));
  std::vector<Destination> out;
  if (text::lower(text) == "none") return out;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  for (const std::string_view hop : text::split(text, ',')) {
    HERDER_TRY(Destination destination, parse_destination(text::trim(hop)), "ProxyJump {}", text::printable(text));
    out.push_back(std::move(destination));
  }
  return out;
}

Result<> check_host_name(std::string_view host) {
  constexpr std::string_view special = "'`\"$\\;&<>|(){}";
  const auto bad = std::ranges::find_if(host, [&](char c) { return is_control(c) || is_blank(c) || special.find(c) != std::string_view::npos; });
  if (host.empty()) return fail(Errc::denied, "the host name is empty");
  if (host[0] == '-' || bad != host.end()) {
    return std::unexpected(error(Errc::denied, "'{}' cannot be a host name: {}", text::printable(host),
                                 host[0] == '-' ? std::string("it starts with '-'") : "it holds '" + text::printable({&*bad, 1}) + "'"));
  }
  return {};
}

Result<> check_user_name(std::string_view user) {
  constexpr std::string_view special = "'`\";&<>|(){}";
  for (std::size_t i = 0; i < user.size(); ++i) {
    const char next = i + 1 < user.size() ? user[i + 1] : '\0';
    if (is_control(user[i]) || special.find(user[i]) != std::string_view::npos || (i == 0 && user[i] == '-') ||
        (is_blank(user[i]) && next == '-') || (user[i] == '\\' && next == '\0'))
      return fail(Errc::denied, "'{}' cannot be a user name: '{}' is not allowed there", text::printable(user), text::printable(user.substr(i, 1)));
  }
  return {};
}

}  // namespace herder::transport
