#include "transport/ssh_algorithms.hpp"

#include <gtest/gtest.h>

#include "transport/ssh_native.hpp"

namespace herder::transport {
namespace {

TEST(SshAlgorithms, signs_change_the_defaults) {
  constexpr std::string_view usual = "a1,a2,b1";
  constexpr std::string_view able = "a1,a2,b1,b2,c1";
  EXPECT_EQ(combine_algorithms("b2,a1", usual, able), "b2,a1");
  EXPECT_EQ(combine_algorithms("+c1,a1", usual, able), "a1,a2,b1,c1");
  EXPECT_EQ(combine_algorithms("-a*", usual, able), "b1");
  EXPECT_EQ(combine_algorithms("^c1,b1", usual, able), "c1,b1,a1,a2");
  EXPECT_EQ(combine_algorithms("b*", usual, able), "b1,b2");
  std::vector<std::string> dropped;
  EXPECT_EQ(combine_algorithms("x,a2,y", usual, able, &dropped), "a2");
  EXPECT_EQ(dropped, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(combine_algorithms("x", usual, able), "");
}

TEST(SshAlgorithms, a_list_of_strangers_only_is_an_error_that_names_it) {
  EXPECT_EQ(choose_algorithms(AlgorithmKind::kex, "sntrup761x25519-sha512,curve25519-sha256").value(), "curve25519-sha256");
  const Error failure = choose_algorithms(AlgorithmKind::kex, "mlkem768x25519-sha256").error();
  EXPECT_EQ(failure.code, Errc::unsupported);
  EXPECT_EQ(failure.what, "libssh knows none of KexAlgorithms mlkem768x25519-sha256");
}

TEST(SshAlgorithms, hosts_are_asked_for_keys_that_are_known) {
  EXPECT_EQ(host_key_offer("", {}), "ssh-ed25519,rsa-sha2-512,rsa-sha2-256");
  EXPECT_EQ(host_key_offer("", {"ssh-rsa"}), "rsa-sha2-512,rsa-sha2-256,ssh-ed25519");
  EXPECT_EQ(host_key_offer("", {"ecdsa-sha2-nistp256"}), "ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-512,rsa-sha2-256");
  EXPECT_EQ(host_key_offer("rsa-sha2-256,ssh-ed25519", {"ssh-ed25519", "ecdsa-sha2-nistp256"}), "ssh-ed25519,rsa-sha2-256");
}

TEST(SshAlgorithms, libssh_takes_every_name_that_is_said_to_be_supported) {
  for (const auto kind : {AlgorithmKind::kex, AlgorithmKind::cipher, AlgorithmKind::mac, AlgorithmKind::host_key, AlgorithmKind::public_key}) {
    std::string list(supported_algorithms(kind));
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      Algorithms one;
      std::string host_key = "ssh-ed25519";
      const std::string name = list.substr(at, comma - at);
      at = comma + 1;
      switch (kind) {
        case AlgorithmKind::kex: one.kex = name; break;
        case AlgorithmKind::cipher: one.ciphers = name; break;
        case AlgorithmKind::mac: one.macs = name; break;
        case AlgorithmKind::host_key: host_key = name; break;
        case AlgorithmKind::public_key: one.public_key = name; break;
      }
      EXPECT_TRUE(make_session_pattern(one, host_key, false)) << name;
    }
    const std::string usual(default_algorithms(kind));
    EXPECT_EQ(combine_algorithms(usual, "", supported_algorithms(kind)), usual) << "defaults are supported";
  }
}

}  // namespace
}  // namespace herder::transport
