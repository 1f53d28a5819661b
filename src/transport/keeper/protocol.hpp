// What herder and its keeper process say to each other over their unix socket: frames (wire/frame.hpp) whose payloads are made here.
// docs/formats/keeper.md describes the bytes. Both ends are the same build (the socket's name says which), so there are no versions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "transport/session.hpp"
#include "wire/pack.hpp"

namespace herder::transport::keeper {

enum class Message : std::uint8_t {
  hello = 1,    // keeper: number of its loops, index of the loop that serves this socket
  credentials,  // client, id: credentials; a Credentials
  open,         // client, id: session; credentials, milliseconds to try, target
  opened,       // keeper, id: session; describe()
  session_gone, // keeper, id: session; it failed or was lost: an error
  release,      // client, id: session; no longer needed
  start,        // client, id: process; session, milliseconds, command
  started,      // keeper, id: process
  process_gone, // keeper, id: process; an error
  output,       // keeper, id: process; source, bytes
  output_end,   // keeper, id: process
  exit,         // keeper, id: process; an Exit
  input,        // client, id: process; bytes
  input_end,    // client, id: process
  credit,       // both, id: process; so many more bytes may be sent
  signal,       // client, id: process; name
  drop,         // client, id: process; end it
};

/// Bytes of one process that may be under way in each direction without a credit.
constexpr std::uint64_t window_bytes = 256 << 10;

void pack_error(wire::Packer& out, const Error& failure);
Error unpack_error(wire::Unpacker& in);
void pack_exit(wire::Packer& out, const Exit& exit);
Exit unpack_exit(wire::Unpacker& in);
void pack_command(wire::Packer& out, const Command& command);
Command unpack_command(wire::Unpacker& in);

/// Secrets included: for the private socket only.
void pack_credentials(wire::Packer& out, const Credentials& credentials);
std::shared_ptr<const Credentials> unpack_credentials(wire::Unpacker& in);

/// Everything but name and credentials.
void pack_target(wire::Packer& out, const Target& target);
/// Jumps get the same credentials unless they carry their own. Null when the bytes are broken.
std::shared_ptr<const Target> unpack_target(wire::Unpacker& in, const std::shared_ptr<const Credentials>& credentials, int depth = 0);

/// The socket of this build's keeper in a private directory of this user, which is made when missing.
Result<std::string> socket_path();

}  // namespace herder::transport::keeper
