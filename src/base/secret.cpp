#include "base/secret.hpp"

#include <cstring>
#include <utility>

namespace herder {

void wipe(void* bytes, std::size_t size) noexcept {
  if (size > 0) explicit_bzero(bytes, size);
}

void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string_view bytes) : bytes_(bytes.empty() ? nullptr : new char[bytes.size()]), size_(bytes.size()) {
  if (size_ > 0) std::memcpy(bytes_, bytes.data(), size_);
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  wipe(bytes_, size_);
  delete[] bytes_;
}

}  // namespace herder
