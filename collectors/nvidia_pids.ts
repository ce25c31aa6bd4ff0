import type { Environment, ProcessTree, TreeProcess } from "../lib/contracts.ts";
import { orGap } from "../lib/availability.ts";
import type { Root } from "../lib/root.ts";
import type { GpuReading } from "./nvidia_reading.ts";

// PROC_PID_INIT_INO of the kernel: the namespace whose numbers the driver tells.
const INITIAL_NAMESPACE = "pid:[4026531836]";

const STRANGE = {
  state: "unsupported",
  metrics: ["process_gpu_memory_bytes", "process_gpu_utilization_percent"],
  reason:
    "The driver numbers processes as the host does, and this is a container: what each GPU does is told as a whole",
  remedy: "Run resmon on the host, or start the container with --pid=host",
} as const;

/**
 * Tells which processes of the driver's lists belong to the tree. The driver may tell the pids of the host: in a container these
 * are of other processes or of none, and then nothing is matched.
 */
export class GpuPids {
  readonly #root: Root;
  readonly #report: Environment["report"];
  readonly #isInitial: boolean;
  readonly #ofGpu = new WeakMap<TreeProcess, boolean>();

  constructor({ root, report }: Pick<Environment, "root" | "report">) {
    this.#root = root;
    this.#report = report;
    this.#isInitial = orGap(() => root.readLink("/proc/self/ns/pid")) === INITIAL_NAMESPACE;
  }

  /** Whether the pids of the lists are those of the tree. Reported where they are not. */
  areOurs({ processes }: GpuReading, tree: ProcessTree): boolean {
    if (this.#isInitial) return true;
    const pids = new Set(Object.values(processes).flatMap((list) => list.map(({ pid }) => pid)));
    const ours = [...pids].flatMap((pid) => tree.processes.get(pid) ?? []);
    if (ours.some((process) => this.#usesGpu(process)) && [...pids].every((pid) => this.#exists(pid))) return true;
    // A tree that does not use the GPU yet tells nothing about the numbers.
    if (pids.size > 0) this.#report(STRANGE);
    return false;
  }

  #usesGpu(process: TreeProcess): boolean {
    if (this.#ofGpu.get(process) === true) return true;
    const folder = `/proc/${process.pid}/fd`;
    const descriptors = orGap(() => this.#root.list(folder)) ?? [];
    const usesGpu = descriptors.some((name) =>
      orGap(() => this.#root.readLink(`${folder}/${name}`))?.startsWith("/dev/nvidia") === true
    );
    this.#ofGpu.set(process, usesGpu);
    return usesGpu;
  }

  #exists(pid: number): boolean {
    return orGap(() => this.#root.read(`/proc/${pid}/stat`)) !== null;
  }
}
