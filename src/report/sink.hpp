// Where everything that herder says goes out. No output path exists beside this one, so that nothing secret and nothing that a
// terminal would obey can slip by.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder::report {

/// One thread. Text is redacted here, always. After a failure everything more is discarded and `failure()` says why: who runs a
/// command asks at the end (exit code 1), who runs a fleet asks in between (Subscriber::must_stop).
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// herder's own words, with its own colours and cursor moves. Nothing foreign may be in it that was not made safe.
  void write(std::string_view own);
  /// Text from a host, a file or a person: control characters become visible escapes. Lines and tabs stay.
  void foreign(std::string_view text);
  /// The bytes as they are, apart from redaction: only for files that the user asked for, and for formats that escape by themselves.
  void raw(std::string_view bytes) { write(bytes); }

  /// Sends what is buffered.
  virtual void flush() {}

  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
  /// The reader has gone (EPIPE): not worth a message.
  [[nodiscard]] bool reader_gone() const noexcept { return reader_gone_; }

 protected:
  virtual void put(std::string_view bytes) = 0;
  void fail(Error why, bool reader_gone);

 private:
  std::optional<Error> failure_;
  bool reader_gone_ = false;
};

/// Collects in memory; for tests and for texts that are made before they are shown.
class StringSink : public Sink {
 public:
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  void clear() { text_.clear(); }

 protected:
  void put(std::string_view bytes) override { text_ += bytes; }

 private:
  std::string text_;
};

/// A file descriptor that somebody else owns. Buffers up to 64 KiB; waits when a non-blocking descriptor is full.
class FdSink : public Sink {
 public:
  /// `name` is for messages: "standard output".
  FdSink(int fd, std::string name);
  ~FdSink() override;
  void flush() override;

 protected:
  void put(std::string_view bytes) override;

 private:
  void send(std::string_view bytes);

  int fd_;
  std::string name_;
  std::string buffer_;
};

}  // namespace herder::report
