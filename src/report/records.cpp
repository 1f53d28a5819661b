#include "report/records.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "report/encode.hpp"
#include "report/printable_stream.hpp"

namespace herder::report {
namespace {

using engine::name_of;

std::string seconds(Duration span) { return fmt::format("{:.3f}", std::chrono::duration<double>(span).count()); }

std::string_view stop_name(engine::Stop stop) {
  switch (stop) {
    case engine::Stop::none: return "";
    case engine::Stop::interrupted: return "interrupted";
    case engine::Stop::too_many_failed: return "too_many_failed";
    case engine::Stop::report_failed: return "report_failed";
  }
  return "";
}

int exit_code_of(const Run& run) {
  if (run.stop == engine::Stop::interrupted) return 130;
  return run.stop == engine::Stop::report_failed ? 1 : run.totals.exit_code();
}

std::string json_error(const Error& why) {
  std::string out = fmt::format("{{\"code\": \"{}\", \"what\": {}", herder::name_of(why.code), json_quote(why.what));
  if (!why.help.empty()) out += ", \"help\": " + json_quote(why.help);
  if (!why.via.empty()) {
    out += ", \"while\": [";
    for (std::size_t i = 0; i < why.via.size(); ++i) out += (i == 0 ? "" : ", ") + json_quote(why.via[i]);
    out += "]";
  }
  return out + "}";
}

/// `"stdout": "..."`, and what a reader needs when that is not all.
Result<> json_output(Sink& sink, const Run& run, std::string_view key, OutputId id, std::uint64_t dropped) {
  TextScan scan;
  QuotedText quoted;
  sink.raw(fmt::format(", \"{}\": \"", key));
  HERDER_TRY_VOID(run.store->read(id, [&](std::string_view piece) -> Result<> {
    scan.feed(piece);
    sink.raw(quoted.feed(piece));
    return {};
  }));
  sink.raw(quoted.finish() + "\"");
  if (!scan.finish().utf8) {
    Base64Text base64;
    sink.raw(fmt::format(", \"{}_base64\": \"", key));
    HERDER_TRY_VOID(run.store->read(id, [&](std::string_view piece) -> Result<> {
      sink.raw(base64.feed(piece));
      return {};
    }));
    sink.raw(base64.finish() + "\"");
  }
  if (dropped > 0) sink.raw(fmt::format(", \"{}_dropped\": {}", key, dropped));
  return {};
}

/// The fields of a result, without braces.
Result<> json_result(Sink& sink, const Run& run, const HostResult& one) {
  sink.raw(fmt::format("\"host\": {}, \"status\": \"{}\", \"exit_code\": {}, \"signal\": {}, \"error\": {}, \"attempts\": {}, \"seconds\": {}",
                       json_quote(run.name(one.host)), name_of(one.status), one.exit_code ? fmt::format("{}", *one.exit_code) : "null",
                       one.signal.empty() ? "null" : json_quote(one.signal), one.error ? json_error(*one.error) : "null", one.attempts,
                       seconds(one.took)));
  HERDER_TRY_VOID(json_output(sink, run, "stdout", one.out, one.out_dropped));
  return json_output(sink, run, "stderr", one.err, one.err_dropped);
}

/// The fields of a summary, without braces.
std::string json_totals(const Run& run) {
  const engine::Totals& t = run.totals;
  const std::string_view stop = stop_name(run.stop);
  return fmt::format(
      "\"hosts\": {}, \"ok\": {}, \"failed\": {}, \"timeout\": {}, \"unreachable\": {}, \"cancelled\": {}, \"skipped\": {}, \"seconds\": {}, "
      "\"stopped\": {}, \"exit_code\": {}",
      run.info.hosts.size(), t.ok, t.failed, t.timeout, t.unreachable, t.cancelled, t.skipped, seconds(run.elapsed()),
      stop.empty() ? "null" : json_quote(stop), exit_code_of(run));
}

std::string json_run(const Run& run) {
  return fmt::format("\"id\": {}, \"kind\": {}, \"command\": {}", json_quote(run.info.id), json_quote(run.info.kind), json_quote(run.info.command));
}

std::string json_version() { return fmt::format("\"herder\": \"{}\", \"events\": \"{}\"", version(), events_version); }

std::string yaml_quote(std::string_view text) {
  QuotedText quoted(true);
  std::string out = "\"" + quoted.feed(text);
  return out + quoted.finish() + "\"";
}

}  // namespace

void RecordView::check(Result<> done) {
  if (!done && !failure_) failure_ = std::move(done).error();
}

void NdjsonView::begin(const Run& run) {
  out().raw(fmt::format("{{\"type\": \"version\", {}}}\n", json_version()));
  out().raw(fmt::format("{{\"type\": \"run\", {}, \"hosts\": {}, \"time\": \"{}\"}}\n", json_run(run), run.info.hosts.size(), wall_now_text()));
}

void NdjsonView::retrying(const Run& run, const engine::HostRetrying& event) {
  out().raw(fmt::format("{{\"type\": \"retry\", \"host\": {}, \"attempt\": {}, \"error\": {}, \"wait_seconds\": {}}}\n",
                        json_quote(run.name(event.host)), event.attempt, json_error(event.reason), seconds(event.wait)));
}

void NdjsonView::result(const Run& run, const HostResult& result) {
  out().raw("{\"type\": \"host\", ");
  check(json_result(out(), run, result));
  out().raw("}\n");
}

void NdjsonView::warning(const Run& run, const engine::Warning& event) {
  out().raw(fmt::format("{{\"type\": \"warning\", \"host\": {}, \"error\": {}}}\n", event.host ? json_quote(run.name(*event.host)) : "null",
                        json_error(event.what)));
}

void NdjsonView::end(const Run& run) { out().raw(fmt::format("{{\"type\": \"summary\", {}}}\n", json_totals(run))); }

void JsonView::end(const Run& run) {
  out().raw(fmt::format("{{{},\n \"run\": {{{}}},\n \"hosts\": [", json_version(), json_run(run)));
  bool first = true;
  for (const auto& one : run.results) {
    if (!one) continue;
    out().raw(first ? "\n  {" : ",\n  {");
    first = false;
    check(json_result(out(), run, *one));
    out().raw("}");
  }
  out().raw(fmt::format("{}],\n \"totals\": {{{}}}}}\n", first ? "" : "\n ", json_totals(run)));
}

void YamlView::output(const Run& run, std::string_view key, OutputId id, std::uint64_t dropped) {
  TextScan scan;
  check(run.store->read(id, [&](std::string_view piece) -> Result<> {
    scan.feed(piece);
    return {};
  }));
  const TextTraits traits = scan.finish();
  if (traits.literal && traits.multi_line) {
    constexpr std::string_view heads[] = {"|2-", "|2", "|2+"};
    out().raw(fmt::format("  {}: {}\n", key, heads[traits.final_newlines]));
    bool line_start = true;
    check(run.store->read(id, [&](std::string_view piece) -> Result<> {
      std::string text;
      for (const char c : piece) {
        if (line_start && c != '\n') text += "    ";
        text += c;
        line_start = c == '\n';
      }
      out().raw(text);
      return {};
    }));
    if (!line_start) out().raw("\n");
  } else {
    QuotedText quoted(true);
    out().raw(fmt::format("  {}: \"", key));
    check(run.store->read(id, [&](std::string_view piece) -> Result<> {
      out().raw(quoted.feed(piece));
      return {};
    }));
    out().raw(quoted.finish() + "\"\n");
  }
  if (!traits.utf8) {
    Base64Text base64;
    out().raw(fmt::format("  {}_base64: \"", key));
    check(run.store->read(id, [&](std::string_view piece) -> Result<> {
      out().raw(base64.feed(piece));
      return {};
    }));
    out().raw(base64.finish() + "\"\n");
  }
  if (dropped > 0) out().raw(fmt::format("  {}_dropped: {}\n", key, dropped));
}

void YamlView::end(const Run& run) {
  out().raw(fmt::format("herder: \"{}\"\nevents: \"{}\"\nrun:\n  id: {}\n  kind: {}\n  command: {}\nhosts:{}\n", version(), events_version,
                        yaml_quote(run.info.id), yaml_quote(run.info.kind), yaml_quote(run.info.command), run.done() == 0 ? " []" : ""));
  for (const auto& one : run.results) {
    if (!one) continue;
    out().raw(fmt::format("- host: {}\n  status: {}\n  exit_code: {}\n  signal: {}\n  error: {}\n  attempts: {}\n  seconds: {}\n",
                          yaml_quote(run.name(one->host)), name_of(one->status), one->exit_code ? fmt::format("{}", *one->exit_code) : "null",
                          one->signal.empty() ? "null" : yaml_quote(one->signal), one->error ? json_error(*one->error) : "null", one->attempts,
                          seconds(one->took)));
    output(run, "stdout", one->out, one->out_dropped);
    output(run, "stderr", one->err, one->err_dropped);
  }
  const engine::Totals& t = run.totals;
  out().raw(fmt::format("totals:\n  hosts: {}\n  ok: {}\n  failed: {}\n  timeout: {}\n  unreachable: {}\n  cancelled: {}\n  skipped: {}\n"
                        "  seconds: {}\n  stopped: {}\n  exit_code: {}\n",
                        run.info.hosts.size(), t.ok, t.failed, t.timeout, t.unreachable, t.cancelled, t.skipped, seconds(run.elapsed()),
                        run.stop == engine::Stop::none ? "null" : stop_name(run.stop), exit_code_of(run)));
}

void CsvView::field(const Run& run, OutputId id) {
  WholeCharacters whole;
  const auto write = [this](const std::string& piece) {
    const std::string quoted = csv_quote(piece);
    out().raw(std::string_view(quoted).substr(1, quoted.size() - 2));
  };
  out().raw(",\"");
  check(run.store->read(id, [&](std::string_view piece) -> Result<> {
    write(whole.feed(piece));
    return {};
  }));
  write(whole.finish());
  out().raw("\"");
}

void CsvView::end(const Run& run) {
  out().raw("host,status,exit_code,signal,error,attempts,seconds,stdout_dropped,stderr_dropped,stdout,stderr\n");
  for (const auto& one : run.results) {
    if (!one) continue;
    out().raw(fmt::format("{},{},{},{},{},{},{},{},{}", csv_quote(run.name(one->host)), name_of(one->status),
                          one->exit_code ? fmt::format("{}", *one->exit_code) : "", csv_quote(one->signal), one->error ? csv_quote(one->error->what) : "",
                          one->attempts, seconds(one->took), one->out_dropped, one->err_dropped));
    field(run, one->out);
    field(run, one->err);
    out().raw("\n");
  }
}

}  // namespace herder::report
