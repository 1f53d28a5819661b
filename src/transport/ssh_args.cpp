#include "transport/ssh_args.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "transport/ssh_config_tree.hpp"

namespace herder::transport {
namespace {

enum class Does : std::uint8_t { nothing, option, left_aside, config, forward };

/// One switch of ssh. `option` gives the keyword; a switch without value then sets `fixed`.
struct Switch {
  char letter;
  bool takes_value;
  Does does;
  std::string_view keyword = "";
  std::string_view fixed = "";
};

constexpr Switch switches[] = {
    {'1', false, Does::nothing},
    {'2', false, Does::nothing},
    {'4', false, Does::option, "AddressFamily", "inet"},
    {'6', false, Does::option, "AddressFamily", "inet6"},
    {'A', false, Does::option, "ForwardAgent", "yes"},
    {'a', false, Does::option, "ForwardAgent", "no"},
    {'B', true, Does::option, "BindInterface"},
    {'b', true, Does::option, "BindAddress"},
    {'C', false, Does::option, "Compression", "yes"},
    {'c', true, Does::option, "Ciphers"},
    {'D', true, Does::left_aside},
    {'E', true, Does::nothing},
    {'e', true, Does::nothing},
    {'F', true, Does::config},
    {'f', false, Does::nothing},
    {'G', false, Does::left_aside},
    {'g', false, Does::nothing},
    {'I', true, Does::option, "PKCS11Provider"},
    {'i', true, Does::option, "IdentityFile"},
    {'J', true, Does::option, "ProxyJump"},
    {'K', false, Does::option, "GSSAPIAuthentication", "yes"},
    {'k', false, Does::option, "GSSAPIDelegateCredentials", "no"},
    {'L', true, Does::left_aside},
    {'l', true, Does::option, "User"},
    {'M', false, Does::nothing},
    {'m', true, Does::option, "MACs"},
    {'N', false, Does::left_aside},
    {'n', false, Does::nothing},
    {'O', true, Does::left_aside},
    {'o', true, Does::option},
    {'p', true, Does::option, "Port"},
    {'Q', true, Does::left_aside},
    {'q', false, Does::nothing},
    {'R', true, Does::left_aside},
    {'S', true, Does::nothing},
    {'s', false, Does::left_aside},
    {'T', false, Does::nothing},
    {'t', false, Does::nothing},
    {'V', false, Does::left_aside},
    {'v', false, Does::nothing},
    {'W', true, Does::forward},
    {'w', true, Does::left_aside},
    {'X', false, Does::option, "ForwardX11", "yes"},
    {'x', false, Does::nothing},
    {'Y', false, Does::option, "ForwardX11", "yes"},
    {'y', false, Does::nothing},
};

/// Gives one switch to where it belongs.
Result<> take(const Switch& found, const std::string& value, const std::string& source, SshArgs& out) {
  switch (found.does) {
    case Does::nothing: return {};
    case Does::left_aside: out.left_aside.push_back(std::string("-") + found.letter + (found.takes_value ? " " + value : "")); return {};
    case Does::config: out.config = value; return {};
    case Does::forward: out.forward_to = value; return {};
    case Does::option: break;
  }
  // A value is one argument here, whatever is in it; -o brings its own syntax.
  std::string text = value;
  if (found.letter == 'J') text = "ProxyJump " + value;
  else if (!found.keyword.empty() && found.takes_value) text = option_text({.keyword = std::string(found.keyword), .args = {value}});
  else if (!found.keyword.empty()) text = std::string(found.keyword) + " " + std::string(found.fixed);
  HERDER_TRY(auto directive, parse_ssh_option(text, source), "ssh option -{} in {}", found.letter, source);
  if (directive) out.options.push_back(*std::move(directive));
  return {};
}

/// One word of switches: "-vvC", "-p2222", "-oKey=value". `at` moves when the value is the next word.
Result<> take_word(const std::vector<std::string>& words, std::size_t& at, const std::string& source, SshArgs& out) {
  const std::string& word = words[at];
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto* found = std::ranges::find(switches, word[i], &Switch::letter);
    if (found == std::end(switches)) return fail(Errc::parse, "ssh has no option -{} ({})", text::printable(word.substr(i, 1)), source);
    if (!found->takes_value) {
      HERDER_TRY_VOID(take(*found, "", source, out));
      continue;
    }
    std::string value = word.substr(i + 1);
    if (value.empty()) {
      if (++at >= words.size()) return fail(Errc::parse, "ssh option -{} needs a value ({})", word[i], source);
      value = words[at];
    }
    return take(*found, value, source, out);
  }
  return {};
}

}  // namespace

Result<SshArgs> parse_ssh_args(const std::vector<std::string>& words, const std::string& source) {
  SshArgs out;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      out.others.insert(out.others.end(), words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      out.others.push_back(word);
      continue;
    }
    HERDER_TRY_VOID(take_word(words, at, source, out));
  }
  return out;
}

Result<SshArgs> parse_ssh_args(std::string_view text, const std::string& source) {
  const auto words = text::shell_split(text);
  if (!words) return fail(Errc::parse, "a quote is left open in {}: {}", source, text::printable(text));
  return parse_ssh_args(*words, source);
}

std::optional<ProxyBySsh> as_jump(const std::string& proxy_command, const std::string& source) {
  if (proxy_command.find_first_of("|&;<>`$()*?\n") != std::string::npos) return std::nullopt;  // more than a plain command
  auto words = text::shell_split(proxy_command);
  if (!words || words->empty()) return std::nullopt;
  if (words->front() == "exec") words->erase(words->begin());
  if (words->empty() || (words->front() != "ssh" && words->front() != "/usr/bin/ssh")) return std::nullopt;
  words->erase(words->begin());
  auto args = parse_ssh_args(*words, source);
  if (!args || args->others.size() != 1 || !args->left_aside.empty()) return std::nullopt;
  if (args->forward_to != "%h:%p" && args->forward_to != "[%h]:%p") return std::nullopt;
  if (args->others[0].find('%') != std::string::npos) return std::nullopt;
  ProxyBySsh out;
  // Outside of ssh:// a destination on the command line has no port, and its user goes up to the last '@'.
  if (text::lower(args->others[0]).starts_with("ssh://")) {
    auto host = parse_destination(args->others[0]);
    if (!host) return std::nullopt;
    out.host = *std::move(host);
  } else {
    const std::size_t at = args->others[0].rfind('@');
    if (at != std::string::npos) out.host.user = args->others[0].substr(0, at);
    out.host.host = args->others[0].substr(at == std::string::npos ? 0 : at + 1);
    if (out.host.host.empty()) return std::nullopt;
  }
  out.args = *std::move(args);
  return out;
}

std::string option_text(const Directive& directive) {
  if (!directive.rest.empty()) return directive.keyword + " " + directive.rest;
  std::string out = directive.keyword;
  for (const std::string& arg : directive.args) {
    std::string quoted;
    for (const char c : arg) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    const bool plain = !arg.empty() && arg.find_first_of(" \t\"'\\#=") == std::string::npos;
    out += plain ? " " + arg : " \"" + quoted + "\"";
  }
  return out;
}

}  // namespace herder::transport
