// What `ansible -m MODULE -a ARGS` means for the modules that exist so far.
#pragma once

#include <string>
#include <vector>

#include "engine/exec_plan.hpp"
#include "report/ansible_view.hpp"

namespace herder::cli {

struct AdhocModule {
  engine::ExecPlan plan;        // command or script, chdir
  report::AnsibleStyle style;   // module, arguments
};

/// command (no shell: words and $VARIABLES only), shell, raw, script, ping. `module` may be ansible.builtin.NAME. Errors: usage (no
/// arguments, unbalanced quotes), unsupported (other modules and options, which come later), not_found (script).
Result<AdhocModule> adhoc_module(const std::string& module, const std::string& arguments);

/// `-e` of Ansible: "a=1 b='x y'", JSON or YAML in braces, or @FILE. Later ones win. Errors: parse, not_found.
Result<Value> extra_vars(const std::vector<std::string>& words);

}  // namespace herder::cli
