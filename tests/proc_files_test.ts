import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseChildren,
  parseCommandLine,
  parseProcIo,
  parseProcStat,
  parseProcStatus,
  parseProportionalMemory,
} from "../lib/proc_files.ts";
import { testWithFixtures } from "./shared.ts";

const TAIL =
  "S 7 10 10 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 9 0 12345 1000 250 18446744073709551615 1 2 140 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 1 2 3 4 5 6 256";

Deno.test("parseProcStat() reads the numbered fields of proc_pid_stat(5)", () => {
  assert.deepEqual(parseProcStat(`42 (cat) ${TAIL}\n`), {
    name: "cat",
    state: "S",
    ppid: 7,
    minorFaults: 1,
    childMinorFaults: 2,
    majorFaults: 3,
    childMajorFaults: 4,
    userTicks: 5,
    systemTicks: 6,
    childUserTicks: 7,
    childSystemTicks: 8,
    threads: 9,
    startTicks: 12345,
    rssPages: 250,
    startStack: 140,
    exitStatus: 256,
  });
});

Deno.test("parseProcStat() ends the name at the last bracket, whatever the name holds", () => {
  fc.assert(fc.property(fc.string({ maxLength: 15 }), (name) => {
    assert.equal(parseProcStat(`42 (${name}) ${TAIL}\n`).name, name);
  }));
  for (const name of ["my job (2) x", "two\nlines", ") S 1 2 3", "(a b ) ( c d) "]) {
    assert.equal(parseProcStat(`42 (${name}) ${TAIL}\n`).ppid, 7);
  }
});

Deno.test("parseProcStat() gives no exit status on kernels that do not tell it", () => {
  assert.equal(parseProcStat(`42 (cat) ${TAIL.split(" ").slice(0, 40).join(" ")}\n`).exitStatus, undefined);
});

Deno.test("parseProcStat() refuses a cut text instead of giving half of it", () => {
  const whole = `42 (cat) ${TAIL.split(" ").slice(0, 26).join(" ")}`;
  for (const text of ["", "42", "42 (cat", "42 (cat)", "42 (cat) S 1", whole.slice(0, -8), "42 (cat) S x 1"]) {
    assert.throws(() => parseProcStat(text), SyntaxError, text);
  }
});

Deno.test("parseProcStatus() leaves out what a zombie or kernel thread does not have", () => {
  const text = "Name:\tx\nState:\tZ (zombie)\nSigIgn:\t0000000000010001\nvoluntary_ctxt_switches:\t5\n";
  assert.deepEqual(parseProcStatus(text), {
    rssBytes: undefined,
    peakRssBytes: undefined,
    swapBytes: undefined,
    voluntarySwitches: 5,
    involuntarySwitches: undefined,
    ignoredSignals: 0x10001n,
  });
  assert.throws(() => parseProcStatus("Name:\tx\nVmRSS:\tmuch kB\nSigIgn:\t0\n"), SyntaxError);
});

Deno.test("parseProcIo() wants each of its lines", () => {
  const text = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 7\n";
  assert.deepEqual(parseProcIo(text), {
    syscallReadBytes: 1,
    syscallWriteBytes: 2,
    storageReadBytes: 5,
    storageWriteBytes: 6,
  });
  assert.throws(() => parseProcIo(text.replace("write_bytes: 6\n", "")), /write_bytes of io/);
});

Deno.test("parseProportionalMemory() reads Pss and not Pss_Anon", () => {
  assert.equal(parseProportionalMemory("00400000-7ff rollup\nRss: 9 kB\nPss:     8 kB\nPss_Anon: 7 kB\n"), 8192);
  assert.throws(() => parseProportionalMemory("Rss: 9 kB\n"), /Pss of smaps_rollup: missing/);
});

Deno.test("parseChildren() and parseCommandLine() split as the kernel writes", () => {
  assert.deepEqual(parseChildren("12 34 "), [12, 34]);
  assert.deepEqual(parseChildren(""), []);
  assert.throws(() => parseChildren("12 x "), SyntaxError);
  assert.deepEqual(parseCommandLine("ls\0\0a b\0"), ["ls", "", "a b"]);
  assert.deepEqual(parseCommandLine("rewritten by itself"), ["rewritten by itself"]);
  assert.deepEqual(parseCommandLine(""), []);
});

testWithFixtures("parseProcStat() reads every capture of a stat file", (read) => {
  const names = ["jc_pid_stat", "procfs_pid_stat", "gopsutil_pid_stat_parens_in_comm", "local_linux6.18/self_stat"];
  for (const name of names) assert.ok(parseProcStat(read(`linux-proc/${name}`)).startTicks > 0, name);
  assert.equal(
    parseProcStat(firstLine(read("linux-proc/procfs_pid_stat_comm_with_parens_spaces"))).name,
    "(a b ) ( c d) ",
  );
  assert.equal(parseProcStat(read("linux-proc/procfs_pid_stat_overflow_values")).childUserTicks, -9223372036854775808);
  assert.equal(parseProcStat(read("linux-proc/gopsutil_pid_stat_lx_brandz_short")).exitStatus, undefined);
});

testWithFixtures("The parsers read every capture of status, io, smaps_rollup and cmdline", (read) => {
  for (const name of ["jc_pid_status", "procfs_pid_status", "local_linux6.18/self_status"]) {
    assert.ok((parseProcStatus(read(`linux-proc/${name}`)).peakRssBytes ?? 0) > 0, name);
  }
  for (const name of ["jc_pid_io", "procfs_pid_io", "local_linux6.18/self_io"]) {
    assert.ok(parseProcIo(read(`linux-proc/${name}`)).syscallReadBytes >= 0, name);
  }
  for (const name of ["procfs_pid_smaps_rollup", "local_linux6.18/self_smaps_rollup"]) {
    assert.ok(parseProportionalMemory(read(`linux-proc/${name}`)) > 0, name);
  }
  assert.ok(parseCommandLine(read("linux-proc/procfs_pid_cmdline_nul")).length > 1);
});

function firstLine(text: string): string {
  return `${text.split("\n")[0]}\n`;
}
