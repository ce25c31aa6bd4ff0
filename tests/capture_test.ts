import assert from "node:assert/strict";
import { differences } from "../commands/capture.ts";
import { diagnose } from "../commands/doctor.ts";
import { Anonymiser } from "../lib/anonymiser.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { ArchiveTools } from "../lib/archive_tools.ts";
import { NotingTools } from "../lib/noting_tools.ts";
import { FakeTools } from "./fake_tools.ts";
import { Capture } from "../lib/capture.ts";
import { fixtureHost, type Host } from "../lib/host.ts";
import { hidePrograms } from "../lib/private_tools.ts";
import { SystemError } from "../lib/root.ts";
import { ToolError } from "../lib/tools.ts";
import { resmon } from "./program.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const FIXTURES = new URL("fixtures/", import.meta.url).pathname;
const MACHINES = listFolder(FIXTURES).filter((name) => name.endsWith(".tree"));

function anonymiser(): Anonymiser {
  return new Anonymiser({ hosts: ["secrethost"], users: ["secretuser"] });
}

/** A fixture machine as a capture sees it. */
function host(lines: readonly string[]): Host {
  return fixtureHost(`/.resmon/pid\t=\t"42\\n"\n${lines.join("\n")}\n`);
}

/** What is captured when `look` looks at a machine, replayed. */
function replay(lines: readonly string[], look: (host: Host) => void): { text: string; root: ArchiveRoot } {
  const capture = new Capture(host(lines));
  look(capture.host);
  const text = capture.write(anonymiser());
  return { text, root: new ArchiveRoot(text) };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SystemError) return error.code;
    throw error;
  }
  return "none";
}

for (const name of MACHINES) {
  Deno.test(`A capture of ${name} tells the same as the machine`, async () => {
    const capture = new Capture(fixtureHost(await Deno.readTextFile(`${FIXTURES}${name}`)));
    const first = await diagnose(capture.host);
    const second = await diagnose(fixtureHost(capture.write(anonymiser())));
    assert.deepEqual(differences(first.diagnosis, second.diagnosis), []);
    assert.deepEqual(second.diagnosis.facts, first.diagnosis.facts);
    assert.deepEqual(second.examined.map(({ values }) => values.size), first.examined.map(({ values }) => values.size));
  });
}

Deno.test("resmon doctor --capture writes this machine, and --root tells the same of the file", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = `${folder}/machine.tree`;
    const captured = await resmon(["doctor", "--json", "--capture", file]);
    assert.equal(captured.code, 0, captured.stderr);
    assert.match(captured.stderr, /^resmon: Wrote \S+, without names[^\n]*\n$/);
    const replayed = await resmon(["doctor", "--json", "--root", file]);
    assert.equal(replayed.code, 0, replayed.stderr);
    assert.deepEqual(differences(JSON.parse(captured.stdout), JSON.parse(replayed.stdout)), []);
    const text = await Deno.readTextFile(file);
    const host = Deno.hostname();
    assert.ok(!new RegExp(`"[^\\n]*(?<![\\w-])${RegExp.escape(host)}(?![\\w-])`).test(text), `it tells of ${host}`);
    const own = /^\/\.resmon\/pid\t=\t"(\d+)/m.exec(text)?.[1];
    assert.deepEqual([...new Set(text.match(/^\/proc\/\d+/gm))], [`/proc/${own}`]);
    const again = await resmon(["doctor", "--capture", file]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^resmon: Cannot write \S+machine\.tree: /);
  });
});

Deno.test("A capture holds no secret that was planted, in a file, a link, a path or what a tool prints", () => {
  const group = "/sys/fs/cgroup/secretuser.slice/8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543";
  const { text, root } = replay([
    `${group}/memory.max\t=\t"max\\n"`,
    `/proc/42/cgroup\t=\t"0::${group.slice("/sys/fs/cgroup".length)}\\n"`,
    `/proc/42/mounts\t=\t"proc /proc proc rw 0 0\\nsecrethost:/data /secretfolder nfs rw 0 0\\n"`,
    `/proc/42/mountinfo\t=\t"22 30 0:20 / /sys rw - sysfs sysfs rw\\n23 30 0:9 / /secretfolder rw - nfs s:/x rw\\n"`,
    `/proc/42/cmdline\t=\t"resmon\\u0000/secretfolder\\u0000"`,
    `/proc/42/environ\t=\t"TOKEN=secrettoken"`,
    `/proc/net/route\t=\t"Iface\\tDestination\\tGateway\\tFlags\\neth0\\t00000000\\t0104A8C0\\t0003\\n"`,
    `/proc/cpuinfo\t=\t"model name\\t: ARM\\nSerial\\t\\t: 10000000secretid\\n"`,
    `/sys/class/power_supply/BAT0/serial_number\t=\t"secretserial\\n"`,
    `/sys/class/net/enx3c52826e01ff/mtu\t=\t"1500\\n"`,
    `/sys/class/x\t->\t/home/secretuser/x`,
    `/sys/class/y\t->\t/home/othersecret/y`,
    `/etc/os-release\t=\t"NAME=othersecret\\n"`,
    `/proc/42/fd/3\t->\t/var/secretfile`,
    `/proc/7/cmdline\t=\t"secretprogram"`,
    `/.resmon/tools/nvidia-smi -L\t=\t"GPU 0: H200 (UUID: GPU-5ec2e700-1234-4bcd-8000-0000000000aa) on secrethost\\n"`,
  ], ({ root, tools }) => {
    const own = ["cgroup", "mounts", "mountinfo", "cmdline", "environ"].map((name) => `/proc/42/${name}`);
    const others = [
      "/proc/net/route",
      "/proc/cpuinfo",
      "/sys/class/power_supply/BAT0/serial_number",
      "/proc/7/cmdline",
    ];
    const paths = [`${group}/memory.max`, "/sys/class/net/enx3c52826e01ff/mtu", ...own, ...others];
    for (const path of paths) root.read(path);
    root.readLink("/sys/class/x");
    root.readLink("/sys/class/y");
    root.size("/proc/42/fd");
    root.list("/proc");
    tools.start(["/usr/bin/nvidia-smi", "-L"], { line: () => undefined, end: () => undefined });
  });
  assert.doesNotMatch(text, /secret|8f14e45f|0104A8C0|5ec2e700|3c52826e|\/proc\/7/);
  const moved = root.read("/proc/42/cgroup").trim().slice("0::".length);
  assert.equal(root.read(`/sys/fs/cgroup${moved}/memory.max`), "max\n");
  assert.equal(root.read("/proc/42/mounts"), "proc /proc proc rw 0 0\n");
});

Deno.test("A capture finds a tool again that is called as the host, or begins so", async () => {
  const capture = new Capture(host(['/.resmon/tools/secrethost_stat -x\t=\t"1\\n"']));
  await capture.host.tools.run(["secrethost_stat", "-x"], 1);
  const replayed = new ArchiveTools(new ArchiveRoot(capture.write(anonymiser())));
  assert.equal(await replayed.run(["secrethost_stat", "-x"], 1), "1\n");
});

Deno.test("hidePrograms() leaves the numbers of processes and hides what they are", () => {
  const pmon = `# gpu         pid   type     sm    mem    command
# Idx           #    C/G      %      %    name
    0      12345     C     45     23    secret program
    1          -     -      -      -    -
`;
  assert.equal(hidePrograms(pmon), pmon.replace("secret program", "program"));
  const ps = "  412     1  98304  10:51.11 Ss   Mon Nov 16 08:12:31 2026     /opt/secret program\n";
  assert.equal(hidePrograms(ps), ps.replace("/opt/secret program", "program"));
  const timed = ps.replace("program", "at 08:12:31 2026 x");
  assert.equal(hidePrograms(timed), ps.replace("/opt/secret program", "program"));
  for (
    const json of [
      '{"ProcessId":4,"ParentProcessId":0,"Name":"secret \\"x\\".exe","ThreadCount":7}',
      '{"id": 3, "pid": "12", "name": "secret", "engine-classes": {}}',
      '{"name": "secret", "pid": 12}',
    ]
  ) {
    assert.equal(hidePrograms(json), json.replace(/secret[^,}]*"(?=[,}])/, 'program"'));
    assert.deepEqual(Object.keys(JSON.parse(hidePrograms(json))), Object.keys(JSON.parse(json)));
  }
  assert.equal(hidePrograms('{"name":"NVIDIA H200"}'), '{"name":"NVIDIA H200"}');
});

Deno.test("hidePrograms() leaves the rows of netstat on links, and not those on networks, which are cut off", () => {
  const links =
    `Name       Mtu   Network       Address            Ipkts Ierrs     Ibytes    Opkts Oerrs     Obytes  Coll
lo0        16384 <Link#1>                       2183334     0  295602781  2183334     0  295602781     0
gif0*      1280  <Link#2>                             0     0          0        0     0          0     0
`;
  const networks =
    `en0        1500  192.168.178   192.168.178.23   912345     -  987654321   812345     -  123456789     -
en0        1500  2a02:8071:b7 2a02:8071:b780:1   912345     -  987654321   812345     -  123456789     -
`;
  assert.equal(hidePrograms(links + networks), links);
});

Deno.test("A capture replays files behind links, folders, empty ones too, counts, and what failed", () => {
  const { root } = replay([
    "/sys/class/net/eth0\t->\t../../devices/pci/net/eth0",
    '/sys/devices/pci/net/eth0/mtu\t=\t"1500\\n"',
    "/sys/devices/pci/net/eth0/device\t->\t../../../pci",
    "/sys/class/hwmon\t/",
    "/sys/class/drm/card0\t/",
    '/sys/class/drm/version\t=\t"drm"',
    "/sys/kernel/locked\t!\tEACCES",
    '/proc/42/fd/0\t=\t""',
    '/proc/42/fd/1\t=\t""',
    "/proc/42/empty\t/",
    "/sys/class/a\t->\tb",
    "/sys/class/b\t->\tc",
    "/sys/class/c\t->\t../devices/d",
    '/sys/devices/d/mtu\t=\t"9000\\n"',
  ], ({ root }) => {
    for (const name of ["a", "b", "c"]) root.readLink(`/sys/class/${name}`);
    root.read("/sys/class/a/mtu");
    root.size("/proc/42/empty");
    root.list("/sys/class/net");
    for (const folder of ["/sys/class/hwmon", "/sys/class/drm"]) root.list(folder);
    root.read("/sys/class/net/eth0/mtu");
    root.readLink("/sys/class/net/eth0/device");
    root.size("/proc/42/fd");
    codeOf(() => root.read("/sys/kernel/locked"));
    codeOf(() => root.read("/sys/kernel/none"));
  });
  assert.deepEqual(root.list("/sys/class/net"), ["eth0"]);
  assert.equal(root.read("/sys/class/net/eth0/mtu"), "1500\n");
  assert.equal(root.readLink("/sys/class/net/eth0/device"), "../../../pci");
  assert.equal(root.read("/sys/class/a/mtu"), "9000\n");
  assert.deepEqual(root.list("/proc/42/empty"), []);
  assert.deepEqual(root.list("/sys/class/hwmon"), []);
  assert.deepEqual(root.list("/sys/class/drm").sort(), ["card0", "version"]);
  assert.equal(root.size("/proc/42/fd"), 2);
  assert.equal(codeOf(() => root.read("/sys/kernel/locked")), "EACCES");
  assert.equal(codeOf(() => root.read("/sys/kernel/none")), "ENOENT");
  assert.equal(codeOf(() => root.read("/sys/class/drm/version")), "ENODATA");
});

Deno.test("A capture replays what tools printed and how they failed, and knows its own helper", async () => {
  const capture = new Capture(host([
    '/.resmon/tools/rocm-smi --json\t=\t"{}\\n"',
    '/.resmon/tool_ends/amd-smi list\t=\t"exit status 1 (no driver)"',
    '/.resmon/tools/resmon helper nvml\t=\t"line\\n"',
    '/.resmon/tools/tegrastats\t=\t"RAM 1/2MB\\n"',
  ]));
  const { tools } = capture.host;
  assert.equal(await tools.run(["/opt/rocm/bin/rocm-smi", "--json"], 1), "{}\n");
  await assert.rejects(tools.run(["amd-smi", "list"], 1), ToolError);
  const { promise, resolve } = Promise.withResolvers<string>();
  tools.start(["resmon", "helper", "nvml"], { line: resolve, end: resolve });
  assert.equal(await promise, "line");
  assert.equal(tools.find("tegrastats"), "/usr/bin/tegrastats");
  assert.equal(await tools.run(["rocm-smi", "--json", "/tmp/of-this-run"], 1), "{}\n");

  const replayed = new ArchiveTools(new ArchiveRoot(capture.write(anonymiser())));
  assert.equal(await replayed.run(["rocm-smi", "--json"], 1), "{}\n");
  await assert.rejects(replayed.run(["amd-smi", "list"], 1), {
    message: "Cannot run amd-smi: exit status 1 (no driver)",
  });
  assert.equal(await replayed.run(["resmon", "helper", "nvml"], 1), "line\n");
  assert.equal(replayed.find("tegrastats"), "/usr/bin/tegrastats");
});

Deno.test("NotingTools keeps what a tool said when it is started again and silent, and not all of what it floods", () => {
  const tools = new FakeTools();
  const noting = new NotingTools(tools, ["resmon"]);
  const nobody = { line: () => undefined, end: () => undefined };
  noting.start(["meter", "-l"], nobody);
  tools.last.line("42");
  noting.start(["meter", "-l"], nobody);
  assert.equal(noting.notes.get("meter -l")?.output, "42\n");
  for (let count = 0; count < 20; count++) tools.last.line("x".repeat(100_000));
  const length = noting.notes.get("meter -l")?.output.length ?? 0;
  assert.ok(length >= 100_000 && length < 1_000_000, `${length} characters`);
});

Deno.test("differences() names the collectors and metrics that a fixture tells otherwise", async () => {
  const { diagnosis } = await diagnose(fixtureHost(await Deno.readTextFile(`${FIXTURES}laptop.tree`)));
  const collectors = diagnosis.collectors.map((each) =>
    each.name === "disk" ? { ...each, state: "lost" } as const : each
  );
  const { system_load1: _told, ...metrics } = diagnosis.metrics;
  assert.deepEqual(differences(diagnosis, { ...diagnosis, collectors, metrics }), ["disk", "system_load1"]);
});
