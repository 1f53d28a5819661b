#include "inventory/pattern_match.hpp"

#include "base/text.hpp"

namespace herder::inventory {

Result<NameMatcher> NameMatcher::make(std::string_view pattern) {
  if (pattern.starts_with('~')) {
    NameMatcher made(Kind::regex, pattern);
    HERDER_TRY(made.regex_, value::PythonRegex::compile(pattern.substr(1)), "reading the regular expression of pattern '{}'",
               pattern);
    return made;
  }
  return NameMatcher(pattern.find_first_of("*?[") == std::string_view::npos ? Kind::exact : Kind::glob, pattern);
}

Result<bool> NameMatcher::matches(std::string_view name) const {
  if (kind_ == Kind::exact) return name == text_;
  if (kind_ == Kind::glob) return text::glob_match(text_, name);
  HERDER_TRY(const auto found, regex_->match(name), "matching '{}' with pattern '{}'", name, text_);
  return found.has_value();
}

}  // namespace herder::inventory
