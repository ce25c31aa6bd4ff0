/** The only list of collectors, and the words that choose among them. */

import type { Collector } from "../lib/contracts.ts";
import { suggestWord } from "../lib/suggest.ts";
import { AmdSmiCollector } from "./amd_smi.ts";
import { AmdGpuCollector } from "./amdgpu_linux.ts";
import { createBatteryCollector as createDarwinBattery } from "./battery_darwin.ts";
import { BatteryCollector } from "./battery_linux.ts";
import { CgroupCollector } from "./cgroup_linux.ts";
import { CpuFrequencyCollector } from "./cpu_frequency_linux.ts";
import { createCpuCollector as createDarwinCpu } from "./cpu_darwin.ts";
import { CpuCollector } from "./cpu_linux.ts";
import { createCpuCollector as createWindowsCpu } from "./cpu_windows.ts";
import { createDiskCollector as createDarwinDisk } from "./disk_darwin.ts";
import { DiskCollector } from "./disk_linux.ts";
import { createDiskCollector as createWindowsDisk } from "./disk_windows.ts";
import { DrmProcessesCollector } from "./drm_processes_linux.ts";
import { FanCollector } from "./fan_linux.ts";
import { createGpuCollector as createDarwinGpu } from "./gpu_darwin.ts";
import { HwmonPowerCollector } from "./hwmon_power_linux.ts";
import { IntelGpuCollector } from "./intel_gpu_linux.ts";
import { IntelGpuTopCollector } from "./intel_gpu_top.ts";
import { JetsonEmcCollector } from "./jetson_emc_linux.ts";
import { JetsonGpuCollector } from "./jetson_gpu_linux.ts";
import { JetsonPowerCollector } from "./jetson_power_linux.ts";
import { LoadCollector } from "./load_linux.ts";
import { createMemoryCollector as createDarwinMemory } from "./memory_darwin.ts";
import { MemoryCollector } from "./memory_linux.ts";
import { createMemoryCollector as createWindowsMemory } from "./memory_windows.ts";
import { createNetworkCollector as createDarwinNetwork } from "./network_darwin.ts";
import { NetworkCollector } from "./network_linux.ts";
import { createNetworkCollector as createWindowsNetwork } from "./network_windows.ts";
import { NeuronCollector } from "./neuron.ts";
import { NvidiaCollector } from "./nvidia.ts";
import { createPowerCollector as createDarwinPower } from "./power_darwin.ts";
import { PressureCollector } from "./pressure_linux.ts";
import { RaplCollector } from "./rapl_linux.ts";
import { TegrastatsCollector } from "./tegrastats.ts";
import { TemperatureCollector } from "./temperature_linux.ts";

/** A word of `--metrics` and what it chooses. */
export interface Subject {
  readonly word: string;
  readonly help: string;
  /** Whether it is enough that any of its collectors works, as of vendors of GPUs; else the one that is called as it. */
  readonly isAnyEnough?: boolean;
  readonly create: () => readonly Collector[];
}

// The collectors of the command's processes and of resmon's own cost come first and last in every run. They need the command
// and the recorder, so the program that has these makes them.
const ALWAYS: readonly Subject[] = [
  { word: "process", help: "the command and the processes it starts; always recorded", create: none },
  { word: "monitor", help: "what resmon itself costs; always recorded", create: none },
];

const LINUX: readonly Subject[] = [
  {
    word: "cpu",
    help: "CPU time by core and mode, load, clock, context switches",
    create: () => [new CpuCollector(), new CpuFrequencyCollector(), new LoadCollector()],
  },
  {
    word: "memory",
    help: "memory and swap of the machine, memory controller",
    create: () => [new MemoryCollector(), new JetsonEmcCollector()],
  },
  { word: "disk", help: "I/O of each whole disk", create: () => [new DiskCollector()] },
  { word: "network", help: "traffic of the network interfaces", create: () => [new NetworkCollector()] },
  { word: "pressure", help: "time lost for want of CPU, memory or I/O (PSI)", create: () => [new PressureCollector()] },
  {
    word: "temperature",
    help: "temperature of each sensor, fans",
    create: () => [new TemperatureCollector(), new FanCollector()],
  },
  {
    word: "power",
    help: "power and energy of processors, rails, batteries",
    isAnyEnough: true,
    create: () => [
      new RaplCollector(),
      new HwmonPowerCollector(),
      new BatteryCollector(),
      new JetsonPowerCollector(),
      new TegrastatsCollector(),
    ],
  },
  { word: "cgroup", help: "use and limits of the container (control group)", create: () => [new CgroupCollector()] },
  {
    word: "gpu",
    help: "use, memory, power of each GPU, by all and by the command",
    isAnyEnough: true,
    create: () => [
      new NvidiaCollector(),
      new JetsonGpuCollector(),
      new AmdGpuCollector(),
      new AmdSmiCollector(),
      new IntelGpuCollector(),
      new IntelGpuTopCollector(),
      new DrmProcessesCollector(),
      new TegrastatsCollector(),
    ],
  },
  {
    word: "neuron",
    help: "use and memory of AWS Neuron, by all and by the command",
    create: () => [new NeuronCollector()],
  },
];

const DARWIN: readonly Subject[] = [
  { word: "cpu", help: "CPU use of the machine by mode, load", create: () => [createDarwinCpu()] },
  { word: "memory", help: "memory and swap of the machine", create: () => [createDarwinMemory()] },
  { word: "disk", help: "I/O of each whole disk", create: () => [createDarwinDisk()] },
  { word: "network", help: "traffic of the network interfaces", create: () => [createDarwinNetwork()] },
  {
    word: "power",
    help: "power of the chip (as root), and of the machine on battery",
    isAnyEnough: true,
    create: () => [createDarwinPower(), createDarwinBattery()],
  },
  { word: "gpu", help: "use, power, clock of the GPU (as root)", isAnyEnough: true, create: () => [createDarwinGpu()] },
];

const WINDOWS: readonly Subject[] = [
  { word: "cpu", help: "CPU time by core and mode", create: () => [createWindowsCpu()] },
  { word: "memory", help: "memory of the machine and its page files", create: () => [createWindowsMemory()] },
  { word: "disk", help: "I/O of each physical disk", create: () => [createWindowsDisk()] },
  { word: "network", help: "traffic of the network interfaces", create: () => [createWindowsNetwork()] },
  { word: "gpu", help: "use, memory, power of NVIDIA GPUs", isAnyEnough: true, create: () => [new NvidiaCollector()] },
];

const SUBJECTS: Readonly<Record<string, readonly Subject[]>> = { linux: LINUX, darwin: DARWIN, windows: WINDOWS };

function none(): readonly Collector[] {
  return [];
}

function subjectsOfMachine(platform: string): readonly Subject[] {
  return SUBJECTS[platform] ?? [];
}

/** Everything that a word of `--metrics` can choose on a platform of `Deno.build.os`, in the order of the columns. */
export function listSubjects(platform: string): readonly Subject[] {
  return [...ALWAYS, ...subjectsOfMachine(platform)];
}

/** A collector and the subject that it belongs to. */
export interface Member {
  readonly subject: Subject;
  readonly collector: Collector;
}

/** Every collector of the machine for a platform of `Deno.build.os`; one of several subjects stands in the first. */
export function listMembers(platform: string): Member[] {
  return membersOf(listSubjects(platform));
}

/** All collectors of the machine for a platform of `Deno.build.os`. */
export function createCollectors(platform: string): Collector[] {
  return listMembers(platform).map(({ collector }) => collector);
}

function membersOf(subjects: readonly Subject[]): Member[] {
  const members = subjects.flatMap((subject) => subject.create().map((collector) => ({ subject, collector })));
  const isFirst = ({ collector }: Member, at: number): boolean =>
    members.findIndex((member) => member.collector.name === collector.name) === at;
  return members.filter(isFirst);
}

/** What `--metrics` chose of the machine. */
export interface Selection {
  readonly collectors: readonly Collector[];
  /** For each subject that was asked for by name, the collectors of which one has to work: else a run must not start. */
  readonly required: readonly (readonly string[])[];
}

/**
 * Chooses by words such as `cpu,disk`, `all` or `all,-network`, read from left to right; a list that starts with a word to
 * leave out starts from all. Throws RangeError for an unknown word, with the word that was probably meant.
 */
export function selectCollectors(words: string, platform: string): Selection {
  const subjects = listSubjects(platform);
  const list = words.split(",").map((word) => word.trim());
  const chosen = new Set(list[0]?.startsWith("-") ? subjects : []);
  const named = new Set<Subject>();
  for (const word of list) {
    if (word === "all") subjects.forEach((subject) => chosen.add(subject));
    else if (word.startsWith("-")) leaveOut(findSubject(word.slice(1), subjects));
    else take(findSubject(word, subjects));
  }
  function take(subject: Subject): void {
    chosen.add(subject);
    named.add(subject);
  }
  function leaveOut(subject: Subject): void {
    if (ALWAYS.includes(subject)) throw new RangeError(`Cannot leave out ${subject.word}: it is always recorded`);
    chosen.delete(subject);
    named.delete(subject);
  }
  return {
    collectors: membersOf(subjects.filter((subject) => chosen.has(subject))).map(({ collector }) => collector),
    required: [...named].map(requiredOf).filter((names) => names.length > 0),
  };
}

function requiredOf(subject: Subject): string[] {
  const names = subject.create().map(({ name }) => name);
  return subject.isAnyEnough ? names : names.filter((name) => name === subject.word);
}

function findSubject(word: string, subjects: readonly Subject[]): Subject {
  const subject = subjects.find((each) => each.word === word);
  if (subject !== undefined) return subject;
  const known = ["all", ...subjects.map((each) => each.word)];
  const meant = suggestWord(word, known);
  const question = meant === undefined ? "" : `did you mean ${meant}? `;
  throw new RangeError(`Cannot select metrics ${JSON.stringify(word)}: ${question}Known are ${known.join(", ")}`);
}
