#include "lab/fault.hpp"

#include <array>
#include <vector>

#include "base/text.hpp"
#include "base/units.hpp"

namespace herder::lab {
namespace {

constexpr std::array<std::pair<std::string_view, Entry>, 4> entries{
    {{"refuse", Entry::refuse}, {"hang", Entry::hang}, {"hang-kex", Entry::hang_kex}, {"flood", Entry::flood}}};
constexpr std::array<std::pair<std::string_view, bool Faults::*>, 3> flags{
    {{"garbage", &Faults::garbage}, {"bad-host-key", &Faults::bad_host_key}, {"auth-fail", &Faults::auth_fail}}};
constexpr Duration most_slow = std::chrono::minutes(10);

/// "1000B" is 1000 bytes; everything else as sizes are written.
Result<std::int64_t> parse_bytes(std::string_view text) {
  if (text.ends_with('B') && text.find_first_not_of("0123456789") == text.size() - 1) text.remove_suffix(1);
  return parse_size(text);
}

Result<> add_entry(Faults& faults, Entry entry, std::string_view word) {
  if (faults.entry != Entry::normal && faults.entry != entry)
    return fail(Errc::usage, "'{}' cannot be combined with '{}'", word, format_faults({.entry = faults.entry}));
  faults.entry = entry;
  return {};
}

}  // namespace

Result<> add_fault(Faults& faults, std::string_view word) {
  for (const auto& [name, entry] : entries)
    if (word == name) return add_entry(faults, entry, word);
  for (const auto& [name, member] : flags) {
    if (word != name) continue;
    faults.*member = true;
    return {};
  }
  if (word.starts_with("slow=")) {
    HERDER_TRY(faults.slow, parse_duration(word.substr(5)), "reading fault '{}'", word);
    if (faults.slow <= Duration::zero() || faults.slow > most_slow) return fail(Errc::usage, "'{}' is not in 1ms..10m", word);
    return {};
  }
  if (word.starts_with("cut-after=")) {
    HERDER_TRY(faults.cut_after, parse_bytes(word.substr(10)), "reading fault '{}'", word);
    return {};
  }
  return fail(Errc::usage, "there is no fault '{}'", text::printable(word));
}

Result<Faults> parse_faults(std::span<const std::string> words) {
  Faults faults;
  for (const std::string& word : words) HERDER_TRY_VOID(add_fault(faults, word));
  if (!faults.any()) return fail(Errc::usage, "no fault was named");
  return faults;
}

std::string format_faults(const Faults& faults) {
  std::vector<std::string> words;
  for (const auto& [name, entry] : entries)
    if (faults.entry == entry) words.emplace_back(name);
  if (faults.slow > Duration::zero())
    words.push_back(fmt::format("slow={}ms", std::chrono::ceil<std::chrono::milliseconds>(faults.slow).count()));
  if (faults.cut_after) words.push_back(fmt::format("cut-after={}", *faults.cut_after));
  for (const auto& [name, member] : flags)
    if (faults.*member) words.emplace_back(name);
  return text::join(words, " ");
}

}  // namespace herder::lab
