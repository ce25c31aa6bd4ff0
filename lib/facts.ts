import type { Fact } from "./diagnosis.ts";
import { readLinuxFacts } from "./facts_linux.ts";
import { formatBytes } from "./format.ts";
import { FROM_SOURCES, type Host } from "./host.ts";
import { MachineError } from "./machine.ts";
import type { OwnMachine } from "./records.ts";

const SYSTEMS: Readonly<Record<string, string>> = { linux: "Linux", darwin: "macOS", windows: "Windows" };

const TOOLS: Readonly<Record<string, readonly string[]>> = {
  linux: ["nvidia-smi", "amd-smi", "rocm-smi", "neuron-monitor", "tegrastats"],
  darwin: ["ioreg", "powermetrics", "ps", "sysctl", "vm_stat"],
  windows: ["nvidia-smi.exe", "powershell.exe"],
};

/** What people call the system of a machine, such as macOS. */
export function systemName({ platform }: Pick<Host, "platform">): string {
  return SYSTEMS[platform] ?? platform;
}

/** What is so on a machine and tells why a number is there or not: system, permissions, tools and resmon's runtime. */
export function readFacts(host: Host, machine: OwnMachine | MachineError): Fact[] {
  return [
    ...(machine instanceof MachineError ? [unknownMachine(host, machine)] : machineFacts(machine)),
    ...(host.platform === "linux" ? readLinuxFacts(host) : []),
    { topic: "tools", name: "tools", value: foundTools(host) },
    { topic: "runtime", name: "runtime", value: describeRuntime(host) },
  ];
}

// docs/wrapping.md tells more.
function describeRuntime({ runtime, platform }: Host): string {
  if (platform !== "linux" || !runtime.endsWith(FROM_SOURCES)) return runtime;
  return `${runtime} (so SIGUSR1 reaches a command in its first half second only)`;
}

function unknownMachine(host: Host, { message }: MachineError): Fact {
  return { topic: "system", name: "system", value: systemName(host), trouble: message };
}

function machineFacts({ os, kernel = "", architecture, cpu_model: model, ...machine }: OwnMachine): Fact[] {
  const cpus = machine.cpus === machine.cpus_usable ? `${machine.cpus}` : `${machine.cpus_usable} of ${machine.cpus}`;
  const usable = formatBytes(machine.memory_usable_bytes);
  const memory = machine.memory_bytes === machine.memory_usable_bytes
    ? usable
    : `${usable} of ${formatBytes(machine.memory_bytes)}`;
  const system = [systemName({ platform: os }), kernel, architecture].filter((word) => word !== "").join(" ");
  return [
    { topic: "system", name: "system", value: system },
    { topic: "system", name: "CPUs", value: model === undefined ? cpus : `${cpus}, ${model}` },
    { topic: "system", name: "memory", value: memory },
  ];
}

function foundTools({ tools, platform }: Host): string {
  const known = TOOLS[platform] ?? [];
  const found = known.filter((name) => tools.find(name) !== undefined);
  return found.length > 0 ? found.join(", ") : `none of ${known.join(", ")}`;
}
