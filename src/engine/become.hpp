// Becoming another user for one command: the words put around it, and the dialogue with what asks for a password.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace herder::engine {

enum class BecomeMethod : std::uint8_t { sudo, su };

struct Become {
  BecomeMethod method = BecomeMethod::sudo;
  std::string user = "root";
  std::shared_ptr<const Secret> password;  // null: must work without one
};

/// One use of a Become: makes the command line, then watches the first output. The password goes only to a prompt that carries
/// this dialogue's random mark (sudo) or that comes before the mark of success (su), never to the command. One host, one thread.
class BecomeDialogue {
 public:
  /// `mark` is random text of letters and digits, new for each host.
  BecomeDialogue(Become become, std::string mark);

  /// `script` (for /bin/sh) wrapped so that it runs as the user. su needs needs_pty().
  [[nodiscard]] std::string wrap(std::string_view script) const;
  [[nodiscard]] bool needs_pty() const noexcept { return become_.method == BecomeMethod::su; }

  enum class Ask : std::uint8_t { nothing, password };
  struct Step {
    Ask ask = Ask::nothing;
    std::string pass;  // output that belongs to the command (or that explains a refusal)
  };
  /// Takes a piece of output. Errors: denied (the password was refused, or one is needed and there is none).
  Result<Step> feed(bool error_stream, std::string_view bytes);
  /// True once the command itself runs: from then on output needs no feeding.
  [[nodiscard]] bool started() const noexcept { return started_; }
  /// At the end of output without started(): why, for people.
  [[nodiscard]] Error refusal() const;

 private:
  [[nodiscard]] bool ends_in_prompt(std::string_view text) const;
  Result<Step> at_prompt();

  Become become_;
  std::string mark_;
  std::string prompt_;
  std::string success_;
  std::string out_;     // output so far, before the mark
  std::string err_;
  bool asked_ = false;
  bool started_ = false;
};

}  // namespace herder::engine
