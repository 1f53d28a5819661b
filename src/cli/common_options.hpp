// Options that several commands share. A command lists the sets that it honours.
#pragma once

#include "cli/option.hpp"

namespace herder::cli {

inline constexpr Option global_options[] = {
    {.name = "help", .letter = 'h', .help = "show this help"},
    {.name = "verbose", .letter = 'v', .arg = Arg::count, .help = "say more; -vv and -vvv say still more"},
    {.name = "quiet", .letter = 'q', .help = "say only what went wrong, and the totals"},
    {.name = "color", .arg = Arg::choice, .value = "WHEN", .fallback = "auto", .env = "HERDER_COLOR", .choices = "auto|always|never",
     .help = "use colours; auto means on a terminal, unless NO_COLOR is set"},
};
inline constexpr OptionSet global_set{"General", global_options};

inline constexpr Option inventory_options[] = {
    {.name = "inventory", .letter = 'i', .arg = Arg::file, .repeat = true, .value = "SOURCE", .env = "HERDER_INVENTORY|ANSIBLE_INVENTORY",
     .sees = "/etc/ansible/hosts", .help = "inventory file, directory, script or 'host1,host2,'"},
    {.name = "limit", .letter = 'l', .arg = Arg::hosts, .value = "PATTERN", .help = "only those of the hosts that this pattern matches too"},
};
inline constexpr OptionSet inventory_set{"Inventory", inventory_options};

inline constexpr Option connection_options[] = {
    {.name = "connection", .letter = 'c', .arg = Arg::choice, .value = "KIND", .choices = "ssh|local",
     .sees = "what the inventory says, else ssh", .help = "how to reach the hosts"},
    {.name = "user", .letter = 'u', .arg = Arg::text, .value = "NAME", .env = "HERDER_USER|ANSIBLE_REMOTE_USER",
     .sees = "what the inventory or ssh_config says", .help = "log in as this user"},
    {.name = "port", .letter = 'p', .arg = Arg::integer, .value = "PORT", .sees = "what the inventory or ssh_config says, else 22",
     .min = 1, .max = 65535, .help = "port of the SSH servers"},
    {.name = "private-key", .arg = Arg::file, .repeat = true, .value = "FILE", .help = "private key or certificate to log in with"},
    {.name = "ask-pass", .letter = 'k', .help = "ask for the login password"},
    {.name = "connection-password-file", .arg = Arg::file, .value = "FILE", .help = "read the login password from this file"},
    {.name = "ssh-config", .letter = 'F', .arg = Arg::file, .value = "FILE", .sees = "~/.ssh/config and /etc/ssh/ssh_config",
     .help = "ssh_config to use in place of the user's and the system's"},
    {.name = "accept-new", .help = "add the keys of unknown hosts to known_hosts; changed keys are refused all the same"},
    {.name = "connect-timeout", .arg = Arg::duration, .value = "TIME", .fallback = "10s", .env = "HERDER_CONNECT_TIMEOUT",
     .help = "give up on a host that cannot be logged in to in this time"},
    {.name = "no-keep", .env = "HERDER_NO_KEEP", .help = "close the connections at the end instead of keeping them for the next command"},
};
inline constexpr OptionSet connection_set{"Connection", connection_options};

inline constexpr Option become_options[] = {
    {.name = "become", .letter = 'b', .help = "run as another user (root unless --become-user says otherwise)"},
    {.name = "become-user", .arg = Arg::text, .value = "NAME", .fallback = "root", .help = "the user to become"},
    {.name = "become-method", .arg = Arg::choice, .value = "HOW", .fallback = "sudo", .choices = "sudo|su", .help = "how to become it"},
    {.name = "ask-become-pass", .letter = 'K', .help = "ask for the password that becoming needs"},
    {.name = "become-password-file", .arg = Arg::file, .value = "FILE", .help = "read that password from this file"},
};
inline constexpr OptionSet become_set{"Privileges", become_options};

inline constexpr Option fleet_options[] = {
    {.name = "forks", .letter = 'f', .arg = Arg::integer, .value = "N", .fallback = "256", .env = "HERDER_FORKS", .min = 1, .max = 100'000,
     .help = "hosts to work on at the same time"},
    {.name = "serial", .arg = Arg::amount, .value = "N|N%", .help = "work in batches of so many hosts; the next starts when the last has ended"},
    {.name = "timeout", .letter = 't', .arg = Arg::duration, .value = "TIME", .env = "HERDER_TIMEOUT", .sees = "none",
     .help = "stop what takes longer than this on a host"},
    {.name = "retries", .arg = Arg::integer, .value = "N", .fallback = "0", .min = 0, .max = 100,
     .help = "try unreachable hosts so many times more"},
    {.name = "max-fail", .arg = Arg::amount, .value = "N|N%", .help = "start nothing new once more hosts than this have failed"},
};
inline constexpr OptionSet fleet_set{"Fleet", fleet_options};

inline constexpr Option output_options[] = {
    {.name = "output", .letter = 'o', .arg = Arg::choice, .value = "FORMAT", .fallback = "text", .env = "HERDER_OUTPUT",
     .choices = "text|json|ndjson|yaml|csv", .help = "how results are written"},
    {.name = "fold", .arg = Arg::toggle, .sees = "folded on a terminal", .help = "show hosts with the same result as one, at the end; otherwise lines as they come"},
    {.name = "progress", .arg = Arg::choice, .value = "HOW", .fallback = "auto", .env = "HERDER_PROGRESS", .choices = "auto|live|lines|none",
     .help = "show how far it is: live below the output, or a line after 30 s of silence; auto means live on a terminal, else lines"},
    {.name = "output-dir", .arg = Arg::directory, .value = "DIR", .help = "write what each host prints to DIR/HOST.out and DIR/HOST.err"},
    {.name = "output-limit", .arg = Arg::size, .value = "SIZE", .fallback = "64MiB", .env = "HERDER_OUTPUT_LIMIT",
     .help = "keep so much of what a host prints to each of its two outputs; the rest is dropped and counted"},
};
inline constexpr OptionSet output_set{"Output", output_options};

}  // namespace herder::cli
