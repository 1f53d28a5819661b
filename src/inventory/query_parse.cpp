// A recursive-descent parser with the precedence of Jinja2: or, and, not, comparisons, then tests bind tightest.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inventory/query_ast.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

using Kind = QueryNode::Kind;
using NodePtr = std::unique_ptr<const QueryNode>;

constexpr int deepest = 100;

struct Token {
  enum class Kind : std::uint8_t { end, name, literal, mark };
  Kind kind = Kind::end;
  std::string_view text;
  Value value;  // of a literal
  std::size_t offset = 0;
};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_name(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    for (;;) {
      while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
      if (at_ == text_.size()) break;
      HERDER_TRY_VOID(next());
    }
    tokens_.push_back({Token::Kind::end, {}, {}, text_.size()});
    return std::move(tokens_);
  }

  Error fault(std::size_t offset, Error failure) const {
    failure.where.file = "expression";
    failure.where.line = 1;
    failure.where.column = static_cast<int>(std::ranges::count_if(
                               text_.substr(0, offset), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; })) +
                           1;
    failure.where.text = std::string(text_);
    return failure;
  }

 private:
  Result<> next() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') return string(c);
    if (is_digit(c)) return number();
    if (is_name(c)) {
      push(Token::Kind::name, length_while(is_name));
      return {};
    }
    constexpr std::array<std::string_view, 15> marks{"==", "!=", "<=", ">=", "<", ">", "(", ")",
                                                     "[",  "]",  ".",  ",",  "-", "|", "~"};
    for (const std::string_view mark : marks) {
      if (!text_.substr(at_).starts_with(mark)) continue;
      push(Token::Kind::mark, mark.size());
      return {};
    }
    if (c == '=') return std::unexpected(fault(at_, error(Errc::parse, "'=' compares nothing").hint("write '=='")));
    if (c == '&' || c == '!')
      return std::unexpected(fault(at_, error(Errc::parse, "'{}' means nothing here", c).hint("write 'and', 'or', 'not'")));
    if (std::string_view("+*/%{}").contains(c))
      return std::unexpected(fault(at_, error(Errc::unsupported, "'{}' is not possible in a query yet", c).hint(subset)));
    return std::unexpected(fault(at_, error(Errc::parse, "'{}' means nothing here", text::printable(text_.substr(at_, 1)))));
  }

  Result<> string(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return std::unexpected(fault(at_, error(Errc::parse, "a quote is not closed")));
    const auto value = value::parse_python_literal(text_.substr(at_, end + 1 - at_));
    if (!value)
      return std::unexpected(
          fault(at_, error(Errc::parse, "this text cannot be read").hint("a backslash in a text is written twice")));
    return literal(end + 1 - at_, *value);
  }

  Result<> number() {
    std::size_t size = length_while([](char c) { return is_digit(c) || c == '_'; });
    if (at_ + size + 1 < text_.size() && text_[at_ + size] == '.' && is_digit(text_[at_ + size + 1])) {
      ++size;
      while (at_ + size < text_.size() && is_digit(text_[at_ + size])) ++size;
    }
    const auto value = value::parse_python_literal(text_.substr(at_, size));
    if (!value || (at_ + size < text_.size() && is_name(text_[at_ + size])))
      return std::unexpected(fault(at_, error(Errc::parse, "this is not a number")));
    return literal(size, *value);
  }

  template <class Fits>
  std::size_t length_while(Fits fits) const {
    std::size_t end = at_;
    while (end < text_.size() && fits(text_[end])) ++end;
    return end - at_;
  }

  Result<> literal(std::size_t size, Value value) {
    push(Token::Kind::literal, size);
    tokens_.back().value = std::move(value);
    return {};
  }

  void push(Token::Kind kind, std::size_t size) {
    tokens_.push_back({kind, text_.substr(at_, size), {}, at_});
    at_ += size;
  }

 public:
  static constexpr const char* subset =
      "a query compares variables: == != < <= > >= in, and or not, 'is defined', 'is match(...)'; filters and arithmetic come "
      "with templates";

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

NodePtr make(Kind kind, std::string text = {}, NodePtr a = nullptr, NodePtr b = nullptr) {
  auto node = std::make_unique<QueryNode>();
  node->kind = kind;
  node->text = std::move(text);
  if (a) node->children.push_back(std::move(a));
  if (b) node->children.push_back(std::move(b));
  return node;
}

struct TestName {
  std::string_view name;
  bool argument;
};
constexpr auto tests = std::to_array<TestName>({{"defined", false},
                                                {"undefined", false},
                                                {"none", false},
                                                {"string", false},
                                                {"number", false},
                                                {"integer", false},
                                                {"float", false},
                                                {"boolean", false},
                                                {"mapping", false},
                                                {"sequence", false},
                                                {"true", false},
                                                {"false", false},
                                                {"match", true},
                                                {"search", true},
                                                {"contains", true}});

class Parser {
 public:
  Parser(const Lexer& lexer, std::vector<Token> tokens) : lexer_(lexer), tokens_(std::move(tokens)) {}

  Result<NodePtr> run() {
    HERDER_TRY(NodePtr root, parse_or());
    if (peek().kind != Token::Kind::end) return std::unexpected(unexpected());
    return root;
  }

 private:
  [[nodiscard]] const Token& peek() const { return tokens_[at_]; }
  [[nodiscard]] bool is(std::string_view text) const { return peek().kind != Token::Kind::literal && peek().text == text; }
  bool take(std::string_view text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] Error unexpected() const {
    const Token& token = peek();
    Error failure = error(Errc::parse, "the expression ends too early");
    if (token.kind != Token::Kind::end) failure = error(Errc::parse, "'{}' is not expected here", token.text);
    if (token.text == "|" || token.text == "~" || token.text == "if" || token.text == "-" || token.text == "(")
      failure = error(Errc::unsupported, "'{}' is not possible in a query yet", token.text).hint(Lexer::subset);
    return lexer_.fault(token.offset, std::move(failure));
  }

  Result<NodePtr> parse_or() {
    if (++depth_ > deepest)
      return std::unexpected(lexer_.fault(peek().offset, error(Errc::limit, "the expression is nested too deep")));
    HERDER_TRY(NodePtr left, parse_and());
    while (take("or")) {
      HERDER_TRY(NodePtr right, parse_and());
      left = make(Kind::logic_or, {}, std::move(left), std::move(right));
    }
    --depth_;
    return left;
  }

  Result<NodePtr> parse_and() {
    HERDER_TRY(NodePtr left, parse_not());
    while (take("and")) {
      HERDER_TRY(NodePtr right, parse_not());
      left = make(Kind::logic_and, {}, std::move(left), std::move(right));
    }
    return left;
  }

  Result<NodePtr> parse_not() {
    if (!take("not")) return parse_compare();
    if (++depth_ > deepest)
      return std::unexpected(lexer_.fault(peek().offset, error(Errc::limit, "the expression is nested too deep")));
    HERDER_TRY(NodePtr inner, parse_not());
    --depth_;
    return make(Kind::logic_not, {}, std::move(inner));
  }

  std::optional<QueryNode::Operator> take_operator() {
    using Operator = QueryNode::Operator;
    constexpr std::array<std::pair<std::string_view, Operator>, 7> operators{{{"==", Operator::equal},
                                                                              {"!=", Operator::unequal},
                                                                              {"<", Operator::less},
                                                                              {"<=", Operator::less_equal},
                                                                              {">", Operator::greater},
                                                                              {">=", Operator::greater_equal},
                                                                              {"in", Operator::in}}};
    for (const auto& [text, made] : operators)
      if (take(text)) return made;
    if (is("not") && at_ + 1 < tokens_.size() && tokens_[at_ + 1].kind == Token::Kind::name && tokens_[at_ + 1].text == "in") {
      at_ += 2;
      return Operator::not_in;
    }
    return std::nullopt;
  }

  Result<NodePtr> parse_compare() {
    HERDER_TRY(NodePtr first, parse_unary());
    auto operation = take_operator();
    if (!operation) return first;
    auto node = std::make_unique<QueryNode>();
    node->kind = Kind::compare;
    node->children.push_back(std::move(first));
    for (; operation; operation = take_operator()) {
      HERDER_TRY(NodePtr next, parse_unary());
      node->operators.push_back(*operation);
      node->children.push_back(std::move(next));
    }
    return NodePtr(std::move(node));
  }

  Result<NodePtr> parse_unary() {
    if (take("-")) {
      HERDER_TRY(NodePtr inner, parse_postfix());
      return make(Kind::negate, {}, std::move(inner));
    }
    HERDER_TRY(NodePtr node, parse_postfix());
    while (take("is")) { HERDER_TRY(node, parse_test(std::move(node))); }
    return node;
  }

  Result<NodePtr> parse_test(NodePtr subject) {
    const bool inverted = take("not");
    const Token name = peek();
    if (name.kind != Token::Kind::name) return std::unexpected(unexpected());
    const auto known = std::ranges::find(tests, name.text, &TestName::name);
    if (known == tests.end()) return std::unexpected(unknown_test(name));
    ++at_;
    auto node = std::make_unique<QueryNode>();
    node->kind = Kind::test;
    node->text = std::string(name.text);
    node->children.push_back(std::move(subject));
    if (known->argument) {
      if (!take("("))
        return std::unexpected(lexer_.fault(
            peek().offset,
            error(Errc::parse, "'is {}' needs an argument", name.text).hint(fmt::format("write is {}('...')", name.text))));
      const Token argument = peek();
      HERDER_TRY(NodePtr inner, parse_or());
      if (!take(")")) return std::unexpected(unexpected());
      HERDER_TRY_VOID(compile_regex(*node, *inner, argument));
      node->children.push_back(std::move(inner));
    }
    NodePtr made = std::move(node);
    if (inverted) return make(Kind::logic_not, {}, std::move(made));
    return made;
  }

  [[nodiscard]] Error unknown_test(const Token& name) const {
    std::vector<std::string> names;
    for (const TestName& test : tests) names.emplace_back(test.name);
    const auto near = text::nearest(name.text, names);
    return lexer_.fault(name.offset, error(Errc::parse, "there is no test '{}' in queries", name.text)
                                         .hint(near ? fmt::format("did you mean 'is {}'?", *near)
                                                    : fmt::format("one of: {}", text::join(names, ", "))));
  }

  Result<> compile_regex(QueryNode& test, const QueryNode& argument, const Token& place) const {
    if (test.text != "match" && test.text != "search") return {};
    if (argument.kind != Kind::literal || !argument.value.is_string())
      return std::unexpected(
          lexer_.fault(place.offset, error(Errc::parse, "'is {}' needs a regular expression in quotes", test.text)));
    auto regex = value::PythonRegex::compile(argument.value.as_string());
    if (!regex) return std::unexpected(lexer_.fault(place.offset, std::move(regex).error()));
    test.regex = *std::move(regex);
    return {};
  }

  Result<NodePtr> parse_postfix() {
    HERDER_TRY(NodePtr node, parse_primary());
    for (;;) {
      if (take(".")) {
        const Token name = peek();
        const bool index = name.kind == Token::Kind::literal && name.value.kind() == value::Kind::integer;
        if (name.kind != Token::Kind::name && !index) return std::unexpected(unexpected());
        ++at_;
        if (index)
          node = make(Kind::item, {}, std::move(node), literal(name.value));
        else
          node = make(Kind::attribute, std::string(name.text), std::move(node));
      } else if (take("[")) {
        HERDER_TRY(NodePtr key, parse_or());
        if (!take("]")) return std::unexpected(unexpected());
        node = make(Kind::item, {}, std::move(node), std::move(key));
      } else {
        return node;
      }
    }
  }

  static NodePtr literal(Value value) {
    auto node = std::make_unique<QueryNode>();
    node->kind = Kind::literal;
    node->value = std::move(value);
    return node;
  }

  Result<NodePtr> parse_primary() {
    const Token token = peek();
    if (token.kind == Token::Kind::literal) {
      ++at_;
      return literal(token.value);
    }
    if (take("(")) {
      HERDER_TRY(NodePtr inner, parse_or());
      if (!take(")")) return std::unexpected(unexpected());
      return inner;
    }
    if (take("[")) return parse_list();
    constexpr std::array<std::string_view, 8> keywords{"and", "or", "not", "in", "is", "if", "else", "recursive"};
    if (token.kind != Token::Kind::name || std::ranges::find(keywords, token.text) != keywords.end())
      return std::unexpected(unexpected());
    ++at_;
    if (token.text == "true" || token.text == "True") return literal(Value(true));
    if (token.text == "false" || token.text == "False") return literal(Value(false));
    if (token.text == "none" || token.text == "None") return literal(Value());
    return make(Kind::name, std::string(token.text));
  }

  Result<NodePtr> parse_list() {
    auto node = std::make_unique<QueryNode>();
    node->kind = Kind::list;
    while (!take("]")) {
      if (!node->children.empty() && !take(",")) return std::unexpected(unexpected());
      if (take("]")) break;
      HERDER_TRY(NodePtr item, parse_or());
      node->children.push_back(std::move(item));
    }
    return NodePtr(std::move(node));
  }

  const Lexer& lexer_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<NodePtr> parse_query(std::string_view text) {
  Lexer lexer(text);
  HERDER_TRY(std::vector<Token> tokens, lexer.run());
  return Parser(lexer, std::move(tokens)).run();
}

}  // namespace herder::inventory
