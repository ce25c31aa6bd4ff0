import { ArchiveRoot } from "../lib/archive_root.ts";

/** A process of a fixture machine; what is left out is 0 or usual. */
export interface FixtureProcess {
  readonly pid: number;
  readonly ppid?: number;
  readonly name?: string;
  readonly state?: string;
  readonly command?: readonly string[];
  /** Clock ticks. */
  readonly user?: number;
  readonly system?: number;
  readonly childUser?: number;
  readonly minorFaults?: number;
  readonly threads?: number;
  readonly start?: number;
  readonly startStack?: number;
  readonly exitStatus?: number;
  /** Kibibytes. */
  readonly rss?: number;
  readonly peak?: number;
  readonly pss?: number;
  readonly written?: number;
  readonly switches?: number;
  readonly ignored?: string;
  readonly files?: number;
  readonly children?: readonly number[];
}

/** A machine with nothing but processes. */
export class FixtureProcesses extends ArchiveRoot {
  #lastPid = 1;

  constructor() {
    super("");
    this.write("/proc/thread-self/children", "");
    this.write("/proc/uptime", "5000.00 9000.00\n");
  }

  /** Puts a process in, or replaces all of its files. */
  put(process: FixtureProcess): void {
    const { pid, name = "work" } = process;
    const folder = `/proc/${pid}`;
    this.write(`${folder}/stat`, formatStat(process));
    this.write(`${folder}/status`, formatStatus(process));
    this.write(`${folder}/task/${pid}/status`, formatStatus(process));
    this.write(`${folder}/task/${pid}/children`, (process.children ?? []).map((child) => `${child} `).join(""));
    this.write(`${folder}/io`, formatIo(process.written ?? 0));
    this.write(
      `${folder}/smaps_rollup`,
      `Rss: ${process.rss ?? 100} kB\nPss: ${process.pss ?? process.rss ?? 100} kB\n`,
    );
    this.write(`${folder}/cmdline`, (process.command ?? [name]).map((word) => `${word}\0`).join(""));
    for (let file = 0; file < (process.files ?? 3); file++) this.write(`${folder}/fd/${file}`, "");
    this.#lastPid = Math.max(this.#lastPid, pid);
    this.write("/proc/loadavg", `0.00 0.00 0.00 1/100 ${this.#lastPid}\n`);
  }

  /** Takes a process out: reading its files gives ENOENT. */
  end(pid: number): void {
    for (
      const name of ["stat", "status", "io", "smaps_rollup", "cmdline", `task/${pid}/status`, `task/${pid}/children`]
    ) {
      this.remove(`/proc/${pid}/${name}`);
    }
  }
}

function formatStat(process: FixtureProcess): string {
  const fields = new Array<number | string>(53).fill(0);
  fields[3] = process.state ?? "S";
  fields[4] = process.ppid ?? 1;
  fields[10] = process.minorFaults ?? 0;
  fields[14] = process.user ?? 0;
  fields[15] = process.system ?? 0;
  fields[16] = process.childUser ?? 0;
  fields[20] = process.threads ?? 1;
  fields[22] = process.start ?? 400_000;
  fields[24] = Math.floor((process.rss ?? 100) / 4);
  fields[28] = process.startStack ?? 140_000_000_000_000;
  fields[52] = process.exitStatus ?? 0;
  return `${process.pid} (${process.name ?? "work"}) ${fields.slice(3).join(" ")}\n`;
}

function formatStatus(process: FixtureProcess): string {
  const memory = process.state === "Z"
    ? ""
    : `VmHWM:\t${process.peak ?? process.rss ?? 100} kB\nVmRSS:\t${process.rss ?? 100} kB\nVmSwap:\t0 kB\n`;
  const switches = process.switches ?? 0;
  return `Name:\t${process.name ?? "work"}\nPid:\t${process.pid}\n${memory}Threads:\t1\nSigIgn:\t${
    process.ignored ?? "0000000000000000"
  }\nvoluntary_ctxt_switches:\t${switches}\nnonvoluntary_ctxt_switches:\t${switches}\n`;
}

function formatIo(written: number): string {
  return `rchar: 0\nwchar: ${written}\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: ${written}\ncancelled_write_bytes: 0\n`;
}
