// repr() and str() of values; a list of open containers instead of recursion.
#include <vector>

#include "base/utf8.hpp"
#include "value/json.hpp"
#include "value/python_literal.hpp"
#include "value/python_printable.hpp"

namespace herder::value {
namespace {

char quote_for(std::string_view text) noexcept { return text.contains('\'') && !text.contains('"') ? '"' : '\''; }

template <class... Args>
void put(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
}

/// The escapes that text and bytes have in common; false when `byte` needs none of them.
bool put_short_escape(std::string& out, char byte, char quote) {
  switch (byte) {
    case '\n': out += "\\n"; return true;
    case '\r': out += "\\r"; return true;
    case '\t': out += "\\t"; return true;
    case '\\': out += "\\\\"; return true;
    default: break;
  }
  if (byte != quote) return false;
  out += '\\';
  out += quote;
  return true;
}

void put_code(std::string& out, char32_t code, std::string_view bytes) {
  const auto number = static_cast<std::uint32_t>(code);
  if (python_printable(code)) out += bytes;
  else if (number <= 0xff) put(out, "\\x{:02x}", number);
  else if (number <= 0xffff) put(out, "\\u{:04x}", number);
  else put(out, "\\U{:08x}", number);
}

void put_text(std::string& out, std::string_view text) {
  const char quote = quote_for(text);
  out += quote;
  for (std::size_t i = 0; i < text.size();) {
    if (put_short_escape(out, text[i], quote)) {
      ++i;
      continue;
    }
    const utf8::Step step = utf8::decode(text.substr(i));
    if (step.size == 0) put(out, "\\udc{:02x}", static_cast<unsigned char>(text[i]));  // what surrogateescape makes of the byte
    else put_code(out, step.code, text.substr(i, step.size));
    i += step.size == 0 ? 1 : step.size;
  }
  out += quote;
}

void put_bytes(std::string& out, std::string_view bytes) {
  const char quote = quote_for(bytes);
  out += 'b';
  out += quote;
  for (const char byte : bytes) {
    if (put_short_escape(out, byte, quote)) continue;
    if (byte >= 0x20 && byte < 0x7f) out += byte;
    else put(out, "\\x{:02x}", static_cast<unsigned char>(byte));
  }
  out += quote;
}

void put_time(std::string& out, const DateTime& time) {
  if (time.date_only) return put(out, "datetime.date({}, {}, {})", time.year, time.month, time.day);
  put(out, "datetime.datetime({}, {}, {}, {}, {}", time.year, time.month, time.day, time.hour, time.minute);
  if (time.second != 0 || time.microsecond != 0) put(out, ", {}", time.second);
  if (time.microsecond != 0) put(out, ", {}", time.microsecond);
  if (time.has_offset) {
    const std::int32_t offset = time.offset_seconds;  // a timedelta has days and then non-negative seconds
    if (offset == 0) out += ", tzinfo=datetime.timezone.utc";
    else if (offset > 0) put(out, ", tzinfo=datetime.timezone(datetime.timedelta(seconds={}))", offset);
    else put(out, ", tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds={}))", 86'400 + offset);
  }
  out += ')';
}

void put_scalar(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::null: out += "None"; break;
    case Kind::boolean: out += value.as_bool() ? "True" : "False"; break;
    case Kind::integer: put(out, "{}", value.as_int()); break;
    case Kind::big: out += value.big_decimal(); break;
    case Kind::real: out += python_float(value.as_real()); break;
    case Kind::string: put_text(out, value.as_string()); break;
    case Kind::bytes: put_bytes(out, value.as_string()); break;
    default: put_time(out, value.as_datetime());
  }
}

struct Open {
  Value container;
  std::size_t next = 0;  // maps: two for each entry, key and value
};

void open_or_put(std::string& out, const Value& value, std::vector<Open>& open) {
  if (!value.is_list() && !value.is_map()) return put_scalar(out, value);
  out += value.is_list() ? '[' : '{';
  open.push_back({value});
}

}  // namespace

std::string python_repr(const Value& value) {
  std::string out;
  std::vector<Open> open;
  open_or_put(out, value, open);
  while (!open.empty()) {
    const Value container = open.back().container;
    const std::size_t place = open.back().next++;
    if (place == container.size() * (container.is_map() ? 2 : 1)) {
      out += container.is_list() ? ']' : '}';
      open.pop_back();
    } else if (container.is_list()) {
      if (place > 0) out += ", ";
      open_or_put(out, container.items()[place], open);
    } else {
      const MapEntry& entry = container.entries()[place / 2];
      if (place > 0) out += place % 2 == 0 ? ", " : ": ";
      open_or_put(out, place % 2 == 0 ? entry.key : entry.value, open);
    }
  }
  return out;
}

std::string python_str(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.kind() != Kind::date && value.kind() != Kind::datetime) return python_repr(value);
  std::string out = value.as_datetime().iso();
  if (const std::size_t t = out.find('T'); t != std::string::npos) out[t] = ' ';
  return out;
}

}  // namespace herder::value
