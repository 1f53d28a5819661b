// The JSON parser: structure. Scalars are in json_scalar.cpp, printing in json_print.cpp.
// Own code instead of a library's, because none of the packaged ones gives positions, Python's NaN, integers without limit and
// correctly rounded doubles at once.
#include "value/json.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "value/json_parser.hpp"

namespace herder::value {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t longest_shown_line = 240;

bool starts_number(char c) noexcept { return c == '-' || (c >= '0' && c <= '9'); }
bool is_blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

JsonParser::JsonParser(std::string_view text, const JsonOptions& options)
    : options_(options),
      begin_(text.data()),
      end_(text.data() + text.size()),
      at_(begin_),
      depth_limit_(std::min(options.depth, deepest)),
      file_(source_file_id(options.file)),
      counted_(begin_) {
  if (text.starts_with(byte_order_mark)) begin_ = at_ = counted_ = begin_ + byte_order_mark.size();
}

Result<Value> JsonParser::parse() {
  Value out;
  skip_blank();
  if (value(out, 0)) {
    skip_blank();
    if (at_ == end_) return out;
    stop(Errc::parse, "there is more text after the end of the JSON value: " + found());
  }
  return std::unexpected(std::move(*failure_));
}

bool JsonParser::value(Value& out, std::size_t depth) {
  const SourcePos position = here();
  bool good = false;
  switch (peek()) {
    case '{': good = map(out, depth); break;
    case '[': good = list(out, depth); break;
    case '"': {
      std::string_view text;
      good = string(text);
      if (good) out = Value(text).marked(options_.marks);
      break;
    }
    default: good = starts_number(peek()) ? number(out) : word(out);
  }
  if (good && file_ != 0) out = std::move(out).at(position);
  return good;
}

bool JsonParser::list(Value& out, std::size_t depth) {
  if (depth >= depth_limit_) return stop(Errc::limit, fmt::format("the JSON text is nested deeper than {} levels", depth_limit_));
  ++at_;
  skip_blank();
  ListBuilder items;
  if (peek() == ']') {
    ++at_;
    out = Value::empty_list();
    return true;
  }
  while (true) {
    Value item;
    if (!value(item, depth + 1)) return false;
    items.push_back(std::move(item));
    skip_blank();
    const char c = peek();
    if (c != ',' && c != ']') return stop(Errc::parse, "expected ',' or ']' after a list element, not " + found());
    ++at_;
    if (c == ']') break;
    skip_blank();
  }
  out = std::move(items).build();
  return true;
}

bool JsonParser::map(Value& out, std::size_t depth) {
  if (depth >= depth_limit_) return stop(Errc::limit, fmt::format("the JSON text is nested deeper than {} levels", depth_limit_));
  ++at_;
  skip_blank();
  MapBuilder entries;
  if (peek() == '}') {
    ++at_;
    out = Value::empty_map();
    return true;
  }
  while (true) {
    if (peek() != '"') {
      const bool trailing = peek() == '}';
      return stop(Errc::parse, "expected a key in double quotes, not " + found(),
                  trailing ? "remove the comma before it" : "JSON keys stand in double quotes");
    }
    const SourcePos position = here();
    std::string_view text;
    if (!string(text)) return false;
    Value name = key(text);
    if (file_ != 0) name = std::move(name).at(position);
    skip_blank();
    if (peek() != ':') return stop(Errc::parse, "expected ':' after the key, not " + found());
    ++at_;
    skip_blank();
    Value item;
    if (!value(item, depth + 1)) return false;
    entries.set(std::move(name), std::move(item));
    skip_blank();
    const char c = peek();
    if (c != ',' && c != '}') return stop(Errc::parse, "expected ',' or '}' after a value, not " + found());
    ++at_;
    if (c == '}') break;
    skip_blank();
  }
  out = std::move(entries).build();
  return true;
}

Value JsonParser::key(std::string_view text) {
  if (text.empty()) return Value(text).marked(options_.marks);
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(text[i])}; };
  const std::size_t place = (text.size() * 31 + byte(0) * 7 + byte(text.size() - 1) * 13 + byte(text.size() / 2)) % keys_.size();
  Value& known = keys_[place];
  if (!known.is_string() || known.as_string() != text) known = Value(text).marked(options_.marks);
  return known;
}

void JsonParser::skip_blank() noexcept {
  while (at_ != end_ && is_blank(*at_)) ++at_;
}

SourcePos JsonParser::here() noexcept {
  if (file_ == 0) return {};
  for (; counted_ < at_; ++counted_) {
    if (*counted_ == '\n') {
      ++line_;
      column_ = 1;
    } else {
      column_ += static_cast<std::uint32_t>((static_cast<unsigned char>(*counted_) & 0xc0U) != 0x80U);
    }
  }
  return {file_, line_, column_};
}

std::string JsonParser::found() const {
  if (at_ == end_) return "the end of the text";
  const utf8::Step step = utf8::decode({at_, static_cast<std::size_t>(end_ - at_)});
  return "'" + text::printable({at_, step.size == 0 ? 1U : step.size}) + "'";
}

Where JsonParser::place() const {
  const auto line = 1 + std::count(begin_, at_, '\n');
  const char* start = at_;
  while (start != begin_ && start[-1] != '\n') --start;
  const char* stop = std::find(at_, end_, '\n');
  const auto column = 1 + std::count_if(start, at_, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  Where where{.file = options_.file, .line = static_cast<int>(line), .column = static_cast<int>(column), .text = {}};
  const auto length = static_cast<std::size_t>(stop - start);
  if (length <= longest_shown_line && !has(options_.marks, Mark::secret)) where.text.assign(start, length);
  return where;
}

bool JsonParser::stop(Errc code, std::string what, std::string_view help) {
  failure_ = Error{.code = code, .what = std::move(what), .where = place(), .help = std::string(help), .via = {}};
  return false;
}

Result<Value> parse_json(std::string_view text, const JsonOptions& options) { return JsonParser(text, options).parse(); }

}  // namespace herder::value
