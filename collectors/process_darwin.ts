import type { Environment } from "../lib/contracts.ts";
import { parseCount, parseDecimal } from "../lib/parse.ts";
import { Poll } from "./poll.ts";
import { findPrograms } from "./polled_collector.ts";
import type { ProcessSource } from "./sampled_processes.ts";
import type { ProcessFacts, Snapshot } from "./sampled_tree.ts";

// The command's path may hold blanks, so it comes last. Not %cpu: that is a mean which decays over a minute.
const KEYWORDS = ["pid=", "ppid=", "rss=", "time=", "state=", "lstart=", "comm="];
const PS = ["ps", "-A", ...KEYWORDS.flatMap((keyword) => ["-o", keyword])];
const ROW = /^ *(\d+) +(\d+) +(\d+) +(\S+) +(\S+) +(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) +(\S[^]*)$/;
// A name may hold ends of lines: what does not begin with a number belongs to the row before.
const ROW_END = /\n(?= *\d+(?: |$))/;

// ps takes some 20 ms of a CPU.
const PERIOD_SECONDS = 1;

/** Parses what ps(1) prints of all processes with the keywords pid, ppid, rss, time, state, lstart, comm. Throws SyntaxError. */
export function parsePs(text: string): ProcessFacts[] {
  const rows = text.trimEnd().split(ROW_END);
  return rows.map(parseProcess);
}

function parseProcess(row: string): ProcessFacts {
  const [, pid, ppid, rss, time, state = "", started = "", command = ""] = ROW.exec(row) ?? [];
  const isZombie = state.startsWith("Z");
  return {
    pid: parseCount(pid, "pid of ps"),
    ppid: parseCount(ppid, "ppid of ps"),
    started: parseStart(started),
    name: command.trimEnd().split("/").at(-1) || command,
    isZombie,
    values: [parseCpuTime(time ?? ""), isZombie ? null : parseCount(rss, "rss of ps") * 1024],
  };
}

/** Reads the CPU time of ps(1) into seconds: `0:37.91`, `123:45.67`, `1:02:03`, `2-03:04:05`. Throws SyntaxError. */
export function parseCpuTime(text: string): number {
  const [, days = "0", clock = ""] = /^(?:(\d+)-)?(.*)$/.exec(text) ?? [];
  const parts = clock.split(":");
  if (parts.length < 2 || parts.length > 3) throw new SyntaxError(`Cannot parse time of ps: ${JSON.stringify(text)}`);
  const seconds = parts.reduce((sum, part) => sum * 60 + parseDecimal(part, "time of ps"), 0);
  return Math.round((parseCount(days, "time of ps") * 86_400 + seconds) * 100) / 100;
}

// In the time zone of this machine, as ps tells it: `Sat Nov 21 08:53:36 2026`.
function parseStart(text: string): number {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new SyntaxError(`Cannot parse lstart of ps: ${JSON.stringify(text)}`);
  return milliseconds / 1000;
}

/** The processes of a Mac, from ps(1). */
export class PsSource implements ProcessSource {
  readonly sources = ["ps -A"];
  readonly columns = ["cpu_seconds_total", "memory_rss_bytes"] as const;
  readonly lack = "ps of macOS tells CPU time and resident memory of processes, and nothing else of these";
  #poll: Poll | undefined;

  async open(
    { tools, interval, isRequired }: Environment,
    onSnapshot: (snapshot: Snapshot) => void,
  ): Promise<void> {
    this.#poll = new Poll({
      tools,
      commands: findPrograms(tools, [PS]),
      period: Math.max(PERIOD_SECONDS, interval),
      accept: ([text = ""], at) => onSnapshot({ at, processes: parsePs(text) }),
    });
    this.#poll.start();
    if (isRequired) await this.#poll.ready();
  }

  hurry(): void {
    this.#poll?.start();
  }

  check(now: number): boolean {
    return this.#poll?.check(now) ?? false;
  }

  close(): Promise<void> {
    return this.#poll?.close() ?? Promise.resolve();
  }
}
