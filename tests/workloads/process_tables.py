"""Stands in for the tools of other systems that list processes, with the real processes of this one: process_tables.py ps | cim LINE"""

import json
import os
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGESIZE")


def boot_time():
    with open("/proc/stat") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("btime"))


def processes():
    boot = boot_time()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", errors="replace") as file:
                stat = file.read()
        except OSError:
            continue
        name = stat[stat.index("(") + 1 : stat.rindex(")")]
        fields = stat[stat.rindex(")") + 2 :].split()
        yield {
            "pid": int(pid),
            "ppid": int(fields[1]),
            "state": fields[0],
            "user": int(fields[11]) / TICKS,
            "system": int(fields[12]) / TICKS,
            "threads": int(fields[17]),
            "started": boot + int(fields[19]) / TICKS,
            "rss": int(fields[21]) * PAGE,
            "name": name,
        }


def as_ps(row):
    seconds = row["user"] + row["system"]
    clock = f"{int(seconds // 60)}:{seconds % 60:05.2f}"
    started = time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(int(row["started"])))
    return f"{row['pid']:5} {row['ppid']:5} {row['rss'] // 1024:6} {clock:>9} {row['state']:4} {started}     /bin/{row['name']}"


def as_cim(row):
    return {
        "ProcessId": row["pid"],
        "ParentProcessId": row["ppid"],
        "Name": row["name"],
        "CreationDate": f"/Date({int(row['started'] * 1000)})/",
        "KernelModeTime": int(row["system"] * 1e7),
        "UserModeTime": str(int(row["user"] * 1e7)),
        "WorkingSetSize": row["rss"],
        "PeakWorkingSetSize": row["rss"] // 1024,
        "ThreadCount": row["threads"],
        "ReadTransferCount": 0,
        "WriteTransferCount": 0,
    }


if sys.argv[1] == "ps":
    print("\n".join(as_ps(row) for row in processes()))
else:
    line = json.loads(sys.argv[2].lstrip("\ufeff"))
    while True:
        print(json.dumps({**line, "processes": [as_cim(row) for row in processes()]}), flush=True)
        time.sleep(0.2)
