#!/bin/sh
if [ "$1" != --list ]; then exit 1; fi
cat <<'END'
{"web": {"hosts": ["w1", "w2"], "vars": {"a": 1, "t": "{{ x }}"}, "children": ["sub"]},
 "sub": ["s1"],
 "only_vars": {"vars": {"z": null}},
 "loose": {"x": "{{ y }}"},
 "all": {"children": ["web"]},
 "_meta": {"hostvars": {"w1": {"k": {"d": [1, 2.5, true]}, "u": {"__ansible_unsafe": "{{ u }}"}}, "unknown": {"x": 1}}}}
END
