import assert from "node:assert/strict";
import { CONSERVED } from "../collectors/process_ledger.ts";
import { ProcessTree } from "../collectors/process_tree_linux.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { processCpuSeconds, systemUnits } from "../lib/ffi/libc.ts";
import { FilePool } from "../lib/file_pool.ts";
import { assertClose } from "./program.ts";

const CHURN = new URL("workloads/churn.py", import.meta.url).pathname;

function openTree(pid: number, maxOpenFiles = 500): ProcessTree & Disposable {
  const root = new DiskRoot();
  const files = new FilePool(root, maxOpenFiles);
  const cpu = { clockTicks: systemUnits().clockTicks, processCpuSeconds };
  const tree = new ProcessTree({ root, files, cpu, adopter: undefined, helpers: new Set() });
  tree.begin(pid);
  return Object.assign(tree, { [Symbol.dispose]: () => files.close() });
}

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream.values({ preventCancel: true })) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  return text;
}

for (const maxOpenFiles of [500, 4]) {
  Deno.test(`ProcessTree counters never fall in 3,000 passes over short children, with ${maxOpenFiles} kept files`, async () => {
    const churn = new Deno.Command("python3", { args: [CHURN], stdin: "piped", stdout: "piped" }).spawn();
    using tree = openTree(churn.pid, maxOpenFiles);
    let last = new Float64Array(CONSERVED.length);
    let lastCpu = 0;
    let ended = 0;
    const living = new Set<number>();
    for (let pass = 0; pass < 3000; pass++) {
      const change = tree.update(pass);
      ended += change.ended.length;
      for (const { id } of change.started) living.add(id);
      for (const { id } of change.ended) living.delete(id);
      const present = new Set(Array.from(tree.processes.values(), ({ id }) => id));
      assert.ok([...living].every((id) => present.has(id)), `the end of a process was not told in pass ${pass}`);
      const totals = tree.totals().slice();
      const seconds = tree.cpuSeconds(totals);
      totals.forEach((value, index) =>
        assert.ok(value >= (last[index] ?? 0), `${CONSERVED[index]} fell in pass ${pass}`)
      );
      assert.ok(seconds >= lastCpu, `CPU seconds fell in pass ${pass}`);
      [last, lastCpu] = [totals, seconds];
      // Passes at random moments of the children's lives.
      if (pass % 3 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
    }
    await churn.stdin.close();
    const truth = parseFloat(await readLine(churn.stdout));
    tree.update(3000);
    assert.ok(ended > 20, `only ${ended} children were seen to end`);
    assertClose(tree.cpuSeconds(tree.totals()), truth, { share: 0.01, what: "CPU seconds of the tree" });
    assert.ok(Math.max(...tree.ledger.dropped) === 0, `nothing was dropped by the kernel: ${tree.ledger.dropped}`);
    churn.kill("SIGKILL");
    await Promise.all([churn.status, churn.stdout.cancel()]);
  });
}

Deno.test("ProcessTree finds children that a thread started", async () => {
  const script = "import subprocess, threading\n" +
    "thread = threading.Thread(target=lambda: subprocess.run(['sleep', '60']))\n" +
    "thread.start(); print('ready', flush=True); thread.join()";
  const python = new Deno.Command("python3", { args: ["-c", script], stdout: "piped" }).spawn();
  await readLine(python.stdout);
  using tree = openTree(python.pid);
  const names = (): string[] => [...tree.processes.values()].map(({ stat }) => stat.name);
  for (let pass = 0; pass < 200 && !names().includes("sleep"); pass++) {
    tree.update(pass);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(names().includes("sleep"), `found ${names()}`);
  for (const process of [...tree.processes.values()].reverse()) Deno.kill(process.pid, "SIGKILL");
  await Promise.all([python.status, python.stdout.cancel()]);
});

Deno.test("ProcessTree leaves out what a process starts with the mark of resmon's tools, its own monitors", async () => {
  const children = "RESMON_TOOL=1 sh -c 'read line' <&0 & sh -c 'read line' <&0 & echo; wait";
  const shell = new Deno.Command("bash", { args: ["-c", children], stdin: "piped", stdout: "piped" }).spawn();
  using tree = openTree(shell.pid);
  await readLine(shell.stdout);
  // Right after their start they may be still the shell that forked them.
  for (let pass = 0; pass < 50 && !hasSettled(tree); pass++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    tree.update(pass);
  }
  const names = Array.from(tree.processes.values(), ({ stat }) => stat.name);
  assert.deepEqual(names, ["bash", "sh"]);
  await shell.stdin.close();
  await shell.stdout.cancel();
  await shell.status;
});

function hasSettled(tree: ProcessTree): boolean {
  const names = Array.from(tree.processes.values(), ({ stat }) => stat.name);
  return names.includes("sh") && names.filter((name) => name === "bash").length === 1;
}
