#include "report/grouped_view.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "report/printable_stream.hpp"

namespace herder::report {

std::string host_list(const Run& run, const std::vector<engine::HostIndex>& hosts, FoldHosts fold) {
  std::vector<std::string> names;
  names.reserve(hosts.size());
  for (const engine::HostIndex host : hosts) names.push_back(run.name(host));
  if (fold != nullptr && names.size() > 1) return text::printable_line(fold(names));
  return text::printable_line(text::join(names, ","));
}

void GroupedView::end(const Run& run) {
  for (const Group& group : group_results(run, options_.fold)) {
    if (options_.only_failures && group.sample->status == engine::Status::ok) continue;
    show(run, group);
    if (failure_ || console_->failure()) return;
  }
}

void GroupedView::show(const Run& run, const Group& group) {
  const HostResult& result = *group.sample;
  const Paint& paint = console_->paint_out();
  Sink& out = console_->out();
  if (!first_) out.write("\n");
  first_ = false;
  const bool good = result.status == engine::Status::ok;
  std::string head = paint.bold(host_list(run, group.hosts, options_.fold_hosts));
  if (group.hosts.size() > 1) head += fmt::format(" ({})", count_hosts(group.hosts.size()));
  out.write(fmt::format("{}: {}\n", head, good ? paint.good(describe(result)) : paint.bad(describe(result))));
  if (result.error && options_.verbosity > 0)
    for (const std::string& step : result.error->via) out.write(fmt::format("  while {}\n", text::printable_line(step)));
  if (result.error && !result.error->help.empty()) out.write(fmt::format("  help: {}\n", text::printable_line(result.error->help)));
  show_output(run, result.out, result.out_dropped);
  if (result.err != 0 || result.err_dropped > 0) {
    out.write(paint.dim("(stderr)") + "\n");
    show_output(run, result.err, result.err_dropped);
  }
}

void GroupedView::show_output(const Run& run, OutputId id, std::uint64_t dropped) {
  Sink& out = console_->out();
  WholeCharacters whole;
  char last = '\n';
  const auto show_piece = [&](const std::string& piece) {
    if (piece.empty()) return;
    last = piece.back();
    out.foreign(piece);
  };
  const auto read = run.store->read(id, [&](std::string_view piece) -> Result<> {
    show_piece(whole.feed(piece));
    return {};
  });
  if (!read) failure_ = read.error();
  show_piece(whole.finish());
  if (last != '\n') out.write("\n");
  if (dropped > 0)
    out.write(console_->paint_out().warn(fmt::format("({} more dropped; --output-limit keeps more)", format_size(static_cast<std::int64_t>(dropped)))) + "\n");
}

}  // namespace herder::report
