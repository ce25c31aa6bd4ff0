import assert from "node:assert/strict";
import { readLog } from "../lib/log_reader.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { formatLog, sampleEvent, sampleRun, sampleSession, sampleStatus, sampleTick } from "./sample_records.ts";
import { withTemporaryFolder } from "./temporary.ts";

function refuseFailure(reason: string): never {
  throw new Error(`The sink failed: ${reason}`);
}

Deno.test("JsonlSink writes one record a line, as the log reader gives them back", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    const sink = new JsonlSink(path, { onFailure: refuseFailure });
    for (const record of sampleRun(3)) sink.write(record);
    await sink.close();
    assert.equal(await Deno.readTextFile(path), formatLog(sampleRun(3)));
    assert.deepEqual([...readLog(path)], sampleRun(3));
  }));

Deno.test("JsonlSink has a session and every tick in the file as soon as write() returns, with what came before", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    const sink = new JsonlSink(path, { onFailure: refuseFailure });
    const lines = (): number => Deno.readTextFileSync(path).split("\n").length - 1;
    sink.write(sampleSession());
    assert.equal(lines(), 1);
    sink.write(sampleEvent("process_start", 0, { id: 1 }));
    sink.write(sampleStatus({}));
    assert.equal(lines(), 1);
    sink.write(sampleTick(0));
    assert.equal(lines(), 4);
    sink.write(sampleEvent("signal", 1));
    await sink.close();
    assert.equal(lines(), 5);
  }));

Deno.test("JsonlSink writes what comes after the end at once", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    const sink = new JsonlSink(path, { onFailure: refuseFailure });
    for (const record of sampleRun(1)) sink.write(record);
    sink.write(sampleStatus({ collector: "sink:csv", state: "lost" }));
    assert.equal([...readLog(path)].at(-1)?.type, "status");
    await sink.close();
  }));

Deno.test("JsonlSink refuses a bad path before anything runs", () =>
  withTemporaryFolder((folder) => {
    const options = { onFailure: refuseFailure };
    Deno.writeTextFileSync(`${folder}/log.jsonl`, "precious");
    assert.throws(() => new JsonlSink(`${folder}/log.jsonl`, options), {
      message: `Cannot write ${folder}/log.jsonl: it exists already; name another, or replace it with --force`,
    });
    assert.throws(() => new JsonlSink(`${folder}/none/log.jsonl`, options), {
      message: `Cannot write ${folder}/none/log.jsonl: no such file or directory`,
    });
    assert.throws(() => new JsonlSink(folder, { ...options, force: true }), {
      message: `Cannot write ${folder}: is a directory`,
    });
    assert.equal(Deno.readTextFileSync(`${folder}/log.jsonl`), "precious");
  }));

Deno.test("JsonlSink replaces a longer file whole when forced", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    await Deno.writeTextFile(path, "x".repeat(10_000));
    const sink = new JsonlSink(path, { force: true, onFailure: refuseFailure });
    sink.write(sampleSession());
    await sink.close();
    assert.deepEqual([...readLog(path)], [sampleSession()]);
  }));

Deno.test("JsonlSink stops on a full disk, tells so once and goes on taking records", async () => {
  const failures: string[] = [];
  const sink = new JsonlSink("/dev/full", { force: true, onFailure: (reason) => failures.push(reason) });
  for (const record of sampleRun(3)) sink.write(record);
  await sink.close();
  assert.deepEqual(failures, ["Cannot write /dev/full: no space left on device"]);
});

Deno.test("JsonlSink stops when its folder was deleted", () =>
  withTemporaryFolder(async (folder) => {
    const failures: string[] = [];
    const path = `${folder}/run/log.jsonl`;
    await Deno.mkdir(`${folder}/run`);
    const sink = new JsonlSink(path, { onFailure: (reason) => failures.push(reason) });
    sink.write(sampleSession());
    await Deno.remove(`${folder}/run`, { recursive: true });
    sink.write(sampleTick(0));
    sink.write(sampleTick(1));
    await sink.close();
    assert.deepEqual(failures, [`Cannot write ${path}: it was deleted`]);
  }));

/** Writes a run under a limit of file size, where a write stops in the middle of a line as on a disk that gets full. */
const LIMITED = `
import { JsonlSink } from ${JSON.stringify(new URL("../sinks/jsonl.ts", import.meta.url))};
import { sampleRun } from ${JSON.stringify(new URL("./sample_records.ts", import.meta.url))};
const sink = new JsonlSink(Deno.args[0], { onFailure: (reason) => console.log(reason) });
for (const record of sampleRun(50)) sink.write(record);
await sink.close();
`;

Deno.test("JsonlSink leaves only whole lines behind when a write stops in the middle of one", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    const script = `${folder}/limited.ts`;
    await Deno.writeTextFile(script, LIMITED);
    // The signal would end a program that cannot ignore it.
    const limit = `trap "" XFSZ; ulimit -f 3; exec "$0" run -A --no-lock --quiet "$1" "$2"`;
    const config = ["--config", new URL("../deno.json", import.meta.url).pathname];
    const command = new Deno.Command("bash", {
      args: ["-c", limit.replace("run -A", `run -A ${config.join(" ")}`), Deno.execPath(), script, path],
    });
    const { stdout } = await command.output();
    assert.equal(new TextDecoder().decode(stdout), `Cannot write ${path}: file too large\n`);
    const text = await Deno.readTextFile(path);
    assert.ok(text.length > 2000 && text.endsWith("}\n"));
    const records = [...readLog(path)];
    assert.deepEqual(records, sampleRun(50).slice(0, records.length));
  }));

Deno.test("JsonlSink asks the disk to keep the log every --sync seconds", () =>
  withTemporaryFolder((folder) => {
    const real = Deno.FsFile.prototype.syncDataSync;
    let syncs = 0;
    Deno.FsFile.prototype.syncDataSync = function (): void {
      syncs++;
      real.call(this);
    };
    try {
      const sink = new JsonlSink(`${folder}/log.jsonl`, { syncSeconds: 2, onFailure: refuseFailure });
      for (const record of sampleRun(5)) sink.write(record);
      sink.close();
    } finally {
      Deno.FsFile.prototype.syncDataSync = real;
    }
    // At 2 s and at 4 s of 5.
    assert.equal(syncs, 2);
  }));
