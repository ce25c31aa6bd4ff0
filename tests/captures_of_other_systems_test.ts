/** Every capture of macOS and Windows: it parses completely, or it is said here why it does not. */

import assert from "node:assert/strict";
import { parseCimRows } from "../collectors/cim_rows_windows.ts";
import { parseIostatRow } from "../collectors/cpu_darwin.ts";
import { parseVmStat } from "../collectors/memory_darwin.ts";
import { parseNetstat } from "../collectors/network_darwin.ts";
import { parsePowermetrics } from "../collectors/powermetrics_darwin.ts";
import { parseCpuTime, parsePs } from "../collectors/process_darwin.ts";
import { readProcess } from "../collectors/process_windows.ts";
import { SHARED_FIXTURES, testWithFixtures } from "./shared.ts";
import { listFolder } from "./temporary.ts";

type Check = (text: string) => void;

const MACOS: Readonly<Record<string, Check>> = {
  "vm_stat_16k_32GiB_real.txt": (text) => {
    const { free, wired, swappedIn, swappedOut } = parseVmStat(text);
    assert.deepEqual({ free, wired }, { free: 9436 * 16_384, wired: 184_732 * 16_384 });
    assert.deepEqual({ swappedIn, swappedOut }, { swappedIn: undefined, swappedOut: 0 });
  },
  "vm_stat_16k_m-series_real.txt": (text) => {
    assert.equal(parseVmStat(text).compressor, 1_013_366 * 16_384);
  },
  "netstat_ib_real.txt": (text) => {
    const links = parseNetstat(text);
    assert.deepEqual(links.map(({ name }) => name), ["lo0", "gif0", "stf0", "en0"]);
    assert.equal(links[0]?.receiveBytes, 295_602_781);
    assert.deepEqual([links[3]?.receiveBytes, links[3]?.transmitBytes], [75_981_699, 30_717_122]);
  },
  "netstat_ib_dash_bytes.txt": (text) => {
    assert.deepEqual(parseNetstat(text).map(({ transmitBytes }) => transmitBytes), [991_638_350]);
  },
  // FreeBSD counts dropped packets in a column of their own.
  "freebsd12_netstat-ib.txt": (text) => {
    const links = parseNetstat(text);
    assert.deepEqual(links.map(({ name, receiveBytes }) => [name, receiveBytes]), [
      ["em0", 372_538_087],
      ["lo0", 21_024],
    ]);
  },
  // Asked without -b, netstat tells no bytes; resmon asks with it.
  "osx-10.14.6_netstat-i.txt": (text) => assert.throws(() => parseNetstat(text), /it has no column Ibytes/),
  "iostat_three_disks_real.txt": (text) => {
    const rows = text.trimEnd().split("\n").map(parseIostatRow);
    assert.deepEqual(rows.slice(0, 2), [undefined, undefined]);
    assert.deepEqual(rows[2], { user: 10, system: 4, idle: 86, loads: [2.79, 2.33, 2.18] });
    assert.equal(rows.filter((row) => row !== undefined).length, 4);
  },
  "powermetrics_cpu_gpu_codecarbon.txt": (text) => {
    const samples = splitSamples(text);
    assert.ok(samples.length > 1);
    for (const { watts } of samples) assert.deepEqual([...watts.keys()], ["ANE", "DRAM", "CPU", "GPU", "Package"]);
    assert.deepEqual([...samples[0]?.watts.values() ?? []], [0, 0.22, 0.947, 0.153, 1.473]);
  },
  "powermetrics_macos13_combined_text.txt": (text) => {
    const [sample] = splitSamples(text);
    assert.deepEqual([sample?.watts.get("GPU"), sample?.watts.get("Combined")], [0.2, 1.203]);
    assert.deepEqual([sample?.gpuHertz, sample?.gpuPercent], [618e6, 25]);
  },
  // Columns of other options than resmon's; their CPU times have the form that resmon reads.
  "osx-10.11.6_ps-axu.txt": (text) => assertRefused(text, 10),
  "osx-10.14.6_ps-axu.txt": (text) => assertRefused(text, 10),
  "osx-10.14.6_ps-ef.txt": (text) => assertRefused(text, 10),
  // What LC_ALL=C, with which resmon starts every tool, keeps away.
  "ps_A_o_locale_comma_SYNTHETIC.txt": (text) => {
    assert.throws(() => parsePs(text), SyntaxError);
    assert.throws(() => parseCpuTime("1:23,45"), /Cannot parse time of ps: "23,45"/);
  },
};

const NO_COUNTERS = "names of counters are in the language of the system: classes of CIM are read in their place";
const NO_TEXT = "a text for people, in the language of the system: the runtime tells the machine";

const WINDOWS: Readonly<Record<string, Check | string>> = {
  "cim_win32_process_array.json": (text) => {
    const rows = parseCimRows(text).map(readProcess);
    assert.deepEqual(rows.map((row) => [row?.pid, row?.ppid]), [[4, 0], [70, 4], [77, 70]]);
    assert.deepEqual(rows[1]?.values.slice(0, 4), [5, 3, 2, 104_857_600]);
  },
  "cim_win32_process_single_object.json": (text) => {
    assert.deepEqual(parseCimRows(text).map((row) => readProcess(row)?.values[0]), [1]);
  },
  "typeperf_german_SYNTHETIC.csv": NO_COUNTERS,
  "typeperf_processor_real.csv": NO_COUNTERS,
  "windows-10_systeminfo.txt": NO_TEXT,
  "windows-7_systeminfo.txt": NO_TEXT,
};

testWithFixtures("Every capture of macOS parses, or is refused as a whole", (read) => {
  for (const file of filesOf("macos")) {
    const check = MACOS[file];
    assert.ok(check !== undefined, `${file} is not looked at`);
    check(read(`macos/${file}`));
  }
});

testWithFixtures("Every capture of Windows parses, or is of a source that resmon does not use", (read) => {
  for (const file of filesOf("windows")) {
    const check = WINDOWS[file];
    assert.ok(check !== undefined, `${file} is not looked at`);
    if (typeof check !== "string") check(read(`windows/${file}`));
    else assert.throws(() => parseCimRows(read(`windows/${file}`)), SyntaxError, check);
  }
});

function filesOf(system: string): string[] {
  return listFolder(new URL(`${system}/`, SHARED_FIXTURES).pathname).filter((file) => file !== "PROVENANCE.md");
}

function splitSamples(text: string): ReturnType<typeof parsePowermetrics>[] {
  return text.split("*** Sampled system activity").slice(1).map((sample) => parsePowermetrics(sample.split("\n")));
}

function assertRefused(text: string, least: number): void {
  assert.throws(() => parsePs(text), SyntaxError);
  const times = text.match(/(?<= )\d+:\d\d\.\d\d(?= )/g) ?? [];
  assert.ok(times.length >= least);
  for (const time of times) assert.ok(parseCpuTime(time) >= 0);
}
