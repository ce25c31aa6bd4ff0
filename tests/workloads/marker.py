"""Sends bytes to resmon as a program without any library would: marker.py HOW [ARGUMENTS]. See docs/marks.md."""

import json
import os
import socket
import sys
import time


def connect(address=None):
    address = address or os.environ["RESMON_ADDR"]
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address[len("unix:"):])
    return connection


def line(kind, name, **fields):
    return (json.dumps({"kind": kind, "name": name, "time": time.time(), "pid": os.getpid(), **fields}) + "\n").encode()


def raw(text):
    """The bytes of a text, as one message, then a good mark on a connection of its own."""
    connection = connect()
    connection.sendall(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
    connection.close()
    connect().sendall(line("tag", "after"))


def clients(count):
    """So many connections at once, each with a mark."""
    connections = [connect() for _ in range(int(count))]
    for number, connection in enumerate(connections):
        connection.sendall(line("tag", f"client {number}"))
    print(len(connections))


def flood(count):
    """As many marks as the socket takes, without a pause."""
    connection = connect()
    block = line("tag", "x") * 1000
    for _ in range(int(count) // 1000):
        connection.sendall(block)
    connection.sendall(line("phase_start", "behind"))


def large(size):
    """A label of so many bytes."""
    connection = connect()
    connection.sendall(line("tag", "x" * int(size)))
    connection.sendall(line("tag", "after"))


def label(text):
    """A label that is told as JSON."""
    connect().sendall(line("tag", json.loads(text)))


def killed():
    """Dies in the middle of a phase."""
    connection = connect()
    connection.sendall(line("phase_start", "cut"))
    os.kill(os.getpid(), 9)


def clocks():
    """An hour behind, and an hour ahead."""
    connection = connect()
    for shift in (-3600, 3600):
        connection.sendall(line("tag", f"shifted {shift}", time=time.time() + shift))


def gone():
    """Its socket goes on working when the folder is removed; nobody finds it any more."""
    connection = connect()
    folder = os.path.dirname(os.environ["RESMON_MARKS"])
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    os.rmdir(folder)
    connection.sendall(line("tag", "after"))
    try:
        connect()
    except FileNotFoundError:
        print("nobody")


def daemon():
    """A grandchild that keeps its connection open beyond the end of the command."""
    connection = connect()
    if os.fork() == 0:
        os.setsid()
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        connection.sendall(line("tag", "daemon"))
        time.sleep(30)
        os._exit(0)
    time.sleep(0.2)
    connection.sendall(line("tag", "last"))


def permissions():
    folder = os.path.dirname(os.environ["RESMON_MARKS"])
    for path in (folder, os.environ["RESMON_ADDR"][len("unix:"):], os.environ["RESMON_MARKS"]):
        print(path, oct(os.stat(path).st_mode & 0o777))


def other_user():
    """Somebody else tries the socket and the file."""
    address, marks = os.environ["RESMON_ADDR"], os.environ["RESMON_MARKS"]
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    for attempt in (lambda: connect(address), lambda: open(marks, "a")):
        try:
            attempt()
            print("open")
        except PermissionError:
            print("refused")


globals()[sys.argv[1]](*sys.argv[2:])
