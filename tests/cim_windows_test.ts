import assert from "node:assert/strict";
import { CimReader } from "../collectors/cim_feed_windows.ts";
import { parseCimRows } from "../collectors/cim_rows_windows.ts";
import { powershellCommand } from "../collectors/cim_script_windows.ts";
import { createCpuCollector } from "../collectors/cpu_windows.ts";
import { createMemoryCollector } from "../collectors/memory_windows.ts";
import { CimSource } from "../collectors/process_windows.ts";
import { TOOLS_FOLDER } from "../lib/archive_tools.ts";
import type { Environment } from "../lib/contracts.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture, valuesNow } from "./fixture_machine.ts";

const MACHINE = fixture("windows_11");
const SAMPLE = MACHINE.read(`${TOOLS_FOLDER}/powershell.exe`).split("\n", 1)[0] ?? "";

function windows(): { readonly tools: FakeTools; readonly environment: Environment } {
  const tools = new FakeTools();
  return { tools, environment: { ...environmentOf(MACHINE), tools } };
}

function now(): number {
  return performance.now() / 1000;
}

Deno.test("CimReader reads for all collectors from one PowerShell, which ends with the last of them", async () => {
  const { tools, environment } = windows();
  const told: string[] = [];
  const readers = ["a", "b"].map((name) => new CimReader(environment, () => told.push(name)));
  tools.last.line(SAMPLE);
  assert.deepEqual([tools.started.length, told], [1, ["a", "b"]]);
  await readers[0]?.close();
  assert.equal(tools.closed, 0);
  await readers[1]?.close();
  assert.equal(tools.closed, 1);
});

Deno.test("A process that CIM tells nonsense of is a gap of the processes, and of nothing else", async () => {
  const { tools, environment } = windows();
  const [processes, memory] = [new CimSource(), createMemoryCollector()];
  let snapshots = 0;
  await processes.open(environment, () => snapshots++);
  await memory.open(environment);
  for (const nonsense of [SAMPLE.replace('"ThreadCount":8,', '"ThreadCount":-8,'), '{"processes":[],"memory":null}']) {
    tools.last.line(SAMPLE);
    assert.ok(processes.check(now()));
    assert.notEqual(nonsense, SAMPLE);
    tools.last.line(nonsense);
    assert.throws(() => processes.check(now()), SyntaxError);
  }
  assert.equal(snapshots, 2);
  assert.throws(() => memory.collect(now(), undefined), /Cannot read memory of CIM/);
  tools.last.line(SAMPLE.replace('"ThreadCount":8,', '"ThreadCount":-8,'));
  assert.ok(memory.collect(now(), undefined).values.length > 0);
  await Promise.all([processes.close(), memory.close()]);
});

Deno.test("CPUs beyond the first group of 64 keep the name of their group", async () => {
  const { tools, environment } = windows();
  const cpu = createCpuCollector();
  await cpu.open(environment);
  const times = { PercentUserTime: 1e7, PercentPrivilegedTime: 5e6, PercentIdleTime: "30000000" };
  const rest = { PercentInterruptTime: 1e6, PercentDPCTime: 2e6 };
  const processors = ["0,3", "1,3", "0,_Total", "_Total"].map((Name) => ({ Name, ...times, ...rest }));
  tools.last.line(JSON.stringify({ processors }));
  const values = valuesNow(cpu, now());
  assert.deepEqual([...values.keys()].filter((name) => name.includes("user")), [
    'system_cpu_seconds_total{cpu="3",mode="user"}',
    'system_cpu_seconds_total{cpu="1,3",mode="user"}',
  ]);
  assert.equal(values.get('system_cpu_seconds_total{cpu="3",mode="system"}'), 0.2);
  await cpu.close();
});

Deno.test("Memory of Windows of which more is available than there is, is not believed", async () => {
  const { tools, environment } = windows();
  const memory = createMemoryCollector();
  await memory.open(environment);
  tools.last.line('{"system":{"TotalVisibleMemorySize":1024},"memory":{"AvailableBytes":2097152},"pageFiles":[]}');
  assert.throws(() => memory.collect(now(), undefined), SyntaxError);
  await memory.close();
});

Deno.test("parseCimRows() reads arrays as Windows PowerShell spoils them in a pipeline", () => {
  const rows = parseCimRows('{"value":[{"ProcessId":4},{"ProcessId":8}],"Count":2}');
  assert.deepEqual(rows.map((row) => row.count("ProcessId")), [4, 8]);
  assert.deepEqual(parseCimRows('{"value":[],"Count":0}'), []);
});

Deno.test("powershellCommand() is one script without quotation marks, and leaves the console of the command alone", () => {
  const script = powershellCommand(2).at(-1) ?? "";
  assert.doesNotMatch(script, /["\n]/);
  assert.doesNotMatch(script, /\[Console\]::(?:OutputEncoding|InputEncoding|TreatControlCAsInput)/);
  assert.match(script, /InvariantCulture.* 2000 - \$watch/);
  for (const [open, close] of ["()", "{}", "[]"]) {
    assert.equal(script.split(open ?? "").length, script.split(close ?? "").length, `${open} and ${close} match`);
  }
});
