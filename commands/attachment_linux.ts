import { orGap } from "../lib/availability.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { FileLimit } from "../lib/file_limit.ts";
import { type MarkHome, markHomeOf } from "../lib/mark_place.ts";
import { parseCommandLine, parseProcStat } from "../lib/proc_files.ts";
import { isGone, type Root } from "../lib/root.ts";
import { SignalListeners } from "../lib/signal_listeners.ts";
import { waitForForeignEnd, warmUpThreadPool } from "../lib/wait.ts";
import { CommandError, FAILURE } from "./exit_status.ts";
import { checkProc } from "./launcher_linux.ts";
import type { Attachment } from "./platform.ts";

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A process that runs already, as /proc tells it. */
export class LinuxAttachment implements Attachment {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly denied: string | undefined;
  readonly keptFiles = new FileLimit().kept;
  readonly markHome: MarkHome | undefined;
  readonly #pid: number;
  readonly #signals: SignalListeners;

  /** Throws {@linkcode CommandError} where there is no such process, or /proc tells of others. */
  constructor(pid: number) {
    const root = new DiskRoot();
    checkProc(root, FAILURE);
    this.#pid = pid;
    this.#signals = new SignalListeners(root);
    const name = readName(root, pid);
    const words = orGap(() => parseCommandLine(root.read(`/proc/${pid}/cmdline`))) ?? [];
    const mayRead = orGap(() => root.read(`/proc/${pid}/io`)) !== null;
    this.command = words.length > 0 ? words : [name];
    this.cwd = orGap(() => root.readLink(`/proc/${pid}/cwd`)) ?? "";
    this.denied = mayRead ? undefined : describeDenied(pid, name);
    this.markHome = readMarkHome(root, pid);
  }

  async listen(onSignal: (signal: Deno.Signal) => void): Promise<void> {
    await warmUpThreadPool();
    for (const signal of ENDING_SIGNALS) this.#signals.listen(signal, () => onSignal(signal));
    this.#signals.ignoreDebuggerSignal();
  }

  ended(): Promise<boolean> {
    return waitForForeignEnd(this.#pid);
  }

  close(): void {
    this.#signals.close();
  }
}

// By the variables that the process itself was started with. In what belongs to another user, who could swap a folder for a link,
// root must not write.
function readMarkHome(root: Root, pid: number): MarkHome | undefined {
  if (Deno.statSync(`/proc/${pid}`).uid !== Deno.uid()) return undefined;
  const variables = (orGap(() => root.read(`/proc/${pid}/environ`)) ?? "").split("\0");
  return markHomeOf((name) => variables.findLast((each) => each.startsWith(`${name}=`))?.slice(name.length + 1));
}

function describeDenied(pid: number, name: string): string {
  return `Process ${pid} (${name}) may be read in part only: CPU time, resident memory, threads and faults are recorded, ` +
    "I/O, proportional memory and, before Linux 6.2, open files are not; run resmon as its user, or as root with CAP_SYS_PTRACE";
}

function readName(root: Root, pid: number): string {
  try {
    const { name, state } = parseProcStat(root.read(`/proc/${pid}/stat`));
    if (state !== "Z" && state !== "X") return name;
    throw new CommandError(`Cannot attach to process ${pid} (${name}): it has ended and waits for its parent`, FAILURE);
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new CommandError(`Cannot attach to process ${pid}: there is none${hiddenHint(root)}`, FAILURE);
  }
}

function hiddenHint(root: Root): string {
  const mounts = orGap(() => root.read("/proc/self/mounts")) ?? "";
  const isHidden = /^proc \/proc proc \S*hidepid=(?:[12]|noaccess|invisible|ptraceable)/m.test(mounts);
  return isHidden ? ", or /proc is mounted with hidepid and it belongs to another user: try as root" : "";
}
