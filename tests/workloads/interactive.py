"""Programs as people use them on a terminal: interactive.py progress|suspend|count|columns|keys|hangup FILE."""

import os
import signal
import sys
import time


def progress():
    """A bar that is drawn over itself, and what such libraries ask first."""
    print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)], os.get_terminal_size().columns)
    for percent in range(0, 101, 20):
        sys.stderr.write(f"\r{percent:3d}% {'#' * (percent // 10):10}|")
        sys.stderr.flush()
    print()


def suspend():
    """An editor that stops itself when asked to, and not its group."""
    print("editing 0", flush=True)
    for count in range(1, 4):
        sys.stdin.readline()
        os.kill(os.getpid(), signal.SIGTSTP)
        print(f"editing {count}", flush=True)
    sys.stdin.readline()


def count():
    """Works and tells so, again and again."""
    for number in range(100_000):
        print(f"working {number}", flush=True)
        time.sleep(0.05)


def columns():
    """Redraws itself when the window changes."""
    def tell(*_):
        print("columns", os.get_terminal_size().columns, flush=True)

    signal.signal(signal.SIGWINCH, tell)
    tell()
    sys.stdin.readline()


def keys():
    """Draws on the whole screen by ncurses, which sets the modes of the terminal through stdout."""
    import curses

    def draw(screen):
        text = "press q"
        while True:
            screen.addstr(0, 0, text)
            screen.refresh()
            key = screen.getch()
            if key == ord("q"):
                return
            text = f"key {key}"

    curses.wrapper(draw)
    print("left")


def hangup(path):
    """Writes a line for every hang-up, then ends once the file FILE.end is there."""
    def tell(*_):
        with open(path, "a") as file:
            file.write("SIGHUP\n")

    signal.signal(signal.SIGHUP, tell)
    print("ready", os.getpid(), flush=True)
    while not os.path.exists(f"{path}.end"):
        time.sleep(0.02)
    with open(path, "a") as file:
        file.write("end\n")


globals()[sys.argv[1]](*sys.argv[2:])
