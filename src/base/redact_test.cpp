#include "base/redact.hpp"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include "base/text.hpp"

namespace herder {
namespace {

constexpr const char* canary = "Tr0ub4dor&3 \"x\\y\"";

std::string redacted(std::string_view secret, std::string_view text) {
  Redactor redactor;
  redactor.add(secret);
  return redactor.redact(text);
}

/// The text around an encoded secret must come out whole: "[" mark "]".
void expect_hidden(std::string_view secret, const std::string& form) {
  EXPECT_EQ(redacted(secret, "[" + form + "]"), "[********]") << form;
}

std::string base64url(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string url_escape(std::string_view text, std::string_view safe, bool plus_is_space, bool lower) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || safe.find(c) != std::string_view::npos;
    if (plain) out += c;
    else if (c == ' ' && plus_is_space) out += '+';
    else out += lower ? fmt::format("%{:02x}", static_cast<unsigned char>(c)) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// As Python's json.dumps writes a string, for text in Latin-1 range.
std::string json_escape(std::string_view text, bool slashes) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || (c == '/' && slashes)) (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out;
}

std::string wrap(std::string_view text, std::size_t width, std::string_view line_end) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % width == 0) out += line_end;
    out += text[i];
  }
  return out;
}

rc::Gen<std::string> secrets() {
  const auto letter = rc::gen::oneOf(rc::gen::inRange<char>('!', '\x7f'), rc::gen::element('\'', '"', '\\', '%', '+', ' ', 'a', '0', '\t'));
  return rc::gen::suchThat(rc::gen::container<std::string>(letter), [](const std::string& text) {
    return std::ranges::count_if(text, [](char c) { return c > ' ' && c != '\'' && c != '"' && c != '\\'; }) >= 4;
  });
}

/// Text of bytes that are no part of any escape, so that what is put into it keeps its meaning.
rc::Gen<std::string> surroundings() { return rc::gen::container<std::string>(rc::gen::element('<', '>', '{', '}', '~', '|', ';', '^')); }

using Encode = std::function<std::string(const std::string&)>;

void check_hidden(const Encode& encode) {
  const auto secret = *secrets();
  const auto before = *surroundings();
  const auto after = *surroundings();
  const std::string form = encode(secret);
  const std::string out = redacted(secret, before + form + after);
  RC_LOG() << "form: " << form << "\nout: " << out << "\n";
  RC_ASSERT(out.find("********") != std::string::npos);
  RC_ASSERT(out.find(form) == std::string::npos);
  // Beside the mark and the surroundings there is at most the end of a base64 group, which carries four bits, and its padding.
  const auto shown = std::ranges::count_if(out, [](char c) { return c > ' '; });
  RC_ASSERT(static_cast<std::size_t>(shown) <= before.size() + after.size() + 8 + 3);
}

}  // namespace

TEST(Redactor, without_secrets_text_passes_unchanged) {
  const Redactor redactor;
  EXPECT_TRUE(redactor.empty());
  EXPECT_EQ(redactor.redact("nothing %41 \\x41 here"), "nothing %41 \\x41 here");
}

TEST(Redactor, marks_every_occurrence) {
  EXPECT_EQ(redacted("hunter22", "a hunter22, hunter22hunter22."), "a ********, ****************.");
}

TEST(Redactor, text_without_the_secret_stays_byte_for_byte) {
  const std::string text = "hunter 22 hunte r%20+ \\n '\"'\xff\x01 hunter2";
  EXPECT_EQ(redacted("hunter22", text), text);
}

TEST(Redactor, overlapping_occurrences_become_one_mark) {
  EXPECT_EQ(redacted("aXaXa", "-aXaXaXa-"), "-********-");
  Redactor both;
  both.add("left-middle");
  both.add("middle-right");
  EXPECT_EQ(both.redact("<left-middle-right>"), "<********>");
}

TEST(Redactor, a_secret_inside_a_longer_one_does_not_uncover_it) {
  Redactor redactor;
  redactor.add("abcd");
  redactor.add("1234abcd5678");
  EXPECT_EQ(redactor.redact("1234abcd5678 1234abcd567"), "******** 1234********567");
}

TEST(Redactor, short_and_blank_secrets_do_not_blank_the_output) {
  Redactor redactor;
  redactor.add("abc");
  redactor.add("    \n  ");
  EXPECT_TRUE(redactor.empty());
  EXPECT_EQ(redactor.redact("abc        abc"), "abc        abc");
}

TEST(Redactor, a_trailing_line_end_of_a_password_file_is_not_part_of_the_secret) {
  EXPECT_EQ(redacted("hunter22\n", "(hunter22)"), "(********)");
  EXPECT_EQ(redacted("hunter22\n", "(" + text::base64("hunter22") + ")").find("aHVudGVy"), std::string::npos);
}

TEST(Redactor, hides_what_common_tools_make_of_it) {
  expect_hidden(canary, canary);
  EXPECT_EQ(redacted(canary, text::shell_quote(canary)), "'********'");
  expect_hidden("it's me", "it'\\''s me");
  expect_hidden("it's me", "it\\'s\\ me");
  expect_hidden("it's me", "it'\"'\"'s me");
  expect_hidden("pass/word", "pass\\/word");
  expect_hidden("pa\xc3\xa4ss", "pa\\u00e4ss");
  expect_hidden("pa\xf0\x9f\x98\x80ss", "pa\\ud83d\\ude00ss");
  expect_hidden("pa\xf0\x9f\x98\x80ss", "pa\\U0001f600ss");
  expect_hidden("pa\x1bss", "pa\\x1bss");
  expect_hidden("pa\x1bss", "pa\\033ss");
  expect_hidden("pa ss&word", "pa+ss%26word");
  expect_hidden("hunter22", "68 75 6e 74 65 72 32 32");
  expect_hidden("correct horse battery", "correct horse\n    battery");
}

TEST(Redactor, hides_single_lines_of_a_private_key) {
  const std::string key = "-----BEGIN KEY-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo\nMDEyMzQ1Njc4OQ==\n-----END KEY-----\n";
  EXPECT_EQ(redacted(key, "x QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo y"), "x ******** y");
  EXPECT_EQ(redacted(key, "-----BEGIN KEY-----"), "-----BEGIN KEY-----");
}

TEST(Redactor, hides_short_secrets_of_quotes_in_shell_form) {
  EXPECT_EQ(redacted("a'b'", text::shell_quote("a'b'")), "'********'");
}

RC_GTEST_PROP(RedactorProperty, hides_plain_in_any_text, (const std::string& before, const std::string& after)) {
  const auto secret = *secrets();
  RC_ASSERT(redacted(secret, before + secret + after).find(secret) == std::string::npos);
}

RC_GTEST_PROP(RedactorProperty, hides_base64_at_any_alignment, ()) {
  const auto lead = *rc::gen::inRange<std::size_t>(0, 7);
  const bool url = *rc::gen::arbitrary<bool>();
  const auto secret = *secrets();
  const std::string encoded = text::base64(std::string(lead, '.') + secret + "..");
  const std::string out = redacted(secret, url ? base64url(encoded) : encoded);
  RC_LOG() << "encoded: " << encoded << "\nout: " << out << "\n";
  RC_ASSERT(out.find("********") != std::string::npos);
  // Only letters that carry bits of the surroundings are left, and padding.
  RC_ASSERT(out.size() <= (lead * 8 + 5) / 6 + 8 + 6);
}

RC_GTEST_PROP(RedactorProperty, hides_url_escaped, ()) {
  const auto safe = *rc::gen::element<std::string>("", "-._~", "-_.!~*'()", "/-._~", "-._~:/?#[]@!$&'()*,;=");
  const bool plus = *rc::gen::arbitrary<bool>();
  const bool lower = *rc::gen::arbitrary<bool>();
  check_hidden([&](const std::string& secret) { return url_escape(secret, safe, plus, lower); });
}

RC_GTEST_PROP(RedactorProperty, hides_json_escaped, ()) {
  const bool slashes = *rc::gen::arbitrary<bool>();
  check_hidden([&](const std::string& secret) { return json_escape(secret, slashes); });
}

RC_GTEST_PROP(RedactorProperty, hides_shell_quoted, ()) {
  check_hidden([](const std::string& secret) {
    const std::string quoted = text::shell_quote(secret);
    return quoted == secret ? quoted : quoted.substr(1, quoted.size() - 2);
  });
}

RC_GTEST_PROP(RedactorProperty, hides_hexadecimal, ()) {
  const bool upper = *rc::gen::arbitrary<bool>();
  check_hidden([&](const std::string& secret) {
    std::string digits = text::hex(secret);
    if (upper)
      for (char& c : digits) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return digits;
  });
}

RC_GTEST_PROP(RedactorProperty, hides_split_over_lines, ()) {
  const auto width = *rc::gen::inRange<std::size_t>(1, 80);
  const auto line_end = *rc::gen::element<std::string>("\n", "\r\n", "\n  ", "\r\n\t");
  const auto encoding = *rc::gen::element<std::string>("plain", "base64", "hex");
  check_hidden([&](const std::string& secret) {
    return wrap(encoding == "base64" ? text::base64(secret) : encoding == "hex" ? text::hex(secret) : secret, width, line_end);
  });
}

namespace {

/// Text that is full of secrets, halves of them and escapes.
rc::Gen<std::string> tricky_text(const std::vector<std::string>& secrets) {
  std::vector<std::string> pieces{"\\", "%", "%4", "\\u00", "\n", "  ", "'", "\"", "+", "x", "\\\\", "\r\n", "\\ud83d", "*"};
  for (const std::string& secret : secrets) {
    pieces.insert(pieces.end(), {secret, secret.substr(0, secret.size() / 2), secret.substr(secret.size() / 2), text::base64(secret), text::hex(secret)});
    pieces.push_back(json_escape(secret, true));
    pieces.push_back(url_escape(secret, "", true, false));
    pieces.push_back(wrap(secret, 3, "\n "));
  }
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
                      [](const std::vector<std::string>& parts) { return text::join(parts, ""); });
}

std::string feed_in_chunks(Redactor::Stream& stream, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto size = std::min<std::size_t>(text.size(), *rc::gen::inRange<std::size_t>(1, 12));
    out += stream.feed(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out + stream.finish();
}

}  // namespace

RC_GTEST_PROP(RedactorProperty, stream_equals_whole_in_any_chunks, ()) {
  const auto known = *rc::gen::container<std::vector<std::string>>(3, secrets());
  Redactor redactor;
  for (const std::string& secret : known) redactor.add(secret);
  const auto text = *tricky_text(known);
  Redactor::Stream stream(redactor);
  const std::string out = feed_in_chunks(stream, text);
  RC_ASSERT(out == redactor.redact(text));
  for (const std::string& secret : known)
    if (secret.find("****") == std::string::npos) RC_ASSERT(out.find(secret) == std::string::npos);
  RC_ASSERT(feed_in_chunks(stream, text) == out);  // used again after finish()
}

TEST(RedactorStream, passes_on_what_cannot_become_a_secret) {
  Redactor redactor;
  redactor.add("hunter22");
  Redactor::Stream stream(redactor);
  EXPECT_EQ(stream.feed("password: hunt"), "password: ");
  EXPECT_EQ(stream.feed("er2"), "");
  EXPECT_EQ(stream.feed("1 "), "hunter21 ");
  EXPECT_EQ(stream.finish(), "");
}

TEST(RedactorStream, a_secret_learned_in_the_middle_hides_what_is_held_back) {
  Redactor redactor;
  Redactor::Stream stream(redactor);
  EXPECT_EQ(stream.feed("one "), "one ");
  redactor.add("hunter22");
  EXPECT_EQ(stream.feed("hunt"), "");
  redactor.add("hunting-season");
  EXPECT_EQ(stream.feed("ing-season, hunter"), "********, ");
  EXPECT_EQ(stream.feed("22"), "********");
  EXPECT_EQ(stream.finish(), "");
}

TEST(RedactorStream, holds_back_little_whatever_the_host_sends) {
  Redactor redactor;
  redactor.add("hunter22");
  Redactor::Stream stream(redactor);
  std::size_t in = 0;
  std::size_t out = 0;
  const std::string line_ends(1000, '\n');
  for (int i = 0; i < 100; ++i) {
    const std::string text = "hunt" + line_ends + line_ends + line_ends + line_ends + line_ends;
    in += text.size();
    out += stream.feed(text).size();
    EXPECT_LT(in - out, 10'000U);
  }
}

TEST(Redactor, one_secret_more_costs_nothing_for_texts_without_it) {
  Redactor redactor;
  for (int i = 0; i < 2000; ++i) redactor.add(fmt::format("password-{:05}", i));
  std::string text;
  for (int i = 0; i < 2000; ++i) text.append(fmt::format("host{} password-{:05} ok\n", i, i));
  const std::string out = redactor.redact(text);
  EXPECT_EQ(out.find("password-"), std::string::npos);
  EXPECT_NE(out.find("host1999 ******** ok"), std::string::npos);
}

}  // namespace herder
