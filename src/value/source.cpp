#include "value/source.hpp"

#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace herder::value {
namespace {

/// Process-wide, because a Value has 20 bits for its file and outlives whoever parsed it. It only grows.
struct FileTable {
  std::mutex mutex;
  std::deque<std::string> names;  // id - 1 is the place; a deque, so that the keys below stay where they are
  std::map<std::string_view, std::uint32_t> ids;
};

FileTable& table() {
  static FileTable& only = *new FileTable;  // never destroyed: threads may still ask at exit
  return only;
}

}  // namespace

std::uint32_t source_file_id(std::string_view name) {
  if (name.empty()) return 0;
  FileTable& files = table();
  const std::scoped_lock lock(files.mutex);
  if (const auto known = files.ids.find(name); known != files.ids.end()) return known->second;
  if (files.names.size() >= SourcePos::max_file) return 0;
  files.names.emplace_back(name);
  const auto id = static_cast<std::uint32_t>(files.names.size());
  files.ids.emplace(files.names.back(), id);
  return id;
}

std::string source_file_name(std::uint32_t id) {
  FileTable& files = table();
  const std::scoped_lock lock(files.mutex);
  return id == 0 || id > files.names.size() ? std::string() : files.names[id - 1];
}

Where SourcePos::where() const {
  return {.file = source_file_name(file()), .line = static_cast<int>(line()), .column = static_cast<int>(column()), .text = {}};
}

}  // namespace herder::value
