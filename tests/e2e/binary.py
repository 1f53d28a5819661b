"""The herder program under test."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERDER = pathlib.Path(os.environ.get("HERDER_BUILD", ROOT / "build" / "dev")) / "herder"


def environment(home, **more):
    """A clean environment: nothing of the person's who runs the tests."""
    return {"HOME": str(home), "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb",
            "XDG_RUNTIME_DIR": str(home), **{name: str(value) for name, value in more.items()}}


def herder(*words, home, timeout=60, stdin=subprocess.DEVNULL, **more):
    """Runs `herder WORDS`; stdout, stderr as text and returncode."""
    return subprocess.run([HERDER, *map(str, words)], env=environment(home, **more), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, check=False, text=True, errors="surrogateescape")
