import type { ProcessTree } from "../lib/contracts.ts";
import type { GpuColumns, GpuProcess, GpuReading } from "./nvidia_reading.ts";

/** What the tree uses of the GPUs: in the order of the columns' memory, then utilization, and by the id of each process. */
export interface TreeUse {
  readonly values: readonly (number | null)[];
  /** Memory and utilization over all GPUs. */
  readonly processes: ReadonlyMap<number, readonly [memory: number | null, utilization: number | null]>;
}

/** Picks the processes of the tree out of the driver's lists; undefined `tree`: it is not known which these are. */
export function sumTree(columns: GpuColumns, reading: GpuReading, tree: ProcessTree | undefined): TreeUse {
  const lists = new Map(Object.entries(reading.processes).map(([gpu, list]) => [gpu, inTree(list, tree)]));
  const own = [...lists.values()].flatMap((list) => list ?? []);
  const byProcess = Map.groupBy(own, ({ pid }) => tree?.processes.get(pid)?.id ?? 0);
  return {
    values: [
      ...columns.memory.map((gpu) => sumMemory(lists.get(gpu))),
      ...columns.utilization.map((gpu) => sumUtilization(lists.get(gpu))),
    ],
    processes: new Map(Array.from(byProcess, ([id, list]) => [id, [sumMemory(list), sumUtilization(list)]])),
  };
}

function inTree(list: readonly GpuProcess[], tree: ProcessTree | undefined): GpuProcess[] | undefined {
  return tree === undefined ? undefined : list.filter(({ pid }) => tree.processes.has(pid));
}

// A part that is not known leaves the whole unknown.
function sumMemory(list: readonly GpuProcess[] | undefined): number | null {
  const parts = list?.map(({ memory }) => memory) ?? [null];
  return parts.includes(null) ? null : add(parts);
}

// nvidia-smi tells a process that does nothing as one of which it knows nothing.
function sumUtilization(list: readonly GpuProcess[] | undefined): number | null {
  const parts = list?.map(({ utilization }) => utilization) ?? [null];
  return parts.length > 0 && parts.every((part) => part === null) ? null : add(parts);
}

function add(parts: readonly (number | null)[]): number {
  return parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
}
