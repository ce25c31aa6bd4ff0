import assert from "node:assert/strict";
import { Pipeline } from "../lib/pipeline.ts";
import type { ResmonRecord } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { openOutputs, type Output, type OutputName, OUTPUTS } from "../sinks/mod.ts";
import { sampleEvent, sampleRun } from "./sample_records.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const NAMES = Object.keys(OUTPUTS) as OutputName[];

/** What one output is opened with: the report is made from the log. */
function withNeeded(name: OutputName): OutputName[] {
  return name === "html" ? ["log", name] : [name];
}

function filesOf(name: OutputName, hasPhases: boolean): string[] {
  const written = withNeeded(name).map((each): Output => OUTPUTS[each]).filter(({ isOfPhases }) =>
    hasPhases || !isOfPhases
  );
  return written.flatMap(({ files }) => files).sort();
}

const phase = sampleEvent("phase_start", 1, { name: "load" });

/** Runs records through one output and gives the summary and what the output told of failures. */
async function runThrough(
  name: OutputName,
  folder: string,
  records: readonly ResmonRecord[],
): Promise<{ summary: Summary; failures: string[] }> {
  const failures: string[] = [];
  const onFailure = (output: string, reason: string): void => void failures.push(`${output}: ${reason}`);
  const pipeline = new Pipeline(await openOutputs(withNeeded(name), { folder, force: false, onFailure }));
  for (const record of records) pipeline.accept(record);
  const summary = pipeline.end();
  await pipeline.close(5);
  return { summary, failures };
}

for (const name of NAMES) {
  Deno.test(`${name} writes its files and nothing else`, () =>
    withTemporaryFolder(async (folder) => {
      const { summary, failures } = await runThrough(name, folder, [...sampleRun(3), phase]);
      assert.deepEqual(failures, []);
      assert.deepEqual(summary.incomplete, []);
      assert.deepEqual(listFolder(folder), filesOf(name, true));
    }));

  Deno.test(`${name} writes its files for a run that broke off before the first tick`, () =>
    withTemporaryFolder(async (folder) => {
      const { failures } = await runThrough(name, folder, sampleRun(3).slice(0, 1));
      assert.deepEqual(failures, []);
      assert.deepEqual(listFolder(folder), filesOf(name, false));
    }));

  Deno.test(`${name} refuses a file that is there, and a folder that is not`, () =>
    withTemporaryFolder(async (folder) => {
      const place = { folder, force: false, onFailure: assert.fail };
      for (const file of OUTPUTS[name].files) {
        await Deno.writeTextFile(`${folder}/${file}`, "precious");
        await assert.rejects(openOutputs([name], place), { message: /^Cannot write .*: it (exists|is there)/ });
        assert.equal(await Deno.readTextFile(`${folder}/${file}`), "precious");
        for (const other of listFolder(folder)) await Deno.remove(`${folder}/${other}`);
      }
      await assert.rejects(openOutputs([name], { ...place, folder: `${folder}/none` }), {
        message: /^Cannot write .*: no such file or directory/,
      });
    }));

  Deno.test(`${name} survives that its folder goes away during the run`, () =>
    withTemporaryFolder(async (folder) => {
      const gone = `${folder}/run`;
      await Deno.mkdir(gone);
      const failures: string[] = [];
      const onFailure = (_: string, reason: string): void => void failures.push(reason);
      const statuses: string[] = [];
      const sinks = await openOutputs(withNeeded(name), { folder: gone, force: false, onFailure });
      const watcher = {
        name: "watcher",
        write: (record: ResmonRecord): void => {
          if (record.type === "status" && record.collector === `sink:${name}`) statuses.push(record.reason ?? "");
        },
        close: (): void => {},
      };
      const pipeline = new Pipeline({ ...sinks, recordSinks: [...sinks.recordSinks, watcher] });
      const records = [...sampleRun(3), phase];
      records.slice(0, 8).forEach((record) => pipeline.accept(record));
      await Deno.remove(gone, { recursive: true });
      records.slice(8).forEach((record) => pipeline.accept(record));
      pipeline.end();
      await pipeline.close(5);
      const told = [...failures, ...statuses];
      assert.ok(told.length > 0 && told.every((reason) => reason.startsWith(`Cannot write ${gone}/`)), told.join());
    }));
}

Deno.test("openOutputs() closes what it has opened when a later output cannot be", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/summary.json`, "precious");
    const place = { folder, force: false, onFailure: assert.fail };
    await assert.rejects(openOutputs(["log", "csv", "summary"], place), /summary.json: it exists already/);
  }));
