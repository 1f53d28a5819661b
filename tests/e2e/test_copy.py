"""herder copy and fetch on a practice fleet."""

import os


def tree(path):
    return {str(p.relative_to(path)): (p.stat().st_mode & 0o777, p.read_bytes() if p.is_file() else None) for p in path.rglob("*") if not p.is_symlink()}


def test_a_tree_goes_there_and_back(fleet, tmp_path):
    source = tmp_path / "conf"
    (source / "deep/er").mkdir(parents=True)
    (source / "a").write_bytes(os.urandom(200_000))
    (source / "deep/er/b").write_text("b\n")
    (source / "deep/er/run").write_text("#!/bin/sh\n")
    (source / "deep/er/run").chmod(0o750)
    done = fleet.run("copy", "-r", source, "db:conf")
    assert done.returncode == 0, done.stderr
    again = fleet.run("copy", "-r", source, "db:", "-o", "json")
    assert again.returncode == 5  # an empty path is a slip
    again, results = fleet.records("copy", "-r", source, "db:.")
    assert again.returncode == 0, again.stdout
    assert all("3 unchanged" in record["stdout"] for record in results.values())
    done = fleet.run("fetch", "-r", "db:conf", tmp_path / "back", "--checksum")
    assert done.returncode == 0, done.stderr
    for host in os.listdir(tmp_path / "back"):
        assert tree(tmp_path / "back" / host / "conf") == tree(source)
    assert len(os.listdir(tmp_path / "back")) == len(results)


def test_what_is_not_there_fails_host_by_host(fleet, tmp_path):
    done, results = fleet.records("fetch", "web:no/such/file", tmp_path / "out")
    assert done.returncode == 2
    assert all("no such file" in str(record["error"]) for record in results.values())
    assert fleet.run("copy", tmp_path / "missing", "web:x").returncode == 1
