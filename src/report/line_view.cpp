#include "report/line_view.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "report/grouped_view.hpp"

namespace herder::report {

using engine::Status;
using engine::Stream;

void LineView::begin(const Run& run) { hosts_.resize(run.info.hosts.size()); }

void LineView::started(const Run& run, const engine::HostStarted& event) {
  if (hosts_[event.host]) finish(run, event.host);  // an earlier attempt left a line open
  hosts_[event.host] = std::make_unique<Host>();
}

void LineView::chunk(const Run& run, engine::HostIndex host, Stream stream, std::string_view bytes) {
  if (!hosts_[host]) hosts_[host] = std::make_unique<Host>();
  Pending& pending = hosts_[host]->streams[static_cast<std::size_t>(stream)];
  take(run, host, stream, pending, pending.whole.feed(bytes));
}

void LineView::take(const Run& run, engine::HostIndex host, Stream stream, Pending& pending, const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end != std::string_view::npos && pending.line.size() + end <= part_bytes) {
      pending.line += rest.substr(0, end);
      if (!pending.continued || !pending.line.empty()) emit(run, host, stream, pending.line, pending.continued);
      pending.line.clear();
      pending.continued = false;
      rest.remove_prefix(end + 1);
      continue;
    }
    const std::size_t room = part_bytes - std::min(part_bytes, pending.line.size());
    const std::size_t part = std::min(end == std::string_view::npos ? rest.size() : end, room);
    const std::string_view fits = part == rest.size() ? rest : text::cut(rest, part);
    pending.line += fits;
    rest.remove_prefix(fits.size());
    if (rest.empty()) return;
    emit(run, host, stream, pending.line, pending.continued);
    pending.line.clear();
    pending.continued = true;
  }
}

void LineView::emit(const Run& run, engine::HostIndex host, Stream stream, std::string_view line, bool continued) {
  const bool to_out = stream == Stream::out;
  Sink& sink = to_out ? console_->out() : console_->err();
  const Paint& paint = to_out ? console_->paint_out() : console_->paint_err();
  const std::string name = text::printable_line(run.name(host)) + (continued ? "+" : ":");
  sink.write((to_out ? paint.bold(name) : paint.warn(name)) + " ");
  sink.foreign(line);
  sink.write("\n");
}

void LineView::finish(const Run& run, engine::HostIndex host) {
  if (!hosts_[host]) return;
  for (const Stream stream : {Stream::out, Stream::err}) {
    Pending& pending = hosts_[host]->streams[static_cast<std::size_t>(stream)];
    take(run, host, stream, pending, pending.whole.finish());
    if (!pending.line.empty()) emit(run, host, stream, pending.line, pending.continued);
  }
  hosts_[host].reset();
}

void LineView::result(const Run& run, const HostResult& result) {
  finish(run, result.host);
  const std::string name = text::printable_line(run.name(result.host));
  const std::string took = format_duration(result.took);
  if (result.status != Status::ok && result.status != Status::skipped) {
    console_->err().write(console_->paint_err().bad(fmt::format("{}: {}", name, describe(result))) + "\n");
  } else if (result.status == Status::ok && run.info.kind != "exec") {
    console_->out().write(fmt::format("{}: ok in {}\n", name, took));  // what prints nothing says at least that it worked
  } else if (result.status == Status::ok && options_.verbosity > 0) {
    console_->err().write(fmt::format("{}: ok in {}\n", name, took));
  }
}

void LineView::end(const Run& run) { write_failures(*console_, run, options_.fold_hosts); }

void write_failures(Console& console, const Run& run, FoldHosts fold) {
  bool first = true;
  for (const Group& group : group_results(run, true)) {
    if (group.sample->status == Status::ok) continue;
    Sink& err = console.err();
    if (first) err.write("\n");
    first = false;
    err.write(fmt::format("{}{}: {}\n", console.paint_err().bold(host_list(run, group.hosts, fold)),
                          group.hosts.size() > 1 ? fmt::format(" ({})", count_hosts(group.hosts.size())) : "",
                          console.paint_err().bad(describe(*group.sample))));
    if (group.sample->error && !group.sample->error->help.empty())
      err.write(fmt::format("  help: {}\n", text::printable_line(group.sample->error->help)));
  }
}

}  // namespace herder::report
