// herder completion SHELL: the scripts; herder __complete: what they ask.
#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/complete.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

// Readline cuts words at = and : as well; what herder answers are whole words, so the part before the cut is taken off again.
constexpr std::string_view bash_script = R"(# bash completion for herder; source it, or put it in ~/.local/share/bash-completion/completions/herder
_herder() {
  local line=${COMP_LINE:0:COMP_POINT} cur=${COMP_WORDS[COMP_CWORD]} word also='' reply=()
  [[ $cur == '=' || $cur == ':' ]] && cur=''
  word=${line##*[[:space:]]}
  local cut=${word%"$cur"} candidate
  while IFS=$'\t' read -r candidate _; do
    case $candidate in
      :*) also=${candidate#:} ;;
      *) reply+=("${candidate#"$cut"}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete line "$line" 2>/dev/null)
  COMPREPLY=("${reply[@]}")
  case $also in
    files) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null ;;
    directories) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null ;;
  esac
  [[ ${#COMPREPLY[@]} -eq 1 && ( ${COMPREPLY[0]} == *= || ${COMPREPLY[0]} == *: ) ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _herder herder
)";

constexpr std::string_view zsh_script = R"(#compdef herder
# zsh completion for herder; put it into a directory of $fpath as _herder, or source it after compinit
_herder() {
  local also='' candidate what
  local -a found shown
  while IFS=$'\t' read -r candidate what; do
    case $candidate in
      :*) also=${candidate#:} ;;
      *) found+=("$candidate"); shown+=("${candidate}${what:+  -- $what}") ;;
    esac
  done < <("${words[1]}" __complete words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#found} )) && compadd -l -d shown -- "${found[@]}"
  case $also in
    files) _files ;;
    directories) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _herder ]]; then _herder "$@"; else compdef _herder herder; fi
)";

constexpr std::string_view fish_script = R"(# fish completion for herder; put it into ~/.config/fish/completions/herder.fish
function __herder_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l also ''
  for line in (command $words[1] __complete words -- $words[2..-1] 2>/dev/null)
    switch $line
      case ':*'
        set also (string sub -s 2 -- $line)
      case '*'
        echo $line
    end
  end
  switch $also
    case files
      __fish_complete_path (commandline -ct)
    case directories
      __fish_complete_directories (commandline -ct)
  end
end
complete -c herder -f -a '(__herder_complete)'
)";

constexpr OptionSet sets[] = {global_set};
constexpr Operand operands[] = {
    {.name = "SHELL", .arg = Arg::choice, .choices = "bash|zsh|fish", .help = "the shell to write it for"},
};
constexpr Example examples[] = {
    {"completion bash > ~/.local/share/bash-completion/completions/herder", "install it for bash"},
    {"completion fish > ~/.config/fish/completions/herder.fish", "install it for fish"},
};

Result<Action> prepare_completion(const Parsed& parsed) {
  return Action([script = completion_script(parsed.operand("SHELL"))](Io& io) {
    io.out.write(script);
    return exit_code::ok;
  });
}

constexpr Operand asked_operands[] = {
    {.name = "FORM", .arg = Arg::choice, .choices = "line|words", .help = "how the line is given"},
    {.name = "WORDS", .arity = Arity::many, .help = "the line, or its words behind the program"},
};

void print_completion(const Completion& completion, Io& io) {
  constexpr std::string_view also[] = {":nothing", ":files", ":directories"};
  io.out.write(fmt::format("{}\n", also[static_cast<std::size_t>(completion.also)]));
  for (const Candidate& one : completion.candidates)
    io.out.write(one.what.empty() ? one.word + "\n" : fmt::format("{}\t{}\n", one.word, one.what));
}

Result<Action> prepare_complete(const Parsed& parsed) {
  const bool line = parsed.operand("FORM") == "line";
  std::vector<std::string> words = parsed.operands("WORDS");
  if (line) {
    words = split_unfinished(words.empty() ? std::string_view() : std::string_view(words[0]));
    words.erase(words.begin());  // the program
  }
  return Action([words = std::move(words)](Io& io) {
    print_completion(complete(commands(), words, host_names), io);
    return exit_code::ok;
  });
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return std::string(bash_script);
  return std::string(shell == "zsh" ? zsh_script : fish_script);
}

extern constinit const Command completion_command{
    .name = "completion",
    .summary = "write a completion script for a shell",
    .sets = sets,
    .operands = operands,
    .examples = examples,
    .prepare = prepare_completion,
};

extern constinit const Command complete_command{
    .name = "__complete",
    .summary = "answer a completion script",
    .operands = asked_operands,
    .prepare = prepare_complete,
    .hidden = true,
};

}  // namespace herder::cli
