// What hosts print, written to one pair of files a host.
#pragma once

#include "report/run.hpp"

namespace herder::report {

/// A file name for a host, whatever its name: no path can come of it, and different hosts have different files. Plain names stay as
/// they are; everything but letters, digits and ._-@:+,= becomes %XX, so does a leading dot or dash; names above 200 bytes are cut and
/// end in a hash.
std::string file_name_for(std::string_view host);

/// DIR/HOST.out and DIR/HOST.err, the bytes as they came (redacted). Both are written for each host as it ends, also when they are
/// empty, so that nothing of an earlier run is mistaken for this one's.
class FileView : public View {
 public:
  explicit FileView(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Needs needs() const override { return Needs::at_result; }
  void begin(const Run& run) override;
  void result(const Run& run, const HostResult& result) override;
  [[nodiscard]] const std::optional<Error>& failure() const override { return failure_; }

 private:
  Result<> write(const Run& run, const std::string& name, OutputId id) const;
  std::string directory_;
  std::optional<Error> failure_;
};

}  // namespace herder::report
