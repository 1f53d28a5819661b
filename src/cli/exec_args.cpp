#include "cli/exec_args.hpp"

#include "base/text.hpp"

namespace herder::cli {
namespace {

/// What exec and ping have in common.
Result<ExecArgs> read_common(const Parsed& parsed) {
  ExecArgs out;
  out.pattern = parsed.operand("PATTERN");
  out.inventory = read_inventory_args(parsed);
  HERDER_TRY(out.connection, read_connection_args(parsed));
  HERDER_TRY(out.become, read_become_args(parsed));
  HERDER_TRY(out.fleet, read_fleet_args(parsed));
  out.report = read_report_args(parsed);
  return out;
}

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

}  // namespace

std::string command_line(const std::vector<std::string>& words) {
  if (words.size() == 1) return words[0];
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + text::shell_quote(word);
  return out;
}

Result<ExecArgs> read_exec_args(const Parsed& parsed) {
  HERDER_TRY(ExecArgs out, read_common(parsed));
  out.kind = "exec";
  out.words = parsed.operands("COMMAND");
  out.command = command_line(out.words);
  out.script = parsed.text("script");
  out.stdin_file = parsed.text("stdin");
  out.chdir = parsed.text("chdir");
  for (const std::string& one : parsed.all("env")) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || !is_variable_name(std::string_view(one).substr(0, equals)))
      return std::unexpected(error(Errc::usage, "--env: '{}' is not NAME=VALUE", one).hint("names are letters, digits and _"));
    out.env.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  return out;
}

Result<ExecArgs> read_ping_args(const Parsed& parsed) {
  HERDER_TRY(ExecArgs out, read_common(parsed));
  out.kind = "ping";
  return out;
}

}  // namespace herder::cli
