"""Starts a program as a shell cannot, and prints as JSON how it ended, as wait(2) saw it, and what it wrote.

launch.py '{"argv": [...], ...}': strings may hold bytes that are not UTF-8 as lone surrogates (PEP 383). `ignore` and `block`
are lists of signals, `close` is one of descriptors, `open` gives descriptors files to read from, `limits` gives soft limits,
`environment` adds variables, `umask` and `cwd` are what they say, `user` is a uid, `full` sends stdout to /dev/full.
"""

import json
import os
import resource
import signal
import subprocess
import sys

plan = json.loads(sys.argv[1])


def prepare():
    os.umask(plan.get("umask", 0o022))
    for descriptor, path in plan.get("open", {}).items():
        opened = os.open(path, os.O_RDONLY)
        os.dup2(opened, int(descriptor))
        if opened != int(descriptor):
            os.close(opened)
    for name, soft in plan.get("limits", {}).items():
        which = getattr(resource, f"RLIMIT_{name}")
        resource.setrlimit(which, (soft, resource.getrlimit(which)[1]))
    if "user" in plan:
        os.setgroups([])
        os.setgid(plan["user"])
        os.setuid(plan["user"])
    for number in plan.get("ignore", []):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, plan.get("block", []))
    for descriptor in plan.get("close", []):
        os.close(descriptor)


environment = dict(os.environb)
for name, value in plan.get("environment", {}).items():
    environment[os.fsencode(name)] = os.fsencode(value)

process = subprocess.run(
    [os.fsencode(word) for word in plan["argv"]],
    stdin=subprocess.DEVNULL,
    stdout=open("/dev/full", "wb") if plan.get("full") else subprocess.PIPE,
    stderr=subprocess.PIPE,
    cwd=plan.get("cwd"),
    env=environment,
    close_fds=False,
    preexec_fn=prepare,
)
print(json.dumps({
    "status": process.returncode,
    "stdout": os.fsdecode(process.stdout or b""),
    "stderr": os.fsdecode(process.stderr),
}))
