// The JSON parser's own declarations. Only for json.cpp and json_scalar.cpp.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "value/json.hpp"

namespace herder::value {

/// Reads one JSON text by recursive descent. A failing step sets `failure_` and returns false, so that the good path carries no
/// Result. Positions cost one pass over the text, and only when the options name a file.
class JsonParser {
 public:
  JsonParser(std::string_view text, const JsonOptions& options);
  Result<Value> parse();

 private:
  static constexpr std::size_t deepest = 2000;  // whatever the options say: the parser recurses

  bool value(Value& out, std::size_t depth);
  bool list(Value& out, std::size_t depth);
  bool map(Value& out, std::size_t depth);
  bool word(Value& out);
  bool number(Value& out);
  /// The text of a string whose opening quote is at `at_`: a piece of the input, or `scratch_` when it has escapes.
  bool string(std::string_view& out);
  bool escaped_string(const char* start, bool wide, std::string_view& out);
  bool escape();
  bool hex4(unsigned& out);
  Value key(std::string_view text);

  [[nodiscard]] SourcePos here() noexcept;
  void skip_blank() noexcept;
  [[nodiscard]] char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }
  [[nodiscard]] bool take(std::string_view word) noexcept;
  [[nodiscard]] std::string found() const;
  [[nodiscard]] std::string_view value_hint() const noexcept;
  bool stop(Errc code, std::string what, std::string_view help = {});
  [[nodiscard]] Where place() const;

  const JsonOptions& options_;
  const char* begin_;
  const char* end_;
  const char* at_;
  std::size_t depth_limit_;
  std::uint32_t file_ = 0;
  std::uint32_t line_ = 1;           // of `counted_`
  std::uint32_t column_ = 1;         // of `counted_`
  const char* counted_;              // how far lines and columns are counted
  std::string scratch_;
  std::array<Value, 256> keys_{};    // recent map keys: objects in a list repeat theirs
  std::optional<Error> failure_;
};

}  // namespace herder::value
