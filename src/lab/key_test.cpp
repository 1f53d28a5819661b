#include "lab/key.hpp"

#include <gtest/gtest.h>
#include <libssh/libssh.h>

#include <memory>

namespace herder::lab {
namespace {

struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<ssh_key_struct, FreeKey>;

Key read_private(const Secret& text) {
  ssh_key key = nullptr;
  ssh_pki_import_privkey_base64(std::string(text.reveal()).c_str(), nullptr, nullptr, nullptr, &key);
  return Key(key);
}

TEST(Key, libssh_reads_the_private_key_and_finds_the_same_public_key) {
  for (const char* comment : {"", "a", "herder lab", "a comment that is longer than a block of eight"}) {
    const Secret seed = random_seed().value();
    const Key key = read_private(private_key_text(seed, comment));
    ASSERT_TRUE(key) << comment;
    char* base64 = nullptr;
    ASSERT_EQ(ssh_pki_export_pubkey_base64(key.get(), &base64), SSH_OK);
    EXPECT_EQ(std::string("ssh-ed25519 ") + base64, public_key_line(seed));
    ssh_string_free_char(base64);
  }
}

TEST(Key, derived_seeds_depend_on_seed_and_label) {
  const Secret one = random_seed().value();
  const Secret two = random_seed().value();
  EXPECT_EQ(derive_seed(one, "host/1").reveal(), derive_seed(one, "host/1").reveal());
  EXPECT_NE(derive_seed(one, "host/1").reveal(), derive_seed(one, "host/2").reveal());
  EXPECT_NE(derive_seed(one, "host/1").reveal(), derive_seed(two, "host/1").reveal());
}

TEST(Key, passwords_are_long_and_different) {
  const Secret one = random_password().value();
  EXPECT_EQ(one.reveal().size(), 20U);
  EXPECT_NE(one.reveal(), random_password().value().reveal());
}

}  // namespace
}  // namespace herder::lab
