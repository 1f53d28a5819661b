// The `local` connection: commands on this machine, for ansible_connection=local and the implicit localhost.
#pragma once

#include <memory>

#include "transport/session.hpp"

namespace herder::transport {

/// Every target is this machine; `/bin/sh -c LINE` in a process group of its own, which dies with the process object.
/// A subsystem "sftp" starts the system's sftp-server where one is installed.
std::unique_ptr<Connector> make_local_connector();

}  // namespace herder::transport
