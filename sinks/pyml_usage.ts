import type { FrameSink } from "../lib/contracts.ts";
import type { Frame, ProcessSample } from "../lib/frame.ts";
import type { TextOutput } from "../lib/output_file.ts";
import { type Event, OTHERS, type ResmonRecord } from "../lib/records.ts";

/** The values of processes at one instant: CPU in percent of a core, memory of the machine and of GPUs in MiB, by pid. */
interface UsageRecord {
  /** Nanoseconds since 1970. */
  readonly time: number;
  readonly cpu: Readonly<Record<string, number>>;
  readonly memory: Readonly<Record<string, number>>;
  readonly gpu: Readonly<Record<string, number>>;
}

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number | null;
  /** Unix seconds. */
  readonly start: number | null;
  readonly cmd: readonly string[];
}

type Levels = Omit<UsageRecord, "time">;

const MIB = 1024 ** 2;
const NANOSECONDS = 1e9;

/**
 * Writes pyml's `usage.json`: the processes of the run under the first of them, as one that watches its children has it there.
 * A process without a row in a tick has its memory as before; its CPU, which the next row tells, is left out.
 */
export class PymlUsageSink implements FrameSink {
  readonly name = "pyml-usage";
  readonly #output: TextOutput;
  readonly #records: UsageRecord[] = [];
  readonly #checkpoints: { readonly time: number; readonly name: readonly string[] }[] = [];
  readonly #processes: ProcessInfo[] = [];
  readonly #pids = new Map<number, number>();
  readonly #levels = new Map<number, Pick<Levels, "memory" | "gpu">>();
  readonly #leaving: number[] = [];
  #host = "";
  #started = 0;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  record(record: ResmonRecord): void {
    if (record.type !== "session") return;
    this.#host = record.host;
    this.#started = record.started;
  }

  event(event: Event): void {
    const { kind, time, name, names, id } = event;
    if (kind === "process_start") this.#start(event);
    if (kind === "process_exit" && id !== undefined) this.#leaving.push(id);
    if (kind === "checkpoint" || kind === "tag") {
      this.#checkpoints.push({ time: nanoseconds(time), name: names ?? [name ?? ""] });
    }
  }

  frame({ time, processes }: Frame): void {
    const cpu: Record<string, number> = {};
    for (const process of processes) {
      if (process.id === OTHERS || process.pid === undefined) continue;
      const percent = process.values.get("cpu_percent");
      if (percent !== undefined) cpu[process.pid] = percent;
      this.#levels.set(process.id, levelsOf(process, process.pid));
    }
    const levels = [...this.#levels.values()];
    const memory = Object.assign({}, ...levels.map((level) => level.memory));
    const gpu = Object.assign({}, ...levels.map((level) => level.gpu));
    if (levels.length > 0) this.#records.push({ time: nanoseconds(time), cpu, memory, gpu });
    // An exit is told before the tick that brings the last row.
    for (const id of this.#leaving) this.#levels.delete(id);
    this.#leaving.length = 0;
  }

  status(): void {}

  end(): void {
    const [first] = this.#processes;
    const tracked = { checkpoints: this.#checkpoints, records: this.#records };
    const usage = first === undefined ? {} : { [this.#host]: { [first.pid]: tracked } };
    this.#output.append(
      JSON.stringify({ usage, process: first === undefined ? {} : { [this.#host]: this.#processes } }),
    );
  }

  close(): void {
    this.#output.close();
  }

  #start({ id, pid, parent, attributes }: Event): void {
    if (id === undefined || pid === undefined) return;
    const { started, command, name } = attributes ?? {};
    this.#pids.set(id, pid);
    this.#processes.push({
      pid,
      parent: this.#pids.get(parent ?? OTHERS) ?? null,
      start: typeof started === "number" ? this.#started + started : null,
      cmd: Array.isArray(command) ? command : [`${name ?? ""}`],
    });
  }
}

function levelsOf({ values }: ProcessSample, pid: number): Pick<Levels, "memory" | "gpu"> {
  const memory = values.get("memory_rss_bytes");
  const gpu = values.get("process_gpu_memory_bytes");
  return {
    memory: memory === undefined ? {} : { [pid]: memory / MIB },
    gpu: gpu === undefined ? {} : { [pid]: gpu / MIB },
  };
}

// To the millisecond, which is as exact as it is known; the rest of the digits would be noise.
function nanoseconds(time: number): number {
  return Math.round(time * 1000) * (NANOSECONDS / 1000);
}
