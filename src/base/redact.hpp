// Nothing secret leaves herder: every byte for a person, a file, a log or a pipe goes through a Redactor.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace herder {

/// Knows all secrets of this process and takes them out of text, also where they appear as base64 (any alignment), URL-escaped,
/// JSON-escaped, shell-quoted, hexadecimal or split over lines. Each occurrence becomes `********`.
/// Secrets shorter than `min_bytes`, or of white space only, are not searched for in free text (they would blank half of it).
/// Costs nothing but a copy while there are no secrets, then time linear in the text however many there are. Thread-safe.
class Redactor {
 public:
  static constexpr std::size_t min_bytes = 4;

  Redactor();
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  /// Keeps a copy (a second time: no effect).
  void add(const Secret& secret);
  void add(std::string_view secret);
  [[nodiscard]] bool empty() const noexcept;

  [[nodiscard]] std::string redact(std::string_view text) const;

  /// For streams: secrets may be cut by chunk borders, so a tail that could be the start of one is held back. All that comes out
  /// is what redact() makes of the whole, however it was cut. A secret added in the middle counts from the next chunk on.
  /// Belongs to one thread at a time; the redactor must outlive it.
  class Stream {
   public:
    explicit Stream(const Redactor& redactor);
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    ~Stream();
    /// What may be passed on now.
    std::string feed(std::string_view chunk);
    /// The rest, at the end of the stream; afterwards a new one may begin.
    std::string finish();

   private:
    struct Scan;
    const Redactor* redactor_;
    std::unique_ptr<Scan> scan_;
  };

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The process's redactor. The one global of this room: it exists so that no output path can be built without it.
Redactor& redactor();

}  // namespace herder
