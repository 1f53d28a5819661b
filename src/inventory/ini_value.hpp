// The type of a value in an INI inventory: a Python literal if it is one, else the text itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "value/value.hpp"

namespace herder::inventory {

/// Types values and shares them: equal texts that come again soon get the same heap node. One thread.
class IniValues {
 public:
  /// "8080" is an integer, "[1, 'a']" a list, "b'x'" the text x, "..." and anything that is no literal the text as written.
  Value operator()(std::string_view text);

 private:
  static constexpr std::size_t slots = 4096;
  struct Literal {
    std::string text;
    Value value;
  };
  std::vector<Value> texts_ = std::vector<Value>(slots);  // that are no literals; by hash, the newest stays
  std::vector<Literal> literals_ = std::vector<Literal>(slots);
};

/// The same without sharing.
Value ini_value(std::string_view text);

}  // namespace herder::inventory
