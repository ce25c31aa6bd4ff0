/** Every capture of a real machine is read by some test, or it is said here why resmon does not read such a file. */

import assert from "node:assert/strict";
import { parseSystemStat } from "../collectors/cpu_linux.ts";
import { parseCgroupLines } from "../lib/cgroup.ts";
import { parseCpuModel } from "../lib/machine_linux.ts";
import { parseProcStatus } from "../lib/proc_files.ts";
import { SHARED_FIXTURES, testWithFixtures } from "./shared.ts";

const TESTS = new URL("./", import.meta.url);

// Folders of which a test reads every file that it does not name as another kind.
const READ_WHOLE: readonly (readonly [files: RegExp, test: string])[] = [
  [/^tegrastats\/.*\.txt$/, "tegrastats_line_test.ts"],
  [/^nvidia-smi\/(?:capture_.*\.txt|.*\.csv)$/, "nvidia_smi_test.ts"],
  [/^amd\/rocm-smi_.*\.json$/, "amd_smi_test.ts"],
  [/^linux-proc\/(?:procfs_|local_linux6\.18\/)pressure_/, "pressure_linux_test.ts"],
];

const NOT_READ: readonly (readonly [files: RegExp, why: string])[] = [
  [/\/PROVENANCE\.md$/, "says where captures come from"],
  [/^(?:slurm|sge)\//, "schedulers of clusters are not asked"],
  [/^nvidia-smi\/.*\.xml$/, "nvidia-smi is asked for CSV: half of the size, and one line a GPU"],
  [/^nvidia-smi\/help-/, "a list of what can be asked for"],
  [/^neuron\/neuron-ls/, "the devices are told by neuron-monitor and by sysfs"],
  [/^linux-proc\/(?:netlink_|taskstats_)/, "exits are not taken from netlink: root or a new kernel, no containers"],
  [/^linux-proc\/procfs_(?:buddyinfo|zoneinfo|swaps)$/, "zones and swap areas: /proc/meminfo has the sums"],
  [/statm$|schedstat$/, "status tells memory, clock_gettime(2) CPU time"],
  [/^linux-proc\/gopsutil_pid1_smaps$/, "smaps_rollup is read instead"],
  [/^linux-proc\/local_linux6\.18\/task_children$/, "is empty: its process has no children"],
  [/^linux-sysfs\/procfs_cpu\.tree$/, "topology and throttle counts of CPUs are not read"],
  [/^linux-sysfs\/codecarbon_mock_rapl_data\.txt$/, "one number without its file: see the powercap trees"],
];

const READ_HERE: Readonly<Record<string, (text: string) => void>> = {
  // Two machines in one file.
  "linux-proc/jc_stat2": (text) => assert.ok(parseSystemStat(`${text.trimEnd()}\n`).cpus.length > 1),
  "linux-proc/gopsutil_pid1_status": (text) => assertHasSwitches(text),
  "linux-proc/gopsutil_pid1060_status": (text) => assertHasSwitches(text),
  "linux-proc/local_linux6.18/self_cgroup": (text) => assert.equal(parseCgroupLines(text).length, 10),
  "linux-proc/cadvisor_cpuinfo_onesocket_many_NUMAs": (text) => assertHasModel(text),
  "linux-proc/gopsutil_cpuinfo_issue1958": (text) => assertHasModel(text),
  "linux-proc/lscpu_arm-A510-A710-A715-X3_cpuinfo": (text) => assertHasModel(text),
};

function assertHasSwitches(text: string): void {
  assert.ok((parseProcStatus(`${text.trimEnd()}\n`).voluntarySwitches ?? 0) > 0);
}

function assertHasModel(text: string): void {
  const { name, part } = parseCpuModel(text);
  assert.ok((name ?? part ?? "").length > 3);
}

function* capturesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, SHARED_FIXTURES))) {
    if (isDirectory) yield* capturesIn(`${folder}${name}/`);
    else yield `${folder}${name}`;
  }
}

function textOfTests(): string {
  const names = Array.from(Deno.readDirSync(TESTS), ({ name }) => name).filter((name) => name.endsWith("_test.ts"));
  return names.filter((name) => name !== "captures_test.ts").map((name) => Deno.readTextFileSync(new URL(name, TESTS)))
    .join("\n");
}

testWithFixtures("Every capture is read by a test, or it is said why not", () => {
  const tests = textOfTests();
  const unread = [...capturesIn("")].filter((path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const isNamed = tests.includes(name) || tests.includes(name.replace(/\.\w+$/, ""));
    return !isNamed && READ_HERE[path] === undefined &&
      ![...NOT_READ, ...READ_WHOLE].some(([files]) => files.test(path));
  });
  assert.deepEqual(unread, []);
});

testWithFixtures("What is said of captures is true of some", () => {
  const captures = [...capturesIn("")];
  for (const [files] of [...NOT_READ, ...READ_WHOLE]) assert.ok(captures.some((path) => files.test(path)), `${files}`);
  for (const [, test] of READ_WHOLE) assert.match(Deno.readTextFileSync(new URL(test, TESTS)), /testWithFixtures/);
});

for (const [path, check] of Object.entries(READ_HERE)) {
  testWithFixtures(`${path} is read`, (read) => check(read(path)));
}
