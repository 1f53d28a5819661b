#include "cli/complete.hpp"

namespace herder::cli {

std::vector<std::string> host_names(const std::vector<std::string>& sources) {
  // Lists such as -i web1,web2, need no file.
  std::vector<std::string> out{"all", "localhost"};
  for (const std::string& source : sources) {
    if (source.find(',') == std::string::npos) continue;
    std::size_t start = 0;
    while (start < source.size()) {
      const std::size_t comma = std::min(source.find(',', start), source.size());
      if (comma > start) out.push_back(source.substr(start, comma - start));
      start = comma + 1;
    }
  }
  return out;
}

}  // namespace herder::cli
