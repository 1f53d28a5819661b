#include "cli/ansible_args.hpp"

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "value/yaml.hpp"

namespace herder::cli {
namespace {

constexpr std::size_t most_script_bytes = 64 << 20;
constexpr std::array known_modules{"command", "shell", "raw", "script", "ping"};
/// Options that command, shell and script take out of the free text.
constexpr std::array free_form_options{"chdir", "creates", "executable", "removes", "stdin", "stdin_add_newline", "strip_empty_ends", "cmd", "argv", "expand_argument_vars"};

/// Words as written, quotes included, split at blanks outside of quotes.
Result<std::vector<std::string>> raw_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (!word.empty()) out.push_back(std::exchange(word, {}));
      continue;
    }
    if (quote != 0 && c == quote) quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"')) quote = c;
    word += c;
    if (c == '\\' && i + 1 < text.size()) word += text[++i];
  }
  if (quote != 0) return fail(Errc::usage, "failed at splitting arguments, either an unbalanced jinja2 block or quotes: {}", text);
  if (!word.empty()) out.push_back(std::move(word));
  return out;
}

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0]) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

struct FreeForm {
  std::string rest;
  std::vector<std::pair<std::string, std::string>> options;
};

Result<FreeForm> free_form(const std::string& arguments) {
  HERDER_TRY(const std::vector<std::string> words, raw_words(arguments));
  FreeForm out;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const std::string name = equals == std::string::npos ? "" : word.substr(0, equals);
    if (std::ranges::find(free_form_options, name) != free_form_options.end()) out.options.emplace_back(name, unquoted(word.substr(equals + 1)));
    else out.rest += (out.rest.empty() ? "" : " ") + word;
  }
  return out;
}

bool is_name_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// One word for a shell that expands $NAME and ${NAME} in it and nothing else, and leaves variables that are not set as they are
/// written: what the command module does without a shell (Python's os.path.expandvars).
std::string quoted_with_variables(const std::string& word) {
  std::string out;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out += text::shell_quote(plain);
    plain.clear();
  };
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool braces = word[i] == '$' && i + 1 < word.size() && word[i + 1] == '{';
    const std::size_t start = i + (braces ? 2 : 1);
    std::size_t end = start;
    while (word[i] == '$' && end < word.size() && is_name_byte(word[end])) ++end;
    const std::string name = word.substr(std::min(start, word.size()), end - start);
    const bool closed = !braces || (end < word.size() && word[end] == '}');
    if (word[i] != '$' || name.empty() || !closed || (name[0] >= '0' && name[0] <= '9')) {
      plain += word[i];
      continue;
    }
    flush();
    out += braces ? fmt::format("\"${{{0}-\\${{{0}\\}}}}\"", name) : fmt::format("\"${{{0}-\\${0}}}\"", name);
    i = braces ? end : end - 1;
  }
  flush();
  return out.empty() ? "''" : out;
}

Result<> take_options(const FreeForm& form, const std::string& module, AdhocModule& out, std::string& executable) {
  for (const auto& [name, value] : form.options) {
    if (name == "chdir") out.plan.chdir = value;
    else if (name == "executable" && module == "shell") executable = value;
    else if (name == "cmd" && form.rest.empty()) continue;
    else
      return std::unexpected(error(Errc::unsupported, "{}: option {}= comes with herder's modules", module, name)
                                 .hint("leave it out, or write the same in the shell module's command"));
  }
  return {};
}

Result<> make_script(const FreeForm& form, AdhocModule& out) {
  const auto words = text::shell_split(form.rest);
  if (!words || words->empty()) return fail(Errc::usage, "No argument passed to script module");
  HERDER_TRY(std::string content, read_file(expand_user(words->front()), most_script_bytes), "reading the script");
  out.plan.script = engine::Script{.content = std::move(content), .arguments = {words->begin() + 1, words->end()}};
  out.plan.command = words->front();
  return {};
}

}  // namespace

Result<AdhocModule> adhoc_module(const std::string& full_name, const std::string& arguments) {
  AdhocModule out;
  std::string module = full_name;
  for (const std::string_view prefix : {"ansible.builtin.", "ansible.legacy."})
    if (module.starts_with(prefix)) module.erase(0, prefix.size());
  if (std::ranges::find(known_modules, module) == known_modules.end()) {
    const std::vector<std::string> names(known_modules.begin(), known_modules.end());
    const auto near = text::nearest(module, names);
    return std::unexpected(error(Errc::unsupported, "module '{}' comes later: herder runs command, shell, raw, script and ping so far", module)
                               .hint(near ? fmt::format("did you mean '{}'?", *near) : std::string("run it with ansible-core until then")));
  }
  out.style.module = module;
  if (module == "ping") {
    HERDER_TRY(const std::vector<std::string> words, raw_words(arguments));
    for (const std::string& word : words) {
      if (!word.starts_with("data=")) return fail(Errc::usage, "ping: unknown argument '{}'; it takes data=", word);
      out.style.ping_data = unquoted(word.substr(5));
    }
    out.plan.command = "true";
    return out;
  }
  if (text::trim(arguments).empty()) return fail(Errc::usage, "No argument passed to {} module", module);
  HERDER_TRY(FreeForm form, free_form(arguments));
  if (module == "raw") form = {.rest = arguments, .options = {}};
  std::string executable;
  HERDER_TRY_VOID(take_options(form, module, out, executable));
  for (const auto& [name, value] : form.options)
    if (name == "cmd") form.rest = value;
  out.style.arguments = form.rest;
  value::MapBuilder task;
  for (const auto& [name, value] : form.options) task.set(name, value);
  task.set("_raw_params", form.rest);
  out.style.task_arguments = std::move(task).build();
  if (module == "script") {
    HERDER_TRY_VOID(make_script(form, out));
    return out;
  }
  out.plan.command = form.rest;
  if (module == "shell") out.plan.command = fmt::format("{} -c {}", executable.empty() ? "/bin/sh" : text::shell_quote(executable), text::shell_quote(form.rest));
  if (module == "command") {
    const auto words = text::shell_split(form.rest);
    if (!words || words->empty()) return fail(Errc::usage, "command: the quotes in '{}' are not balanced", form.rest);
    out.plan.command.clear();
    for (const std::string& word : *words) out.plan.command += (out.plan.command.empty() ? "" : " ") + quoted_with_variables(word);
  }
  return out;
}

Result<Value> extra_vars(const std::vector<std::string>& words) {
  Value out = Value::empty_map();
  for (const std::string& word : words) {
    Value more;
    if (word.starts_with('@') || word.starts_with('{') || word.starts_with('[')) {
      std::string source = word;
      std::string file = "--extra-vars";
      if (word.starts_with('@')) {
        file = expand_user(word.substr(1));
        HERDER_TRY(source, read_file(file), "reading --extra-vars");
      }
      HERDER_TRY(value::YamlDocument document, value::parse_yaml(source, {.file = file}));
      more = document.root;
      if (!more.is_map()) return fail(Errc::parse, "--extra-vars: '{}' does not hold variables (name: value)", file);
    } else {
      HERDER_TRY(const std::vector<std::string> pairs, raw_words(word));
      value::MapBuilder made;
      for (const std::string& pair : pairs) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos) return fail(Errc::usage, "--extra-vars: '{}' is not NAME=VALUE", pair);
        made.set(pair.substr(0, equals), Value(unquoted(pair.substr(equals + 1))));
      }
      more = std::move(made).build();
    }
    out = value::combine(out, more);
  }
  return out;
}

}  // namespace herder::cli
