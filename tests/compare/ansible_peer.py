"""Ansible's own inventory code in this process: what `ansible-inventory` would print, without its start-up time."""
import atexit
import contextlib
import copy
import io
import os
import pathlib
import shutil
import tempfile

SCRATCH = tempfile.mkdtemp(prefix="herder-ansible-")
pathlib.Path(SCRATCH, "ansible.cfg").touch()
os.environ["ANSIBLE_CONFIG"] = SCRATCH + "/ansible.cfg"
os.environ.setdefault("ANSIBLE_INVENTORY_UNPARSED_FAILED", "1")
os.environ.setdefault("ANSIBLE_LOCALHOST_WARNING", "0")
os.environ.setdefault("ANSIBLE_DEPRECATION_WARNINGS", "0")
os.environ["ANSIBLE_HOME"] = SCRATCH
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

from ansible import constants as C  # noqa: E402
from ansible import context  # noqa: E402
from ansible._internal._yaml._dumper import AnsibleDumper  # noqa: E402
from ansible.cli.inventory import InventoryCLI  # noqa: E402
from ansible.inventory.manager import InventoryManager  # noqa: E402
from ansible.module_utils.common.collections import ImmutableDict  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.plugins.loader import init_plugin_loader  # noqa: E402
from ansible.utils.display import Display  # noqa: E402
from ansible.vars.manager import VariableManager  # noqa: E402

init_plugin_loader([])
#: An empty directory: ansible-inventory reads group_vars/ of the working directory.
EMPTY = SCRATCH + "/empty"
os.mkdir(EMPTY)


def _silence(*_args, **_keywords):
    return None


for noisy in ("display", "warning", "deprecated", "error", "error_as_warning", "_display"):
    if hasattr(Display, noisy):
        setattr(Display, noisy, _silence)


# Values that are one object in Python's memory come out as anchors and aliases; herder writes them out.
AnsibleDumper.ignore_aliases = lambda self, data: True


def _leaves_nothing_behind(plugin):
    """Ansible keeps what a plugin added before it failed; herder does not (docs/compatibility.md). The tests compare the rest."""
    parse = plugin.parse

    def parse_or_undo(inventory, *args, **keywords):
        data = inventory.__wrapped__
        before = copy.deepcopy(data.__dict__)
        try:
            return parse(inventory, *args, **keywords)
        except Exception:
            data.__dict__ = before
            raise

    plugin.parse = parse_or_undo
    return plugin


_fetch = InventoryManager._fetch_inventory_plugins
InventoryManager._fetch_inventory_plugins = lambda self: [_leaves_nothing_behind(plugin) for plugin in _fetch(self)]


class Peer:
    """One loaded inventory. Raises what Ansible raises when no source can be read."""

    def __init__(self, sources, playbook_dir="", export=False, limit=None, merge=False, show_vars=False):
        C.DEFAULT_HASH_BEHAVIOUR = "merge" if merge else "replace"
        self.options = {"basedir": playbook_dir or None, "export": export, "yaml": False, "toml": False, "show_vars": show_vars,
                        "subset": limit, "pattern": "all", "extra_vars": (), "vault_ids": (), "verbosity": 0}
        context.CLIARGS = ImmutableDict(self.options)
        loader = DataLoader()
        loader.set_basedir(playbook_dir or EMPTY)
        with contextlib.redirect_stderr(io.StringIO()):
            inventory = InventoryManager(loader=loader, sources=list(sources))
        self.cli = InventoryCLI.__new__(InventoryCLI)
        self.cli.loader, self.cli.inventory = loader, inventory
        self.cli.vm = VariableManager(loader=loader, inventory=inventory)
        self.inventory = inventory
        if limit:
            inventory.subset(limit)

    def list_text(self):
        context.CLIARGS = ImmutableDict(self.options)
        return self.cli.dump(self.cli.json_inventory(self.cli._get_group("all"))) + "\n"

    def list_yaml(self):
        return self.cli.yaml_inventory(self.cli._get_group("all"))

    def yaml_text(self, what):
        context.CLIARGS = ImmutableDict({**self.options, "yaml": True})
        return self.cli.dump(what)

    def graph_text(self, group="all", show_vars=False):
        context.CLIARGS = ImmutableDict({**self.options, "show_vars": show_vars})
        start = self.cli._get_group(group)
        return "\n".join(self.cli._graph_group(start)) + "\n"

    def host_vars(self, name):
        hosts = self.inventory.get_hosts(name)
        assert len(hosts) == 1
        return self.cli._get_host_variables(hosts[0])

    def host_text(self, name):
        context.CLIARGS = ImmutableDict(self.options)
        return self.cli.dump(self.host_vars(name)) + "\n"

    def hosts(self, pattern, limit=None):
        self.inventory.subset(limit)
        return [str(host) for host in self.inventory.get_hosts(pattern)]
