import type { Environment } from "../lib/contracts.ts";
import { CimReader } from "./cim_feed_windows.ts";
import type { CimRow } from "./cim_rows_windows.ts";
import type { ProcessSource } from "./sampled_processes.ts";
import type { ProcessFacts, Snapshot } from "./sampled_tree.ts";

const TICKS_PER_SECOND = 1e7;
const KIBIBYTE = 1024;

const COLUMNS = [
  "cpu_seconds_total",
  "cpu_user_seconds_total",
  "cpu_system_seconds_total",
  "memory_rss_bytes",
  "memory_peak_bytes",
  "threads",
  "syscall_read_bytes_total",
  "syscall_write_bytes_total",
] as const;

/** The processes of a Windows machine, from Win32_Process; of those of other users much is told to administrators only. */
export class CimSource implements ProcessSource {
  readonly sources = ["Win32_Process"];
  readonly columns = COLUMNS;
  readonly lack = "Win32_Process of Windows does not tell these of a process";
  #reader: CimReader | undefined;

  async open(environment: Environment, onSnapshot: (snapshot: Snapshot) => void): Promise<void> {
    this.#reader = new CimReader(environment, ({ processes }, at) => {
      const facts = processes.map(readProcess).filter((each) => each !== undefined);
      if (facts.length === 0) throw new SyntaxError("Cannot read processes of CIM: there is none");
      onSnapshot({ at, processes: facts });
    });
    if (environment.isRequired) await this.#reader.ready();
  }

  /** PowerShell keeps its own time. */
  hurry(): void {}

  check(now: number): boolean {
    return this.#reader?.check(now) ?? false;
  }

  close(): Promise<void> {
    return this.#reader?.close() ?? Promise.resolve();
  }
}

/** Reads an instance of Win32_Process; undefined for one without a pid. Throws SyntaxError. */
export function readProcess(row: CimRow): ProcessFacts | undefined {
  const [pid, ppid] = [row.count("ProcessId"), row.count("ParentProcessId")];
  if (pid === null || ppid === null) return undefined;
  const [user, system] = [seconds(row.count("UserModeTime")), seconds(row.count("KernelModeTime"))];
  const peak = row.count("PeakWorkingSetSize");
  const values = {
    cpu_seconds_total: user === null || system === null ? null : user + system,
    cpu_user_seconds_total: user,
    cpu_system_seconds_total: system,
    memory_rss_bytes: row.count("WorkingSetSize"),
    // In KiB, other than the size now.
    memory_peak_bytes: peak === null ? null : peak * KIBIBYTE,
    threads: row.count("ThreadCount"),
    syscall_read_bytes_total: row.count("ReadTransferCount"),
    syscall_write_bytes_total: row.count("WriteTransferCount"),
  } satisfies Record<typeof COLUMNS[number], number | null>;
  return {
    pid,
    ppid,
    started: row.instant("CreationDate"),
    name: row.text("Name") ?? String(pid),
    isZombie: false,
    values: COLUMNS.map((name) => values[name]),
  };
}

function seconds(ticks: number | null): number | null {
  return ticks === null ? null : ticks / TICKS_PER_SECOND;
}
