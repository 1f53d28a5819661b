#include "transport/ssh_config_tree.hpp"

#include <algorithm>
#include <cerrno>

#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "transport/host_pattern.hpp"
#include "transport/ssh_config_line.hpp"

namespace herder::transport {
namespace {

constexpr int deepest_include = 16;
constexpr std::size_t most_files = 4096;
constexpr std::size_t most_sections = 2'000'000;
constexpr std::size_t most_bytes = std::size_t{16} << 20U;

using Included = std::vector<std::pair<std::string, std::string>>;  // name and content

struct Reader {
  const Includer& include;
  bool user = true;
  std::vector<Section> sections{};
  std::string ignored{};  // IgnoreUnknown lists; in ssh only the first that applies to the host counts
  std::optional<Error> failure{};
  int failures = 0;
  std::size_t files = 0;

  Result<> read(std::string_view text, const std::string& file, int parent, int depth);
  Result<> line(std::string_view text, const std::string& file, int number, int parent, int depth);
  Result<> directive(Directive found, const Keyword& keyword, std::string_view rest);
  Result<> structure(const Directive& found, std::string_view rest, int parent, int depth);
  Result<> include_files(const Directive& found, int parent, int depth);
  Result<> host(const Directive& found, int parent);
  Result<> match(const Directive& found, std::string_view rest, int parent);
  Section& open(Section::Kind kind, const Directive& from, int parent);
};

struct Criteria {
  std::string_view name;
  Criterion::What what;
  bool takes_argument;
};
constexpr Criteria criteria_names[] = {
    {"all", Criterion::What::all, false},           {"canonical", Criterion::What::canonical, false},
    {"final", Criterion::What::final, false},       {"host", Criterion::What::host, true},
    {"originalhost", Criterion::What::original_host, true}, {"user", Criterion::What::user, true},
    {"localuser", Criterion::What::local_user, true},       {"exec", Criterion::What::exec, true},
};

Result<Criterion> parse_criterion(Words& words, const std::string& word) {
  Criterion out;
  out.negated = word.starts_with('!');
  const std::string name = text::lower(std::string_view(word).substr(out.negated ? 1 : 0));
  const auto* known = std::ranges::find(criteria_names, name, &Criteria::name);
  if (known == std::end(criteria_names)) {
    const bool newer = name == "localnetwork" || name == "tagged" || name == "version" || name == "sessiontype" || name == "command";
    return std::unexpected(error(newer ? Errc::unsupported : Errc::parse, "Match cannot ask for '{}'{}", text::printable(name), newer ? " here" : "")
                               .hint("it can ask for all, canonical, final, host, originalhost, user, localuser and exec"));
  }
  out.what = known->what;
  if (!known->takes_argument) return out;
  const auto argument = words.next();
  if (!argument || argument->empty() || argument->starts_with('#')) return fail(Errc::parse, "Match {} needs an argument", name);
  out.argument = *argument;
  return out;
}

Result<std::vector<Criterion>> parse_criteria(std::string_view rest) {
  std::vector<Criterion> out;
  Words words(rest);
  for (auto word = words.next(); word && !word->empty() && !word->starts_with('#'); word = words.next()) {
    HERDER_TRY(Criterion criterion, parse_criterion(words, *word));
    const bool all = criterion.what == Criterion::What::all;
    out.push_back(std::move(criterion));
    if (!all) continue;
    const auto more = words.next();
    if (out.size() > 2 || (more && !more->empty() && !more->starts_with('#')))
      return fail(Errc::parse, "'all' cannot be combined with other Match conditions");
    return out;
  }
  if (words.open_quote()) return fail(Errc::parse, "a quote is left open");
  if (out.empty()) return fail(Errc::parse, "Match needs a condition");
  return out;
}

Section& Reader::open(Section::Kind kind, const Directive& from, int parent) {
  Section made;
  made.kind = kind;
  made.parent = parent;
  made.file = from.file;
  made.line = from.line;
  return sections.emplace_back(std::move(made));
}

Result<> Reader::host(const Directive& found, int parent) {
  if (found.args.empty()) return fail(Errc::parse, "Host needs a pattern");
  if (std::ranges::any_of(found.args, [](const auto& pattern) { return pattern.empty(); })) return fail(Errc::parse, "Host has an empty pattern");
  open(Section::Kind::host, found, parent).patterns = found.args;
  return {};
}

Result<> Reader::match(const Directive& found, std::string_view rest, int parent) {
  auto criteria = parse_criteria(rest);
  Section& section = open(criteria ? Section::Kind::match : Section::Kind::never, found, parent);
  if (!criteria) return std::unexpected(std::move(criteria).error());
  section.criteria = *std::move(criteria);
  return {};
}

Result<> Reader::include_files(const Directive& found, int parent, int depth) {
  if (found.args.empty()) return fail(Errc::parse, "Include needs a file");
  const int current = static_cast<int>(sections.size()) - 1;
  for (const std::string& pattern : found.args) {
    if (pattern.empty()) return fail(Errc::parse, "Include has an empty argument");
    if (pattern[0] == '~' && !user)
      return std::unexpected(error(Errc::parse, "'{}' cannot be included from the system's configuration", text::printable(pattern)).hint("use a path from the root"));
    HERDER_TRY(const Included found_files, include(pattern));
    for (const auto& [name, content] : found_files) HERDER_TRY_VOID(read(content, name, current, depth + 1));
  }
  open(Section::Kind::always, found, parent).continues = current;
  return {};
}

Result<> Reader::structure(const Directive& found, std::string_view rest, int parent, int depth) {
  if (sections.size() > most_sections) return fail(Errc::limit, "the ssh configuration has more than {} sections", most_sections);
  switch (found.key) {
    case Key::host: return host(found, parent);
    case Key::match: return match(found, rest, parent);
    case Key::include: return include_files(found, parent, depth);
    default:
      if (found.args.size() != 1) return fail(Errc::parse, "IgnoreUnknown takes one comma-separated list");
      ignored += (ignored.empty() ? "" : ",") + text::lower(found.args[0]);
      return {};
  }
}

/// The keyword of a line and a Words that stands behind it; nothing for blank lines and comments.
std::optional<std::string> take_keyword(Words& words) {
  auto keyword = words.next();
  if (keyword && keyword->empty()) keyword = words.next();
  if (!keyword || keyword->empty() || keyword->starts_with('#')) return std::nullopt;
  return text::lower(*keyword);
}

/// `advise`: look for what may have been meant, which costs a comparison with every keyword.
Error unknown_keyword(const std::string& keyword, bool advise) {
  const std::string near = advise ? nearest_keyword(keyword) : "";
  return error(Errc::parse, "unknown keyword '{}'", text::printable(keyword))
      .hint((near.empty() ? "" : "did you mean '" + near + "'? ") + std::string("IgnoreUnknown ") + text::printable(keyword) +
            " before it makes ssh and herder pass over it");
}

/// Fills the arguments of `found` from `rest`. False when the keyword is unknown but to be ignored.
Result<bool> fill(Directive& found, std::string_view rest, std::string_view ignored, const Keyword*& keyword, bool advise) {
  constexpr std::string_view white = " \t\r\n";
  rest.remove_prefix(std::min(rest.find_first_not_of(white), rest.size()));
  if (rest.empty()) return fail(Errc::parse, "{} needs an argument", text::printable(found.keyword));
  keyword = find_keyword(found.keyword);
  if (keyword == nullptr && !ignored.empty() && match_list(found.keyword, ignored) == ListMatch::match) return false;
  if (keyword == nullptr) return std::unexpected(unknown_keyword(found.keyword, advise));
  auto args = split_arguments(rest);
  if (!args) return fail(Errc::parse, "a quote is left open");
  found.key = keyword->key;
  found.args = *std::move(args);
  if (keyword->form == Form::line || keyword->form == Form::jump) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n="), rest.size()));
    found.rest = std::string(rest);
  }
  HERDER_TRY_VOID(check_arguments(*keyword, found));
  return true;
}

std::string_view without_trailing_blanks(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r\n\f");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

Result<> Reader::line(std::string_view text, const std::string& file, int number, int parent, int depth) {
  Words words(without_trailing_blanks(text.substr(0, text.find('\0'))));
  auto keyword = take_keyword(words);
  if (!keyword && words.open_quote()) return fail(Errc::parse, "a quote is left open");
  if (!keyword) return {};
  Directive found{.keyword = *std::move(keyword), .file = file, .line = number, .from_user = user};
  const Keyword* known = nullptr;
  HERDER_TRY(const bool wanted, fill(found, words.rest(), ignored, known, !failure));
  if (!wanted) return {};
  if (known->form == Form::structure) return structure(found, words.rest(), parent, depth);
  if (known->form != Form::deprecated) sections.back().directives.push_back(std::move(found));
  return {};
}

Result<> Reader::read(std::string_view text, const std::string& file, int parent, int depth) {
  if (depth > deepest_include)
    return std::unexpected(error(Errc::limit, "Include goes more than {} files deep", deepest_include).at({.file = file}).hint("does a file include itself?"));
  if (++files > most_files) return fail(Errc::limit, "the ssh configuration includes more than {} files", most_files);
  open(Section::Kind::always, Directive{.file = file}, parent);
  int number = 0;
  for (const std::string_view one : text::split(text, '\n')) {
    auto done = line(one, file, ++number, parent, depth);
    if (done) continue;
    if (done.error().code == Errc::limit) return done;  // nothing more is read
    ++failures;
    if (failure) continue;
    failure = std::move(done).error();
    if (failure->where.file.empty()) failure->where = {.file = file, .line = number, .column = 0, .text = std::string(text::cut(one, 200))};
  }
  return {};
}

/// What ssh demands of a user's file: ours or root's, and written by nobody else (a group of our own may).
Result<> check_safety(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  if (info.st_uid != 0 && info.st_uid != ::getuid())
    return std::unexpected(error(Errc::denied, "'{}' belongs to somebody else (user id {})", text::printable(path), info.st_uid).hint("ssh refuses it too; chown it"));
  const bool group_writes = (info.st_mode & 0020U) != 0;
  if ((info.st_mode & 0002U) != 0 || (group_writes && info.st_gid != ::getgid() && info.st_gid != 0))
    return std::unexpected(error(Errc::denied, "'{}' can be written by others (mode {:04o})", text::printable(path), info.st_mode & 07777U).hint("ssh refuses it too; chmod go-w it"));
  return {};
}

Result<Included> glob_files(const std::string& pattern, bool check_owner) {
  Included out;
  glob_t found{};
  const int failure = ::glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> paths;
  for (std::size_t i = 0; failure == 0 && i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  if (failure != 0 && failure != GLOB_NOMATCH) return fail(Errc::io, "cannot look for '{}'", text::printable(pattern));
  for (const std::string& path : paths) {
    if (check_owner) HERDER_TRY_VOID(check_safety(path));
    auto content = read_file(path, most_bytes);
    if (!content && content.error().code == Errc::not_found) continue;
    if (!content) return std::unexpected(std::move(content).error());
    out.emplace_back(path, *std::move(content));
  }
  return out;
}

/// Includes from the disk, for a user's or the system's file.
Includer disk_includer(const SshConfigPlaces& places, bool user) {
  return [places, user](const std::string& pattern) {
    std::string path = pattern;
    if (path[0] == '~' && (path.size() == 1 || path[1] == '/')) path = places.home + path.substr(1);
    else if (path[0] == '~') path = expand_user(path);
    else if (path[0] != '/') path = (user ? places.home + "/.ssh" : places.system_directory) + "/" + path;
    return glob_files(path, places.check_owner);
  };
}

Result<> finish(Reader& reader) {
  if (!reader.failure) return {};
  if (reader.failures > 1) {
    Error& first = *reader.failure;
    first.help += (first.help.empty() ? "" : "; ") + std::string("there are ") + std::to_string(reader.failures - 1) + " more such errors";
  }
  return std::unexpected(*std::move(reader.failure));
}

Result<std::vector<Section>> read_one(const SshConfigPlaces& places, const std::string& path, bool user, std::string& ignored) {
  if (path.empty()) return std::vector<Section>{};
  auto content = read_file(path, most_bytes);
  if (!content && user && places.must_exist) return std::unexpected(with_via(content.error(), "the ssh configuration"));
  if (!content && (content.error().code == Errc::not_found || content.error().code == Errc::denied)) return std::vector<Section>{};
  if (!content) return std::unexpected(std::move(content).error());
  if (user && places.check_owner && !places.must_exist) HERDER_TRY_VOID(check_safety(path));
  const Includer includer = disk_includer(places, user);
  Reader reader{.include = includer, .user = user, .ignored = ignored};
  HERDER_TRY_VOID(reader.read(*content, path, -1, 0));
  HERDER_TRY_VOID(finish(reader));
  ignored = reader.ignored;
  return std::move(reader.sections);
}

}  // namespace

Result<std::vector<Section>> read_ssh_config(const SshConfigPlaces& places) {
  std::string ignored;
  HERDER_TRY(std::vector<Section> sections, read_one(places, places.user_file, true, ignored));
  HERDER_TRY(std::vector<Section> more, read_one(places, places.system_file, false, ignored));
  const int offset = static_cast<int>(sections.size());
  for (Section& section : more) {
    if (section.parent >= 0) section.parent += offset;
    if (section.continues >= 0) section.continues += offset;
    sections.push_back(std::move(section));
  }
  return sections;
}

Result<std::vector<Section>> parse_ssh_config(std::string_view text, const std::string& file, const Includer& included) {
  Reader reader{.include = included};
  HERDER_TRY_VOID(reader.read(text, file, -1, 0));
  HERDER_TRY_VOID(finish(reader));
  return std::move(reader.sections);
}

Result<std::optional<Directive>> parse_ssh_option(std::string_view text, const std::string& source) {
  Words words(without_trailing_blanks(text));
  auto keyword = take_keyword(words);
  if (!keyword) return fail(Errc::parse, "'{}' is no ssh option", text::printable(text));
  Directive found{.keyword = *std::move(keyword), .file = source};
  const Keyword* known = nullptr;
  HERDER_TRY(const bool wanted, fill(found, words.rest(), "", known, true));
  if (known->form == Form::structure) return fail(Errc::parse, "{} cannot be an option", known->name);
  if (!wanted || known->form == Form::deprecated) return std::optional<Directive>{};
  return std::optional(std::move(found));
}

}  // namespace herder::transport
