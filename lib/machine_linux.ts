import { orGap } from "./availability.ts";
import { Cgroup } from "./cgroup.ts";
import { readCgroupLimits } from "./cgroup_limits.ts";
import { parseCpuList, parseKeyValues, parseKibibytes, splitLines } from "./parse.ts";
import type { OwnMachine } from "./records.ts";
import type { Root } from "./root.ts";

/**
 * Reads what the machine is, and what of it the command may use under resmon's affinity and control groups. Throws SystemError
 * or SyntaxError where /proc does not tell its memory or CPUs.
 */
export function readMachine(root: Root): OwnMachine {
  const kernel = orGap(() => root.read("/proc/sys/kernel/osrelease").trim());
  const model = readCpuModel(root);
  const online = readOnlineCpus(root);
  const memory = parseKibibytes(
    parseKeyValues(root.read("/proc/meminfo"), "/proc/meminfo").get("MemTotal"),
    "MemTotal of /proc/meminfo",
  );
  const limits = orGap(() => readCgroupLimits(root, new Cgroup(root)));
  return {
    os: "linux",
    ...(kernel === null ? {} : { kernel }),
    architecture: orGap(() => root.read("/proc/sys/kernel/arch").trim()) ?? Deno.build.arch,
    ...(model === undefined ? {} : { cpu_model: model }),
    cpus: online.size,
    cpus_usable: Math.min(countAllowed(root, online), limits?.cpus ?? Infinity),
    memory_bytes: memory,
    memory_usable_bytes: Math.min(memory, limits?.memoryBytes ?? Infinity),
  };
}

// Containers may hide /sys; then the lines of /proc/stat are the online CPUs.
function readOnlineCpus(root: Root): Set<number> {
  const online = orGap(() => {
    const path = "/sys/devices/system/cpu/online";
    return parseCpuList(splitLines(root.read(path), path)[0] ?? "", path);
  });
  if (online !== null && online.size > 0) return online;
  const ids = [...root.read("/proc/stat").matchAll(/^cpu(\d+) /gm)].map((match) => match[1]);
  if (ids.length === 0) throw new SyntaxError("Cannot parse /proc/stat: it tells of no CPU");
  return parseCpuList(ids.join(","), "/proc/stat");
}

function countAllowed(root: Root, online: ReadonlySet<number>): number {
  const allowed = orGap(() => {
    const list = parseKeyValues(root.read("/proc/self/status"), "/proc/self/status").get("Cpus_allowed_list") ?? "";
    return parseCpuList(list, "Cpus_allowed_list of /proc/self/status");
  });
  const usable = [...online].filter((cpu) => allowed?.has(cpu) ?? true).length;
  return usable > 0 ? usable : online.size;
}

function readCpuModel(root: Root): string | undefined {
  const text = orGap(() => root.read("/proc/cpuinfo"));
  const model = text === null ? undefined : parseCpuModel(text);
  // Most ARM kernels name no model: the board's name says more than the numbers of the maker and part.
  return model?.name ?? readBoard(root) ?? model?.part;
}

function readBoard(root: Root): string | undefined {
  const board = orGap(() => root.read("/proc/device-tree/model").replaceAll("\0", "").trim());
  return board === null || board === "" ? undefined : board;
}

/** The model of the first CPU in `/proc/cpuinfo`, see proc_cpuinfo(5): its name, or on ARM the numbers of maker and part. */
export function parseCpuModel(text: string): { readonly name?: string; readonly part?: string } {
  const name = firstValue(text, "model name") ?? firstValue(text, "Processor") ?? firstValue(text, "cpu model");
  const maker = firstValue(text, "CPU implementer");
  const part = firstValue(text, "CPU part");
  return {
    ...(name === undefined ? {} : { name }),
    ...(maker === undefined || part === undefined ? {} : { part: `ARM implementer ${maker} part ${part}` }),
  };
}

function firstValue(text: string, key: string): string | undefined {
  return new RegExp(`^${key}[ \\t]*:[ \\t]*(\\S.*)$`, "m").exec(text)?.[1]?.trimEnd();
}
