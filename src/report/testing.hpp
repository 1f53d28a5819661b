// For tests of this room: a run without an engine, in front of a terminal without a screen.
#pragma once

#include <map>
#include <string>

#include "report/make_reporter.hpp"

namespace herder::report {

class FakeTerminal : public Terminal {
 public:
  bool out = false, err = false, moves = true;
  TerminalSize dimensions{80, 24};
  [[nodiscard]] bool out_is_terminal() const override { return out; }
  [[nodiscard]] bool err_is_terminal() const override { return err; }
  [[nodiscard]] bool moves_cursor() const override { return moves; }
  [[nodiscard]] TerminalSize size() const override { return dimensions; }
};

/// Both outputs, apart and as a terminal would get them.
class FakeOutputs {
 public:
  class Part : public Sink {
   public:
    Part(std::string& own, std::string& both) : own_(&own), both_(&both) {}
    void break_it(Error why, bool reader_gone) { fail(std::move(why), reader_gone); }

   protected:
    void put(std::string_view bytes) override {
      *own_ += bytes;
      *both_ += bytes;
    }

   private:
    std::string* own_;
    std::string* both_;
  };
  std::string out_text, err_text, both_text;
  Part out{out_text, both_text}, err{err_text, both_text};
};

/// Sends the events of a run to a reporter, with a clock that only moves when told.
class FakeRun {
 public:
  FakeOutputs outputs;
  FakeTerminal terminal;
  ReportSettings settings;

  /// After settings and terminal are as wanted.
  void begin(std::vector<std::string> hosts, std::string kind = "exec", bool color = false) {
    console = std::make_unique<Console>(outputs.out, outputs.err, terminal, color, color);
    reporter = make_reporter(*console, settings);
    begin_with(std::move(hosts), std::move(kind));
  }
  void begin_with(std::vector<std::string> hosts, std::string kind = "exec") {
    engine::RunStarted event{.id = "run-1", .kind = std::move(kind), .command = "uptime", .at = now};
    for (std::string& host : hosts) {
      index[host] = static_cast<engine::HostIndex>(event.hosts.size());
      event.hosts.push_back(std::move(host));
    }
    reporter->on(event);
  }
  void start(const std::string& host, unsigned attempt = 1) {
    attempts[host] = attempt;
    started[host] = now;
    reporter->on(engine::HostStarted{.host = index.at(host), .attempt = attempt, .at = now});
  }
  void print(const std::string& host, std::string bytes, engine::Stream stream = engine::Stream::out) {
    reporter->on(engine::Output{.host = index.at(host), .stream = stream, .bytes = std::move(bytes)});
  }
  void complain(const std::string& host, std::string bytes) { print(host, std::move(bytes), engine::Stream::err); }
  void finish(const std::string& host, engine::HostFinished event) {
    event.host = index.at(host);
    event.attempts = attempts.contains(host) ? attempts[host] : 0;
    event.at = now;
    event.took = attempts.contains(host) ? now - started[host] : Duration{};
    reporter->on(event);
  }
  void exit(const std::string& host, int code) {
    finish(host, {.status = code == 0 ? engine::Status::ok : engine::Status::failed, .exit_code = code});
  }
  void lose(const std::string& host, std::string why, engine::Status status = engine::Status::unreachable) {
    Error error{.code = Errc::unreachable, .what = std::move(why)};
    error.via.push_back("connecting to " + host);
    finish(host, {.status = status, .error = std::move(error)});
  }
  /// A host from start to end.
  void whole(const std::string& host, std::string out, int code = 0, std::string err = {}) {
    start(host);
    if (!out.empty()) print(host, std::move(out));
    if (!err.empty()) complain(host, std::move(err));
    exit(host, code);
  }
  void pass(Duration span) {
    now = now + span;
    reporter->on(engine::Tick{.at = now});
  }
  int end(engine::Stop stop = engine::Stop::none) {
    reporter->on(engine::RunFinished{.at = now, .stop = stop});
    return reporter->exit_code();
  }

  TimePoint now{std::chrono::hours(1)};
  std::unique_ptr<Console> console;
  std::unique_ptr<Reporter> reporter;
  std::map<std::string, engine::HostIndex> index;
  std::map<std::string, unsigned> attempts;
  std::map<std::string, TimePoint> started;
};

}  // namespace herder::report
