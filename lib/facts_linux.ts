import { orGap } from "./availability.ts";
import type { Fact } from "./diagnosis.ts";
import { FEWEST_FILES } from "./file_limit.ts";
import { formatBytes, formatCount } from "./format.ts";
import type { Host } from "./host.ts";
import { FOREIGN_PROC } from "./own_process.ts";
import { parseCount, parseKeyValues } from "./parse.ts";
import type { Root } from "./root.ts";

const PAGE_SIZE = 4096;
// Measured: V8's sandbox and its heaps reserve so much at once, though they use little of it.
const ADDRESS_SPACE = 40 * 2 ** 30;
// The inode of the first PID namespace, PROC_PID_INIT_INO in include/linux/proc_ns.h.
const FIRST_PID_NAMESPACE = "pid:[4026531836]";

const MUSL = ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"];
const LIBRARIES = ["libnvidia-ml.so.1", "libamd_smi.so", "librocm_smi64.so", "libze_loader.so.1"];
const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/lib/wsl/lib",
  "/usr/local/nvidia/lib64",
  "/opt/rocm/lib",
];

/** What is so on a Linux machine and tells why a number is there or not: C library, container, permissions, limits. */
export function readLinuxFacts(host: Host): Fact[] {
  const { root } = host;
  return [
    libcFact(host),
    pageFact(host),
    { topic: "system", name: "container", value: describeContainer(root) },
    ...foreignProcFact(host),
    ...permissionFacts(root),
    { topic: "tools", name: "libraries", value: foundLibraries(root) },
    ...limitFacts(root),
  ];
}

function libcFact({ root, libc }: Host): Fact {
  const fact = { topic: "system", name: "C library", value: libc ?? "unknown" } as const;
  if (libc !== undefined || !MUSL.some((path) => exists(root, path))) return fact;
  return {
    ...fact,
    value: "musl",
    trouble: "resmon's runtime needs glibc 2.27 or newer",
    remedy: "in a container, use an image with glibc, such as debian:stable-slim",
  };
}

function pageFact({ pageSize }: Host): Fact {
  const fact = { topic: "system", name: "memory pages", value: formatBytes(pageSize) } as const;
  if (pageSize === PAGE_SIZE) return fact;
  return {
    ...fact,
    trouble: "resmon's runtime crashes with pages of another size than 4 KiB",
    remedy: "choose a kernel with such pages; on a Raspberry Pi 5: kernel=kernel8.img in /boot/firmware/config.txt",
  };
}

function describeContainer(root: Root): string {
  const signs = [
    exists(root, "/.dockerenv") ? "Docker" : undefined,
    exists(root, "/run/.containerenv") ? "Podman" : undefined,
    /kubepods/.test(orGap(() => root.read("/proc/self/cgroup")) ?? "") ? "Kubernetes" : undefined,
    orGap(() => root.read("/run/systemd/container").trim()) ?? undefined,
  ].filter((sign) => sign !== undefined);
  const namespace = orGap(() => root.readLink("/proc/self/ns/pid"));
  if (namespace !== null && namespace !== FIRST_PID_NAMESPACE) signs.push("PIDs are not those of the host");
  return signs.length > 0 ? signs.join(", ") : "none that shows";
}

function foreignProcFact({ pid, isFixture }: Host): Fact[] {
  if (isFixture || pid !== undefined) return [];
  const { reason, remedy } = FOREIGN_PROC;
  return [{ topic: "system", name: "processes", value: "not those of resmon", trouble: reason, remedy }];
}

function permissionFacts(root: Root): Fact[] {
  const uid = parseKeyValues(orGap(() => root.read("/proc/self/status")) ?? "\n", "/proc/self/status").get("Uid");
  const effective = uid?.split(/\s+/)[1];
  return [
    ...(effective === undefined ? [] : [fact("user", effective === "0" ? "root" : `not root (uid ${effective})`)]),
    ...settingFact(root, "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"),
    ...settingFact(root, "ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope"),
    ...hiddenProcFact(root),
  ];
}

function settingFact(root: Root, name: string, path: string): Fact[] {
  const value = orGap(() => root.read(path).trim());
  return value === null ? [] : [fact(name, value)];
}

function hiddenProcFact(root: Root): Fact[] {
  const mounts = orGap(() => root.read("/proc/self/mounts"));
  if (mounts === null) return [];
  const option = /^\S+ \/proc proc \S*hidepid=(\w+)/m.exec(mounts)?.[1] ?? "0";
  if (["0", "off"].includes(option)) return [fact("hidepid", "off")];
  return [{
    ...fact("hidepid", option),
    trouble: "/proc hides the processes of other users: attach does not find them",
    remedy: "attach to them as root",
  }];
}

function fact(name: string, value: string): Fact {
  return { topic: "permissions", name, value };
}

function foundLibraries(root: Root): string {
  const found = LIBRARIES.flatMap((name) => {
    const path = LIBRARY_FOLDERS.map((folder) => `${folder}/${name}`).find((each) => exists(root, each));
    return path === undefined ? [] : [path];
  });
  return found.length > 0 ? found.join(", ") : `none of ${LIBRARIES.join(", ")}`;
}

function limitFacts(root: Root): Fact[] {
  const limits = orGap(() => root.read("/proc/self/limits"));
  if (limits === null) return [];
  const space = readLimit(limits, "Max address space", "soft");
  const files = readLimit(limits, "Max open files", "hard");
  return [
    {
      ...limitFact("address space", space, formatBytes),
      ...(space === undefined || space >= ADDRESS_SPACE ? {} : {
        trouble: "resmon's runtime reserves some 40 GiB of address space, and may not start with less",
        remedy: "ulimit -v unlimited; in a batch job do not limit virtual memory (h_vmem), but resident memory",
      }),
    },
    {
      ...limitFact("open files", files, formatCount),
      ...(files === undefined || files >= FEWEST_FILES ? {} : {
        trouble: `resmon needs ${FEWEST_FILES} open files`,
        remedy: `ulimit -Hn ${FEWEST_FILES}`,
      }),
    },
  ];
}

function limitFact(name: string, limit: number | undefined, format: (limit: number) => string): Fact {
  return { topic: "runtime", name, value: limit === undefined ? "unlimited" : `at most ${format(limit)}` };
}

/** A limit of a row of `/proc/<pid>/limits`, see proc_pid_limits(5); undefined where there is none. */
function readLimit(limits: string, name: string, which: "soft" | "hard"): number | undefined {
  const [, soft, hard] = new RegExp(`^${name} +(\\S+) +(\\S+) `, "m").exec(limits) ?? [];
  const limit = which === "soft" ? soft : hard;
  return limit === undefined || limit === "unlimited" ? undefined : parseCount(limit, `${name} of /proc/self/limits`);
}

function exists(root: Root, path: string): boolean {
  return orGap(() => root.size(path)) !== null;
}
