#include "engine/exec_plan.hpp"

#include "base/text.hpp"

namespace herder::engine {
namespace {

/// How a script is started, by its first line: "#!/usr/bin/env python3" -> "/usr/bin/env python3"; a program by itself.
std::string interpreter_of(std::string_view script) {
  if (script.starts_with("\x7f" "ELF")) return {};
  if (!script.starts_with("#!")) return "/bin/sh";
  const std::string_view line = text::trim(script.substr(2, script.find('\n') - 2));
  const std::size_t gap = line.find_first_of(" \t");
  if (gap == std::string_view::npos) return text::shell_quote(line);
  return fmt::format("{} {}", text::shell_quote(line.substr(0, gap)), text::shell_quote(text::trim(line.substr(gap))));
}

/// Receives exactly the script's bytes, so that what follows on standard input is the script's own input.
std::string script_line(const Script& script) {
  std::string line = fmt::format(
      "umask 077; f=$(mktemp \"${{TMPDIR:-/tmp}}/herder.XXXXXXXXXX\") || exit 125; trap 'rm -f \"$f\"' EXIT; trap 'exit 143' HUP INT TERM; "
      "head -c {} >\"$f\" || exit 125; ",
      script.content.size());
  const std::string interpreter = interpreter_of(script.content);
  line += interpreter.empty() ? "chmod 700 \"$f\"; \"$f\"" : interpreter + " \"$f\"";
  for (const std::string& argument : script.arguments) line += " " + text::shell_quote(argument);
  return line + "; exit $?";
}

}  // namespace

Prepared prepare_command(const ExecPlan& plan, const BecomeDialogue* dialogue) {
  Prepared out;
  std::string inner;
  for (const auto& [name, value] : plan.env) inner += fmt::format("export {}={}; ", name, text::shell_quote(value));
  if (!plan.chdir.empty()) inner += fmt::format("cd {} || exit 125; ", text::shell_quote(plan.chdir));
  const bool plain = inner.empty() && !plan.script && dialogue == nullptr;
  inner += plan.script ? script_line(*plan.script) : plan.command;
  if (plan.script) out.preamble = plan.script->content;
  if (plain) out.line = plan.command;
  else if (dialogue == nullptr) out.line = "/bin/sh -c " + text::shell_quote(inner);
  else {
    out.line = dialogue->wrap(inner);
    out.pty = dialogue->needs_pty();
  }
  return out;
}

}  // namespace herder::engine
