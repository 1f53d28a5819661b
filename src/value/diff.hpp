// Differences: of texts as a unified diff, of values as a list of paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "value/value.hpp"

namespace herder::value {

/// Which lines are kept when several choices are possible.
enum class DiffMethod : std::uint8_t {
  python,   // as difflib.SequenceMatcher chooses, and so as `ansible --diff` shows; becomes `shortest` above 40,000 lines
  shortest,  // fewest changed lines (Myers, linear space), nearly so for texts that have little in common
};

struct DiffOptions {
  int context = 3;
  DiffMethod method = DiffMethod::python;
};

/// As difflib.unified_diff prints it: two header lines with the names and hunks; nothing when the texts are equal. Lines end at \n; a
/// last line without one is followed by "\ No newline at end of file", as `ansible --diff` has it.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name, std::string_view after_name,
                         const DiffOptions& options = {});

/// One place where two values differ.
struct Difference {
  std::string path;  // "spec.ports[2]['my key']"; empty for the values themselves
  bool was = false;  // there was something before
  bool is = false;   // there is something now
  Value before;
  Value after;
  /// "path: 1 -> 2", "path: added 2", "path: removed 1". Secrets are hidden; long values are cut to `bytes`.
  [[nodiscard]] std::string text(std::size_t bytes = 200) const;
};

/// The places where they differ, in the order of `before`, at most `most`. Lists are aligned at their common start and end. Below 64
/// levels a difference is told for the level as a whole. Equality is Python's: 1 and 1.0 do not differ.
std::vector<Difference> explain_difference(const Value& before, const Value& after, std::size_t most = 100);

}  // namespace herder::value
