#include "transport/ssh_keywords.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <optional>

#include "base/text.hpp"
#include "transport/ssh_jump.hpp"

namespace herder::transport {
namespace {

constexpr std::string_view yes_no_ask = "yes no true false ask";

constexpr std::array keywords{
    // An alias stands behind the name it is an alias of.
    Keyword{"host", Key::host, Form::structure},
    Keyword{"match", Key::match, Form::structure},
    Keyword{"include", Key::include, Form::structure},
    Keyword{"ignoreunknown", Key::ignore_unknown, Form::structure},

    Keyword{"hostname", Key::host_name, Form::one},
    Keyword{"port", Key::port, Form::port},
    Keyword{"user", Key::user, Form::one},
    Keyword{"identityfile", Key::identity_file, Form::one},
    Keyword{"identityfile2", Key::identity_file, Form::one},
    Keyword{"certificatefile", Key::certificate_file, Form::one},
    Keyword{"identitiesonly", Key::identities_only, Form::flag},
    Keyword{"identityagent", Key::identity_agent, Form::one},
    Keyword{"proxyjump", Key::proxy_jump, Form::jump},
    Keyword{"proxycommand", Key::proxy_command, Form::line},
    Keyword{"userknownhostsfile", Key::user_known_hosts, Form::names},
    Keyword{"globalknownhostsfile", Key::global_known_hosts, Form::names},
    Keyword{"hostkeyalias", Key::host_key_alias, Form::one},
    Keyword{"stricthostkeychecking", Key::strict_host_key, Form::choice, "yes no true false ask off accept-new"},
    Keyword{"hashknownhosts", Key::hash_known_hosts, Form::flag},
    Keyword{"nohostauthenticationforlocalhost", Key::no_host_auth_for_localhost, Form::flag},
    Keyword{"connecttimeout", Key::connect_timeout, Form::time},
    Keyword{"serveraliveinterval", Key::alive_interval, Form::time},
    Keyword{"protocolkeepalives", Key::alive_interval, Form::time},
    Keyword{"setuptimeout", Key::alive_interval, Form::time},
    Keyword{"serveralivecountmax", Key::alive_count, Form::number},
    Keyword{"kexalgorithms", Key::kex, Form::algorithms},
    Keyword{"ciphers", Key::ciphers, Form::algorithms},
    Keyword{"macs", Key::macs, Form::algorithms},
    Keyword{"hostkeyalgorithms", Key::host_key_algorithms, Form::algorithms},
    Keyword{"pubkeyacceptedalgorithms", Key::public_key_algorithms, Form::algorithms},
    Keyword{"pubkeyacceptedkeytypes", Key::public_key_algorithms, Form::algorithms},
    Keyword{"preferredauthentications", Key::preferred, Form::one},
    Keyword{"passwordauthentication", Key::password_auth, Form::flag},
    Keyword{"kbdinteractiveauthentication", Key::kbdint_auth, Form::flag},
    Keyword{"challengeresponseauthentication", Key::kbdint_auth, Form::flag},
    Keyword{"skeyauthentication", Key::kbdint_auth, Form::flag},
    Keyword{"tisauthentication", Key::kbdint_auth, Form::flag},
    Keyword{"pubkeyauthentication", Key::public_key_auth, Form::choice, "yes no true false unbound host-bound"},
    Keyword{"dsaauthentication", Key::public_key_auth, Form::choice, "yes no true false unbound host-bound"},
    Keyword{"sendenv", Key::send_env, Form::env},
    Keyword{"setenv", Key::set_env, Form::assignments},
    Keyword{"compression", Key::compression, Form::choice, "yes no"},
    Keyword{"batchmode", Key::batch_mode, Form::flag},
    Keyword{"addressfamily", Key::address_family, Form::choice, "any inet inet6"},

    Keyword{"canonicalizehostname", Key::canonicalize, Form::choice, "yes no true false always"},
    Keyword{"gssapiauthentication", Key::gssapi_auth, Form::flag},
    Keyword{"gssapikeyexchange", Key::gssapi_kex, Form::flag},
    Keyword{"gssapidelegatecredentials", Key::gssapi_delegate, Form::flag},
    Keyword{"hostbasedauthentication", Key::hostbased_auth, Form::flag},
    Keyword{"rhostsauthentication", Key::harmless, Form::deprecated},
    Keyword{"pkcs11provider", Key::pkcs11_provider, Form::one},
    Keyword{"smartcarddevice", Key::pkcs11_provider, Form::one},
    Keyword{"securitykeyprovider", Key::security_key_provider, Form::one},
    Keyword{"tunnel", Key::tunnel, Form::choice, "yes no true false point-to-point ethernet"},
    Keyword{"knownhostscommand", Key::known_hosts_command, Form::line},
    Keyword{"revokedhostkeys", Key::revoked_host_keys, Form::one},
    Keyword{"verifyhostkeydns", Key::verify_dns, Form::choice, yes_no_ask},
    Keyword{"proxyusefdpass", Key::proxy_fdpass, Form::flag},
    Keyword{"bindaddress", Key::bind_address, Form::one},
    Keyword{"bindinterface", Key::bind_interface, Form::one},
    Keyword{"requiredrsasize", Key::required_rsa_size, Form::number},
    Keyword{"permitlocalcommand", Key::permit_local_command, Form::flag},
    Keyword{"refuseconnection", Key::refuse_connection, Form::line},

    Keyword{"forwardagent", Key::forward_agent, Form::one},
    Keyword{"forwardx11", Key::forward_x11, Form::flag},
    Keyword{"remotecommand", Key::remote_command, Form::line},
    Keyword{"addkeystoagent", Key::harmless, Form::any},
    Keyword{"canonicaldomains", Key::harmless, Form::any},
    Keyword{"canonicalizefallbacklocal", Key::harmless, Form::flag},
    Keyword{"canonicalizemaxdots", Key::harmless, Form::number},
    Keyword{"canonicalizepermittedcnames", Key::harmless, Form::any},
    Keyword{"casignaturealgorithms", Key::harmless, Form::algorithms},
    Keyword{"channeltimeout", Key::harmless, Form::any},
    Keyword{"checkhostip", Key::harmless, Form::flag},
    Keyword{"clearallforwardings", Key::harmless, Form::flag},
    Keyword{"connectionattempts", Key::harmless, Form::number},
    Keyword{"controlmaster", Key::harmless, Form::choice, "yes no true false auto ask autoask"},
    Keyword{"controlpath", Key::harmless, Form::one},
    Keyword{"controlpersist", Key::harmless, Form::one},
    Keyword{"dynamicforward", Key::harmless, Form::any},
    Keyword{"enableescapecommandline", Key::harmless, Form::flag},
    Keyword{"enablesshkeysign", Key::harmless, Form::flag},
    Keyword{"escapechar", Key::harmless, Form::one},
    Keyword{"exitonforwardfailure", Key::harmless, Form::flag},
    Keyword{"fingerprinthash", Key::harmless, Form::choice, "md5 sha256"},
    Keyword{"forkafterauthentication", Key::harmless, Form::flag},
    Keyword{"forwardx11timeout", Key::harmless, Form::time},
    Keyword{"forwardx11trusted", Key::harmless, Form::flag},
    Keyword{"gatewayports", Key::harmless, Form::flag},
    Keyword{"gssapiclientidentity", Key::harmless, Form::one},
    Keyword{"gssapikexalgorithms", Key::harmless, Form::one},
    Keyword{"gssapirenewalforcesrekey", Key::harmless, Form::flag},
    Keyword{"gssapiserveridentity", Key::harmless, Form::one},
    Keyword{"gssapitrustdns", Key::harmless, Form::flag},
    Keyword{"hostbasedacceptedalgorithms", Key::harmless, Form::algorithms},
    Keyword{"hostbasedkeytypes", Key::harmless, Form::algorithms},
    Keyword{"ipqos", Key::harmless, Form::any},
    Keyword{"kbdinteractivedevices", Key::harmless, Form::one},
    Keyword{"localcommand", Key::harmless, Form::line},
    Keyword{"localforward", Key::harmless, Form::any},
    Keyword{"loglevel", Key::harmless, Form::choice, "quiet fatal error info verbose debug debug1 debug2 debug3"},
    Keyword{"logverbose", Key::harmless, Form::any},
    Keyword{"numberofpasswordprompts", Key::harmless, Form::number},
    Keyword{"obscurekeystroketiming", Key::harmless, Form::any},
    Keyword{"permitremoteopen", Key::harmless, Form::any},
    Keyword{"rekeylimit", Key::harmless, Form::any},
    Keyword{"remoteforward", Key::harmless, Form::any},
    Keyword{"requesttty", Key::harmless, Form::choice, "yes no true false force auto"},
    Keyword{"sessiontype", Key::harmless, Form::choice, "none subsystem default"},
    Keyword{"stdinnull", Key::harmless, Form::flag},
    Keyword{"streamlocalbindmask", Key::harmless, Form::one},
    Keyword{"streamlocalbindunlink", Key::harmless, Form::flag},
    Keyword{"syslogfacility", Key::harmless, Form::one},
    Keyword{"tag", Key::harmless, Form::one},
    Keyword{"tcpkeepalive", Key::harmless, Form::flag},
    Keyword{"keepalive", Key::harmless, Form::flag},
    Keyword{"tunneldevice", Key::harmless, Form::one},
    Keyword{"updatehostkeys", Key::harmless, Form::choice, yes_no_ask},
    Keyword{"versionaddendum", Key::harmless, Form::line},
    Keyword{"visualhostkey", Key::harmless, Form::flag},
    Keyword{"warnweakcrypto", Key::harmless, Form::any},
    Keyword{"xauthlocation", Key::harmless, Form::one},

    Keyword{"protocol", Key::harmless, Form::deprecated},
    Keyword{"cipher", Key::harmless, Form::deprecated},
    Keyword{"fallbacktorsh", Key::harmless, Form::deprecated},
    Keyword{"globalknownhostsfile2", Key::harmless, Form::deprecated},
    Keyword{"userknownhostsfile2", Key::harmless, Form::deprecated},
    Keyword{"useroaming", Key::harmless, Form::deprecated},
    Keyword{"usersh", Key::harmless, Form::deprecated},
    Keyword{"useprivilegedport", Key::harmless, Form::deprecated},
    Keyword{"useblacklistedkeys", Key::harmless, Form::deprecated},
    Keyword{"afstokenpassing", Key::harmless, Form::deprecated},
    Keyword{"kerberosauthentication", Key::harmless, Form::deprecated},
    Keyword{"kerberostgtpassing", Key::harmless, Form::deprecated},
    Keyword{"rsaauthentication", Key::harmless, Form::deprecated},
    Keyword{"rhostsrsaauthentication", Key::harmless, Form::deprecated},
    Keyword{"compressionlevel", Key::harmless, Form::deprecated},
};

bool is_choice(std::string_view choices, std::string_view word) {
  const auto allowed = text::split(choices, ' ');
  return std::ranges::find(allowed, text::lower(word)) != allowed.end();
}

Result<> check_names(const std::vector<std::string>& args) {
  if (args.size() > 1 && std::ranges::any_of(args, [](const auto& word) { return text::lower(word) == "none"; }))
    return fail(Errc::parse, "\"none\" must stand alone");
  if (args.size() > 32) return fail(Errc::parse, "more than 32 files");
  return {};
}

Result<> check_word(const Keyword& keyword, const std::string& word) {
  if (keyword.form == Form::flag && !is_choice("yes no true false", word)) {
    return std::unexpected(error(Errc::parse, "'{}' is not yes or no", text::printable(word)));
  }
  if (keyword.form == Form::choice && !is_choice(keyword.choices, word)) {
    return std::unexpected(error(Errc::parse, "'{}' is not something {} can be", text::printable(word), keyword.name)
                               .hint("use one of: " + std::string(keyword.choices)));
  }
  const auto number = text::to_int(word);
  if (keyword.form == Form::port && (!number || *number < 1 || *number > 65535))
    return std::unexpected(error(Errc::parse, "port '{}' is not in 1..65535", text::printable(word)));
  if (keyword.form == Form::number && (!number || *number < 0 || *number > INT_MAX))
    return std::unexpected(error(Errc::parse, "'{}' is not a number from 0 on", text::printable(word)));
  if (keyword.form == Form::time && !ssh_time_seconds(word)) {
    return std::unexpected(error(Errc::parse, "'{}' is not a time", text::printable(word)).hint("use seconds, or a form like 90s, 5m, 1h30m"));
  }
  return {};
}

Result<> check_list(const Keyword& keyword, const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    if (arg.empty()) return fail(Errc::parse, "{} has an empty argument", keyword.name);
    if (keyword.form == Form::env && arg.find('=') != std::string::npos)
      return std::unexpected(error(Errc::parse, "'{}' is not the name of a variable", text::printable(arg)).hint("to set a variable use SetEnv"));
    if (keyword.form == Form::assignments && arg.find('=') == std::string::npos)
      return std::unexpected(error(Errc::parse, "'{}' is not of the form NAME=VALUE", text::printable(arg)));
  }
  return keyword.form == Form::names ? check_names(args) : Result<>{};
}

}  // namespace

const Keyword* find_keyword(std::string_view lower_name) noexcept {
  static const auto sorted = [] {
    auto copy = keywords;
    std::ranges::sort(copy, {}, &Keyword::name);
    return copy;
  }();
  const auto found = std::ranges::lower_bound(sorted, lower_name, {}, &Keyword::name);
  return found != sorted.end() && found->name == lower_name ? &*found : nullptr;
}

std::string_view keyword_name(Key key) noexcept {
  const auto found = std::ranges::find(keywords, key, &Keyword::key);
  return found == keywords.end() ? "" : found->name;
}

std::string nearest_keyword(std::string_view lower_name) {
  std::vector<std::string> names;
  for (const Keyword& keyword : keywords)
    if (keyword.form != Form::deprecated) names.emplace_back(keyword.name);
  return text::nearest(lower_name, names).value_or("");
}

std::string Directive::place() const { return line > 0 ? file + ":" + std::to_string(line) : file; }

bool is_yes(std::string_view word) {
  const std::string low = text::lower(word);
  return low == "yes" || low == "true";
}

std::optional<std::int64_t> ssh_time_seconds(std::string_view text) {
  if (text == "none") return -1;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = text::to_int(text.substr(0, digits));
    if (!count) return std::nullopt;
    std::int64_t unit = 1;
    text.remove_prefix(digits);
    if (!text.empty()) {
      constexpr std::string_view letters = "sSmMhHdDwW";
      constexpr std::array<std::int64_t, 5> units{1, 60, 3600, 86400, 604800};
      const std::size_t letter = letters.find(text[0]);
      if (letter == std::string_view::npos) return std::nullopt;
      unit = units[letter / 2];
      text.remove_prefix(1);
    }
    if (*count > INT_MAX / unit || total + *count * unit > INT_MAX) return std::nullopt;
    total += *count * unit;
  }
  return total;
}

Result<> check_arguments(const Keyword& keyword, const Directive& directive) {
  const auto& args = directive.args;
  switch (keyword.form) {
    case Form::deprecated:
    case Form::structure:
    case Form::line: return {};
    case Form::jump: {
      HERDER_TRY_VOID(parse_jumps(directive.rest));
      return {};
    }
    case Form::names:
    case Form::env:
    case Form::assignments:
      if (args.empty()) return fail(Errc::parse, "{} needs an argument", keyword.name);
      return check_list(keyword, args);
    case Form::any:
      return args.empty() ? Result<>(fail(Errc::parse, "{} needs an argument", keyword.name)) : Result<>{};
    default: break;
  }
  if (args.empty() || args[0].empty()) return fail(Errc::parse, "{} needs an argument", keyword.name);
  if (args.size() > 1) {
    return std::unexpected(error(Errc::parse, "{} takes one argument, but '{}' follows", keyword.name, text::printable(args[1]))
                               .hint("put an argument with blanks into double quotes"));
  }
  return check_word(keyword, args[0]);
}

}  // namespace herder::transport
