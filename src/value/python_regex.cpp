// Compiling and running; the only file that sees PCRE2.
#include "value/python_regex.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/text.hpp"
#include "value/regex_search.hpp"
#include "value/regex_translate.hpp"

namespace herder::value {
namespace {

constexpr std::uint32_t most_steps = 10'000'000;   // PCRE2's own default: about a tenth of a second
constexpr std::uint32_t most_heap_kib = 64 * 1024;  // of the interpreter, when the JIT's stack is too small
constexpr std::size_t jit_stack_bytes = std::size_t{1} << 20U;
constexpr std::size_t longest_pattern = std::size_t{1} << 20U;

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
  void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string message_of(int code) {
  std::array<unsigned char, 256> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

Error compile_error(int code, const std::string& pattern) {
  constexpr int too_large[] = {120, 121, 135, 161, 186, 187};  // regular expression too large, too complicated, no memory ...
  if (std::ranges::find(too_large, code) != std::end(too_large)) return error(Errc::limit, "the regular expression is too large: {}", message_of(code));
  return error(Errc::unsupported, "the regular expression '{}' cannot be translated: {}", text::printable(pattern), message_of(code));
}

/// What a thread needs to run any pattern. Kept, because a JIT stack is a megabyte of address space.
struct Workspace {
  Workspace() : context(pcre2_match_context_create(nullptr)), stack(pcre2_jit_stack_create(std::size_t{32} << 10U, jit_stack_bytes, nullptr)) {
    pcre2_set_match_limit(context.get(), most_steps);
    pcre2_set_heap_limit(context.get(), most_heap_kib);
    pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  }
  pcre2_match_data* results(std::uint32_t groups) {
    if (groups + 1 > pairs) {
      pairs = std::max(groups + 1, 16U);
      data.reset(pcre2_match_data_create(pairs, nullptr));
    }
    return data.get();
  }

  Owned<pcre2_match_context> context;
  Owned<pcre2_jit_stack> stack;
  Owned<pcre2_match_data> data;
  std::uint32_t pairs = 0;
};

Workspace& workspace() {
  thread_local Workspace mine;
  return mine;
}

}  // namespace

/// How a match must lie in the text; each way is compiled when it is first used.
enum class Way : std::uint8_t { search, match, fullmatch };

struct RegexProgram {
  std::string source;
  TranslatedRegex translated;

  /// Null with `failure` set, or the compiled code.
  const pcre2_code* code(Way way, Error* failure = nullptr) const {
    const auto which = static_cast<std::size_t>(way);
    std::call_once(once_[which], [&] {
      constexpr std::uint32_t extra[] = {0, PCRE2_ANCHORED, PCRE2_ANCHORED | PCRE2_ENDANCHORED};
      codes_[which] = compile(extra[which], failure);
    });
    return codes_[which].get();
  }

 private:
  Owned<pcre2_code> compile(std::uint32_t extra, Error* failure) const {
    const Owned<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    pcre2_set_max_pattern_length(context.get(), longest_pattern);
    pcre2_set_parens_nest_limit(context.get(), 1000);  // the translator has the narrower limit
    const std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK |
                                  (translated.caseless ? PCRE2_CASELESS : 0) | extra;
    int code = 0;
    std::size_t at = 0;
    Owned<pcre2_code> out(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.pattern.data()), translated.pattern.size(), options, &code,
                                        &at, context.get()));
    if (out) pcre2_jit_compile(out.get(), PCRE2_JIT_COMPLETE);  // where that fails, the interpreter does it
    else if (failure != nullptr) *failure = compile_error(code, source);
    return out;
  }

  mutable std::array<std::once_flag, 3> once_;
  mutable std::array<Owned<pcre2_code>, 3> codes_;
};

std::optional<std::string_view> RegexMatch::group(std::size_t number) const noexcept {
  const Span place = span(number);
  if (!place.matched) return std::nullopt;
  return text_.substr(place.begin, place.end - place.begin);
}

std::optional<std::string_view> RegexMatch::group(std::string_view name) const noexcept {
  for (const auto& [known, number] : program_->translated.names)
    if (known == name) return group(number);
  return std::nullopt;
}

RegexSearch::RegexSearch(std::shared_ptr<const RegexProgram> program, std::string_view text, std::size_t from)
    : program_(std::move(program)), subject_(text), at_(subject_.to_clean(std::min(from, text.size()))), finished_(from > text.size()) {}

Result<std::optional<RegexMatch>> RegexSearch::next(Way way) {
  if (finished_) return std::optional<RegexMatch>();
  const pcre2_code* code = program_->code(way);
  HERDER_ASSERT(code != nullptr);
  Workspace& work = workspace();
  pcre2_match_data* data = work.results(program_->translated.groups);
  const std::string_view clean = subject_.clean();
  std::uint32_t options = PCRE2_NO_UTF_CHECK | (after_empty_ ? PCRE2_NOTEMPTY_ATSTART : 0);
  const auto run = [&] {
    return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(clean.data()), clean.size(), at_, options, data, work.context.get());
  };
  int found = run();
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
    options |= PCRE2_NO_JIT;
    found = run();
  }
  if (found == PCRE2_ERROR_NOMATCH) {
    finished_ = true;
    return std::optional<RegexMatch>();
  }
  if (found < 0) {
    finished_ = true;
    return fail(Errc::limit, "the regular expression '{}' takes too long on this text ({})", text::printable(program_->source), message_of(found));
  }
  return take(pcre2_get_ovector_pointer(data));
}

RegexMatch RegexSearch::take(const std::size_t* pairs) {
  RegexMatch out;
  out.text_ = subject_.original();
  out.program_ = program_;
  out.spans_.resize(program_->translated.groups + std::size_t{1});
  for (std::size_t i = 0; i < out.spans_.size(); ++i) {
    if (pairs[2 * i] == PCRE2_UNSET) continue;
    out.spans_[i] = {subject_.to_original(pairs[2 * i]), subject_.to_original(pairs[2 * i + 1]), true};
  }
  at_ = pairs[1];
  after_empty_ = pairs[0] == pairs[1];
  return out;
}

Result<PythonRegex> PythonRegex::compile(std::string_view pattern, RegexFlags flags) {
  HERDER_TRY(TranslatedRegex translated, translate_regex(pattern, flags));
  auto program = std::make_shared<RegexProgram>();
  program->source = pattern;
  program->translated = std::move(translated);
  Error failure;
  if (program->code(Way::search, &failure) == nullptr) return std::unexpected(std::move(failure));
  return PythonRegex(std::move(program));
}

Result<std::optional<RegexMatch>> PythonRegex::search(std::string_view text, std::size_t from) const {
  return RegexSearch(program_, text, from).next(Way::search);
}

Result<std::optional<RegexMatch>> PythonRegex::match(std::string_view text, std::size_t from) const {
  return RegexSearch(program_, text, from).next(Way::match);
}

Result<std::optional<RegexMatch>> PythonRegex::fullmatch(std::string_view text, std::size_t from) const {
  return RegexSearch(program_, text, from).next(Way::fullmatch);
}

Result<std::vector<RegexMatch>> PythonRegex::find_all(std::string_view text, std::size_t most) const {
  std::vector<RegexMatch> out;
  RegexSearch search(program_, text, 0);
  while (out.size() < most) {
    HERDER_TRY(std::optional<RegexMatch> found, search.next(Way::search));
    if (!found) break;
    out.push_back(std::move(*found));
  }
  return out;
}

Result<std::string> PythonRegex::sub(std::string_view replacement, std::string_view text, std::size_t count) const {
  HERDER_TRY(const RegexTemplate parts, RegexTemplate::parse(replacement, program_->translated.groups, program_->translated.names));
  std::string out;
  std::size_t done = 0;
  RegexSearch search(program_, text, 0);
  for (std::size_t made = 0; count == 0 || made < count; ++made) {
    HERDER_TRY(const std::optional<RegexMatch> found, search.next(Way::search));
    if (!found) break;
    out += text.substr(done, found->span().begin - done);
    parts.append_to(out, *found);
    done = found->span().end;
  }
  return out + std::string(text.substr(done));
}

Result<std::vector<std::optional<std::string>>> PythonRegex::split(std::string_view text, std::size_t most) const {
  std::vector<std::optional<std::string>> out;
  std::size_t done = 0;
  RegexSearch search(program_, text, 0);
  for (std::size_t made = 0; most == 0 || made < most; ++made) {
    HERDER_TRY(const std::optional<RegexMatch> found, search.next(Way::search));
    if (!found) break;
    out.emplace_back(text.substr(done, found->span().begin - done));
    for (std::size_t i = 1; i <= found->groups(); ++i) {
      const auto group = found->group(i);
      out.push_back(group ? std::optional<std::string>(*group) : std::nullopt);
    }
    done = found->span().end;
  }
  out.emplace_back(text.substr(done));
  return out;
}

std::size_t PythonRegex::groups() const noexcept { return program_->translated.groups; }
const std::vector<std::pair<std::string, std::uint32_t>>& PythonRegex::names() const noexcept { return program_->translated.names; }
const std::string& PythonRegex::pattern() const noexcept { return program_->source; }

std::string regex_escape(std::string_view text) {
  constexpr std::string_view special = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
  std::string out;
  for (const char c : text) {
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace herder::value
