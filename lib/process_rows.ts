import { OTHERS, type ProcessRow } from "./records.ts";

/** How process rows are thinned out. */
export interface RowOptions {
  /** Rows of single processes in one tick; beyond them the largest are kept and the others added up. */
  readonly maxProcesses: number;
  /** A row is written when a value has changed by more than this share of it. */
  readonly tolerance: number;
  /** And at least every so many seconds. */
  readonly maxAgeSeconds: number;
  /** Where in the values the CPU seconds and the resident bytes stand: what makes a process large. */
  readonly cpuColumn: number;
  readonly memoryColumn: number;
}

type Values = readonly (number | null)[];

interface Written {
  readonly values: Values;
  readonly at: number;
}

/**
 * Chooses the process rows of a tick: those that changed, of at most the 100 largest processes, and one row
 * {@linkcode OTHERS} that adds up the rest. A log of 2,000 processes would be 24 GB a day otherwise.
 */
export class ProcessRows {
  readonly #options: RowOptions;
  readonly #written = new Map<number, Written>();
  #before: ReadonlyMap<number, Values> = new Map();

  constructor(options: RowOptions) {
    this.#options = options;
  }

  /** The rows to write at `now`, of all processes by id. */
  select(processes: ReadonlyMap<number, Values>, now: number): ProcessRow[] {
    const rows: ProcessRow[] = [];
    const isMany = processes.size > this.#options.maxProcesses;
    const largest = isMany ? this.#largest(processes) : processes;
    for (const [id, values] of processes) if (largest.has(id)) this.#writeIfChanged(rows, { id, values, now });
    if (isMany) {
      const others = [...processes].filter(([id]) => !largest.has(id)).map(([, values]) => values);
      this.#writeIfChanged(rows, { id: OTHERS, values: addUp(others), now });
    }
    for (const id of this.#written.keys()) if (!processes.has(id) && id !== OTHERS) this.#written.delete(id);
    this.#before = processes;
    return rows;
  }

  // By its share of the CPU time since the last tick plus its share of the memory: one measure for both.
  #largest(processes: ReadonlyMap<number, Values>): ReadonlySet<number> {
    const { maxProcesses, cpuColumn, memoryColumn } = this.#options;
    const used = new Map(
      Array.from(processes, ([id, values]) => {
        const before = this.#before.get(id)?.[cpuColumn] ?? 0;
        return [id, Math.max(0, (values[cpuColumn] ?? 0) - before)];
      }),
    );
    const cpuSum = sum(used.values()) || 1;
    const memorySum = sum([...processes.values()].map((values) => values[memoryColumn] ?? 0)) || 1;
    const ranked = [...processes].map(([id, values]) => ({
      id,
      size: (used.get(id) ?? 0) / cpuSum + (values[memoryColumn] ?? 0) / memorySum,
    }));
    ranked.sort((a, b) => b.size - a.size || a.id - b.id);
    return new Set(ranked.slice(0, maxProcesses).map(({ id }) => id));
  }

  #writeIfChanged(rows: ProcessRow[], { id, values, now }: { id: number; values: Values; now: number }): void {
    const last = this.#written.get(id);
    const isOld = last === undefined || now - last.at >= this.#options.maxAgeSeconds;
    if (!isOld && !this.#hasChanged(last.values, values)) return;
    this.#written.set(id, { values, at: now });
    rows.push([id, ...values]);
  }

  #hasChanged(before: Values, now: Values): boolean {
    if (before === now) return false;
    const { tolerance } = this.#options;
    for (let column = 0; column < now.length; column++) {
      const value = now[column] ?? null;
      // A value that is only left out in this tick (proportional memory is not read each time) is no change.
      if (value === null) continue;
      const last = before[column] ?? null;
      if (last === null || Math.abs(value - last) > tolerance * Math.abs(last)) return true;
    }
    return false;
  }
}

function addUp(rows: readonly Values[]): Values {
  const length = rows[0]?.length ?? 0;
  return Array.from({ length }, (_, column) => {
    const known = rows.map((values) => values[column]).filter((value) => value !== null && value !== undefined);
    return known.length === 0 ? null : Math.round(sum(known) * 1e6) / 1e6;
  });
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
