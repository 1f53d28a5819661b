// Generates values for properties. Only for tests.
#pragma once

#include <ostream>
#include <string>

#include <rapidcheck.h>

#include "value/value.hpp"

namespace herder::value {

/// A value of JSON's types (finite numbers, UTF-8 text) with at most a few levels, sometimes with a large map.
struct AnyValue {
  Value value;
};

inline std::ostream& operator<<(std::ostream& out, const AnyValue& any) { return out << "value of hash " << any.value.hash(); }

inline std::string make_text() {
  std::string out;
  for (int left = *rc::gen::inRange(0, 12); left > 0; --left) {
    const int which = *rc::gen::inRange(0, 16);
    if (which == 0) out += "\u00e9";
    else if (which == 1) out += "\u2028";
    else if (which == 2) out += "\U0001f600";
    else out += static_cast<char>(*rc::gen::inRange(0, 128));
  }
  return out;
}

inline Value make_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
    case 0: return {};
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::arbitrary<std::int64_t>();
    case 3: return static_cast<double>(*rc::gen::arbitrary<std::int32_t>()) / 8;
    case 4: return make_text();
    case 5: return Value::integer_from_decimal(std::to_string(*rc::gen::arbitrary<std::int64_t>()) + "0123456789").value();
    case 6: {
      ListBuilder list;
      for (int left = *rc::gen::inRange(0, 6); left > 0; --left) list.push_back(make_value(depth - 1));
      return std::move(list).build();
    }
    default: {
      MapBuilder map;
      for (int left = *rc::gen::inRange(0, 20); left > 0; --left)
        map.set(make_text(), make_value(depth - 2));
      return std::move(map).build();
    }
  }
}

}  // namespace herder::value

template <>
struct rc::Arbitrary<herder::value::AnyValue> {
  static Gen<herder::value::AnyValue> arbitrary() {
    return gen::exec([] { return herder::value::AnyValue{herder::value::make_value(3)}; });
  }
};
