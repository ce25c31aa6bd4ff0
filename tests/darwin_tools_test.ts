/** What the tools of macOS print in more ways than one. */

import assert from "node:assert/strict";
import { parseAppleBattery } from "../collectors/battery_darwin.ts";
import { createCpuCollector, parseIostatRow } from "../collectors/cpu_darwin.ts";
import { parseStorageDrivers } from "../collectors/disk_darwin.ts";
import { createMemoryCollector, parseSwapUsage, parseVmStat } from "../collectors/memory_darwin.ts";
import { parseNetstat } from "../collectors/network_darwin.ts";
import { parsePowermetrics, powermetricsSource } from "../collectors/powermetrics_darwin.ts";
import { ArchiveTools, TOOLS_FOLDER } from "../lib/archive_tools.ts";
import { readMachine } from "../lib/machine.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture, machine } from "./fixture_machine.ts";

Deno.test("parseVmStat() takes the size of a page from the first line: 4 KiB on Intel", () => {
  const text = fixture("macbook_m2").read(`${TOOLS_FOLDER}/vm_stat`);
  assert.equal(parseVmStat(text).active, 300_000 * 16_384);
  assert.equal(parseVmStat(text.replace("16384", "4096")).active, 300_000 * 4096);
  assert.throws(() => parseVmStat(text.replace(/^.*\n/, "")), /page size of vm_stat: missing/);
  assert.throws(
    () => parseVmStat("Mach Virtual Memory Statistics: (page size of 4096 bytes)\nPages free: 12"),
    SyntaxError,
  );
});

Deno.test("parseSwapUsage() reads MiB, and no decimal comma", () => {
  const usage = parseSwapUsage("total = 0.00M  used = 0.00M  free = 0.00M  (encrypted)");
  assert.deepEqual(usage, { totalBytes: 0, usedBytes: 0 });
  assert.throws(() => parseSwapUsage("total = 2048,00M  used = 1035,25M  free = 1012,75M"), SyntaxError);
});

Deno.test("parseNetstat() counts columns from the right, since a link may have no address", () => {
  const header =
    "Name  Mtu   Network       Address            Ipkts Ierrs     Ibytes    Opkts Oerrs     Obytes  Coll\n";
  const links = parseNetstat(
    `${header}en0*  1500  <Link#4>    54:26:96:da:ed:9f      10     1       1000       20     2       2000     0\n` +
      "utun0 1380  <Link#9>                              30     0       3000       40     0       4000     0\n",
  );
  assert.deepEqual(
    links.map(({ name, receiveBytes, transmitBytes, errors }) => [name, receiveBytes, transmitBytes, errors]),
    [
      ["en0", 1000, 2000, 3],
      ["utun0", 3000, 4000, 0],
    ],
  );
});

Deno.test("parseIostatRow() reads the machine behind any number of disks, and no row that cannot be", () => {
  const use = { user: 25, system: 10, idle: 65, loads: [2.43, 2.15, 2] };
  assert.deepEqual(parseIostatRow("  25 10 65  2.43 2.15 2.00"), use);
  assert.deepEqual(parseIostatRow("   12.00    4  0.05     1.00    1  0.01  25 10 65  2.43 2.15 2.00"), use);
  assert.equal(parseIostatRow("    KB/t  tps  MB/s  us sy id   1m   5m   15m"), undefined);
  assert.throws(() => parseIostatRow("  25 10 25  2.43 2.15 2.00"), /add up to 60 %/);
  assert.throws(() => parseIostatRow("  25 10 65  2,43 2,15 2,00"), SyntaxError);
  assert.throws(() => parseIostatRow("  25 10 65  2.43 2.15"), SyntaxError);
});

Deno.test("The CPU collector of darwin leaves out the first row of iostat, which is of the time since boot", async () => {
  const root = fixture("macbook_m2");
  const path = `${TOOLS_FOLDER}/iostat -w`;
  root.write(path, root.read(path).trimEnd().split("\n").slice(0, -1).join("\n"));
  const collector = createCpuCollector();
  await collector.open(environmentOf(root));
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(collector.collect(performance.now() / 1000, undefined).values, []);
  await collector.close();
});

Deno.test("The memory collector of darwin believes no table in which more is used than there is", async () => {
  const root = fixture("macbook_m2");
  const path = `${TOOLS_FOLDER}/vm_stat`;
  const used = root.read(path).replace(/Pages active: +\d+/, "Pages active: 1048570");
  root.write(path, used);
  const collector = createMemoryCollector();
  await assert.rejects(async () => await collector.open({ ...environmentOf(root), isRequired: true }), /more pages/);
  await collector.close();
});

Deno.test("A sample of powermetrics has the time of its beginning: only the next one ends it", () => {
  const { createReader } = powermetricsSource("cpu_power", ({ watts }) => watts);
  const read = createReader("0\n");
  const start = "*** Sampled system activity (Sat Nov 21 09:31:00 2026 +0100) (1004.51ms elapsed) ***";
  assert.equal(read(start, 5), undefined);
  assert.equal(read("CPU Power: 5200 mW", 5.1), undefined);
  assert.deepEqual(read(start, 6), { values: new Map([["CPU", 5.2]]), at: 5 });
  assert.throws(() => read(start, 7), SyntaxError);
});

Deno.test("parseStorageDrivers() leaves out a driver without a disk", () => {
  const drivers = parseStorageDrivers(
    fixture("macbook_m2").read(`${TOOLS_FOLDER}/ioreg -r -c IOBlockStorageDriver`),
  );
  assert.deepEqual(drivers.map(({ name }) => name), ["disk0"]);
});

Deno.test("parseAppleBattery() reads currents of either sign, with a sign or as 64 bits without", () => {
  const battery = (current: string): string =>
    "+-o AppleSmartBattery  <class AppleSmartBattery>\n" +
    [
      '"ExternalConnected" = No',
      '"CurrentCapacity" = 43',
      '"MaxCapacity" = 86',
      '"Voltage" = 12000',
      `"Amperage" = ${current}`,
    ]
      .map((line) => `      ${line}\n`).join("");
  assert.deepEqual(parseAppleBattery(battery("-1500")), { chargePercent: 50, isDischarging: true, watts: 18 });
  assert.equal(parseAppleBattery(battery("18446744073709550116"))?.watts, 18);
  assert.equal(parseAppleBattery(battery("0"))?.watts, undefined);
  assert.equal(parseAppleBattery(""), undefined);
});

Deno.test("parsePowermetrics() takes the GPU of the processor's block, which the total holds, and a share without its zero", () => {
  const { watts, gpuPercent } = parsePowermetrics([
    "CPU Power: 1000 mW",
    "GPU Power: 200 mW",
    "Combined Power (CPU + GPU + ANE): 1203 mW",
    "GPU active residency:   .69% (338 MHz: .69%)",
    "GPU Power: 190 mW",
  ]);
  assert.deepEqual([...watts], [["CPU", 1], ["GPU", 0.2], ["Combined", 1.203]]);
  assert.equal(gpuPercent, 0.69);
});

Deno.test("parsePowermetrics() reads the watts of a Mac with an Intel processor", () => {
  const { watts } = parsePowermetrics(["Intel energy model derived package power (CPUs+GT+SA): 4.05W"]);
  assert.deepEqual([...watts], [["Package", 4.05]]);
});

Deno.test("readMachine() finds sysctl of a Mac in a PATH without the folders of root", async () => {
  const sought: unknown[] = [];
  const tools = Object.assign(new FakeTools(), {
    find: (name: string, folders: readonly string[] = []) => void sought.push([name, ...folders]),
    run: ([program = ""]) => Promise.resolve(`hw.logicalcpu: 8\nhw.memsize: 1024\nhw.machine: ${program}\n`),
  });
  assert.equal((await readMachine({ platform: "darwin", root: machine({}), tools })).architecture, "sysctl");
  assert.deepEqual(sought, [["sysctl", "/usr/sbin", "/sbin"]]);
});

Deno.test("readMachine() tells a Mac by sysctl and a Windows machine by what the runtime knows", async () => {
  for (const [platform, name] of [["darwin", "macbook_m2"], ["windows", "windows_11"]] as const) {
    const root = fixture(name);
    const machine = await readMachine({ platform, root, tools: new ArchiveTools(root) });
    assert.deepEqual([machine.os, machine.cpus > 1, machine.memory_bytes > 2 ** 33], [platform, true, true]);
    assert.ok(machine.kernel !== undefined && machine.cpu_model !== undefined);
  }
  const empty = fixture("laptop");
  for (const platform of ["darwin", "windows"]) {
    await assert.rejects(
      readMachine({ platform, root: empty, tools: new ArchiveTools(empty) }),
      /^MachineError: Cannot /,
    );
  }
});
