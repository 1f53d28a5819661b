// Text that must never be seen: passwords, passphrases, private keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace herder {

/// Owns secret bytes and wipes them when it goes. It cannot be formatted, printed or compared by accident; who needs the bytes
/// says `reveal()`, and never stores or logs them. Moving leaves the source empty. Not shared between threads.
class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::string_view bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Secret clone() const { return Secret(reveal()); }
  [[nodiscard]] std::string_view reveal() const noexcept { return {bytes_, size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites memory in a way that the compiler keeps.
void wipe(void* bytes, std::size_t size) noexcept;
/// Wipes and empties a string that held something secret.
void wipe(std::string& text) noexcept;

}  // namespace herder
