/** Whatever is given to `report`, `summary` and `export` in the place of a log: a sentence, and nothing is written or replaced. */

import assert from "node:assert/strict";
import { type Ended, execute, RESMON, resmon } from "./program.ts";
import {
  formatLog,
  sampleColumns,
  sampleEnd,
  sampleRun,
  sampleSession,
  sampleStatus,
  sampleTick,
} from "./sample_records.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const NO_SESSION =
  /it is no log of resmon; name a log\.jsonl or the folder of a run, or a file of reseng, heflwr or pyml/;
const NO_FILE = /it is no regular file; name a log\.jsonl that resmon has written/;
const NO_LINE = /it has not one whole line; the run ended before anything was recorded/;
const MAX_KIBIBYTES = 150_000;

/** Puts something in the place of a log. */
type Make = (path: string) => void | Promise<void>;

function content(...parts: (string | Uint8Array<ArrayBuffer>)[]): Make {
  return async (path) => await Deno.writeFile(path, new Uint8Array(await new Blob(parts).arrayBuffer()));
}

/** A file of which nothing is on the disk: a gibibyte of zeros. */
async function makeHole(path: string): Promise<void> {
  await Deno.writeFile(path, new Uint8Array());
  await Deno.truncate(path, 2 ** 30);
}

async function makeFifo(path: string): Promise<void> {
  assert.equal((await execute(["mkfifo", path])).code, 0);
}

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52);
const WITHOUT_SESSION = formatLog([sampleTick(0), sampleEnd(1)]);
const NEWER = '{"type":"session","schema":7,"future":true}\n{"type":"dream","seq":2}\n';

const FOREIGN: readonly (readonly [what: string, make: Make, says: RegExp])[] = [
  ["an empty file", content(""), NO_LINE],
  ["half of a line", content('{"type":"session","se'), NO_LINE],
  ["a PNG", content(PNG), NO_SESSION],
  ["a CSV", content("a,b\n1,2\n"), NO_SESSION],
  ["a JSON array", content("[1, 2]\n"), NO_SESSION],
  ["JSON lines of another program", content('{"time":1}\n{"time":2}\n'), NO_SESSION],
  ["a log without its session", content(WITHOUT_SESSION), NO_SESSION],
  ["half of a session", content('{"type":"session","schema":1}\n'), NO_SESSION],
  ["text of another encoding", content(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x22, 0, 0x0a, 0)), NO_SESSION],
  ["a gibibyte of zeros", makeHole, NO_SESSION],
  ["a pipe", makeFifo, NO_FILE],
  ["a device", (path) => Deno.symlink("/dev/zero", path), NO_FILE],
  ["a folder without a log", (path) => Deno.mkdir(path), /log\.jsonl: there is no such file/],
  ["a link to nothing", (path) => Deno.symlink("nowhere", path), /there is no such file/],
  [
    "a file that cannot be read",
    (path) => Deno.symlink("/proc/self/mem", path),
    /Cannot read \S+: input\/output error/,
  ],
  [
    "a log of a newer format",
    content(NEWER),
    /it has format 7, and this is resmon \S+, which knows up to format 1; use a newer/,
  ],
];

for (const [what, make, says] of FOREIGN) {
  Deno.test(`resmon report, summary and export refuse ${what}`, () =>
    withTemporaryFolder(async (folder) => {
      const path = `${folder}/given`;
      await make(path);
      const outputs = ["report.html", "samples.csv", "samples-processes.csv", "again.jsonl"];
      for (const output of outputs) await Deno.writeTextFile(`${folder}/${output}`, "precious");
      const commands = [
        ["summary", path],
        ["summary", path, "--json"],
        ["report", path, "--force", "-o", `${folder}/report.html`],
        ["export", path, "--force", "--csv", `${folder}/samples.csv`, "--jsonl", `${folder}/again.jsonl`],
      ];
      for (const words of commands) {
        const { code, stdout, stderr } = await resmon(words);
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" }, words.join(" "));
        assert.match(stderr, /^resmon: Cannot read [^\n]*\n$/);
        assert.match(stderr, says);
      }
      for (const output of outputs) assert.equal(await Deno.readTextFile(`${folder}/${output}`), "precious", output);
    }));
}

/** What damage may be in the middle of a log, and how it is told. */
const DAMAGED: readonly (readonly [what: string, line: string, reason: RegExp])[] = [
  ["a line that was cut off", '{"type":"tick","seq":9,"time":17', /JSON/],
  ["zeros, as after a loss of power", "\0".repeat(5000), /JSON/],
  ["a line of no record", "[1,2,3]", /it is not a record/],
  ["steering of the terminal", "\x1b]0;owned\x07\x1b[2J", /JSON/],
  ["a segment of a newer format", JSON.stringify({ ...sampleSession(), schema: 7 }), /it has format 7/],
];

for (const [what, line, reason] of DAMAGED) {
  Deno.test(`resmon report, summary and export tell of ${what} in a log, and give all the rest`, () =>
    withTemporaryFolder(async (folder) => {
      const path = `${folder}/log.jsonl`;
      const records = sampleRun(8);
      const [head, tail] = [formatLog(records.slice(0, 9)), formatLog(records.slice(9))];
      await Deno.writeTextFile(path, `${head}${line}\n${tail}{"type":"tick","se`);
      const commands: [words: string[], shows: boolean][] = [
        [["summary", path], true],
        [["report", path], false],
        [["export", path, "--csv", `${folder}/samples.csv`, "--jsonl", `${folder}/again.jsonl`], false],
      ];
      for (const [words, shows] of commands) {
        const { code, stdout, stderr } = await resmon(words);
        assert.equal(code, 0, stderr);
        assert.match(stderr, /resmon: log: 1 damaged line was left out; the first is line 10: /);
        assert.match(stderr, reason);
        assert.equal(/\p{Cc}/u.test(`${stdout}${stderr}`.replaceAll("\n", "")), false, "nothing steers the terminal");
        if (shows) assert.match(stdout, /succeeded/);
      }
      assert.deepEqual(listFolder(folder), [
        "again.jsonl",
        "log.jsonl",
        "report.html",
        "samples-processes.csv",
        "samples.csv",
      ]);
      const again = (await Deno.readTextFile(`${folder}/again.jsonl`)).split("\n").filter((each) =>
        !each.includes("sink:log")
      );
      assert.equal(again.join("\n"), `${head}${tail}`);
      assert.equal((await Deno.readTextFile(`${folder}/samples.csv`)).split("\n").length - 2, 9);
    }));
}

Deno.test("resmon export and report do not replace the log that they read", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    await Deno.writeTextFile(path, formatLog(sampleRun(3)));
    await Deno.symlink(path, `${folder}/link`);
    for (
      const words of [["export", folder, "--jsonl", path], ["export", path, "--csv", `${folder}/link`], [
        "report",
        path,
        "-o",
        path,
      ]]
    ) {
      const { code, stderr } = await resmon([...words, "--force"]);
      assert.equal(code, 1);
      assert.match(stderr, /^resmon: Cannot write \S+: it is the log that is to be read; name another file\n$/);
    }
    assert.equal(await Deno.readTextFile(path), formatLog(sampleRun(3)));
  }));

/** Writes a log of some megabytes: 60 series and 20 processes in every tick. */
async function writeLongLog(path: string, megabytes: number): Promise<number> {
  using file = await Deno.create(path);
  const series = Array.from({ length: 60 }, (_, index) => `disk_read_bytes_total{disk="d${index}"}`);
  const head = [
    sampleSession(),
    sampleStatus({}),
    sampleColumns({ collector: "disk", series }),
    sampleColumns({ series: ["cpu_seconds_total"], processes: ["cpu_seconds_total", "memory_rss_bytes"] }),
  ];
  const encoder = new TextEncoder();
  let written = 0;
  let elapsed = 0;
  let text = formatLog(head);
  while (written < megabytes * 1e6) {
    const values = { process: [elapsed], disk: series.map((_, index) => elapsed * 1000 + index) };
    const processes = Array.from(
      { length: 20 },
      (_, index): [number, number, number] => [index + 1, elapsed, 1e7 + elapsed],
    );
    text += formatLog([sampleTick(elapsed++, { values, processes })]);
    if (elapsed % 1000 !== 0) continue;
    const bytes = encoder.encode(text);
    await file.write(bytes);
    written += bytes.length;
    text = "";
  }
  await file.write(encoder.encode(text + formatLog([sampleEnd(elapsed)])));
  return elapsed;
}

/** Runs resmon and tells how much memory it took at most, in KiB, by wait4(2). */
async function measure(words: readonly string[]): Promise<Ended & { readonly kibibytes: number }> {
  const script = "import os,sys; p=os.spawnvp(os.P_NOWAIT,sys.argv[1],sys.argv[1:]); s=os.wait4(p,0); " +
    "print(s[2].ru_maxrss,file=sys.stderr); sys.exit(os.waitstatus_to_exitcode(s[1]))";
  const ended = await execute(["python3", "-c", script, ...RESMON, ...words]);
  return { ...ended, kibibytes: parseInt(ended.stderr.trimEnd().split("\n").at(-1) ?? "", 10) };
}

Deno.test("resmon summary, report and export take less than 150 MB of memory for a log of 80 MB", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    const ticks = await writeLongLog(path, 80);
    assert.ok(ticks > 25_000);
    for (const words of [["summary", path], ["report", path], ["export", path, "--csv", `${folder}/samples.csv`]]) {
      const { code, stderr, kibibytes } = await measure(words);
      assert.equal(code, 0, stderr);
      console.log(`resmon ${words[0]}: ${kibibytes} KiB`);
      assert.ok(kibibytes < MAX_KIBIBYTES, `${words[0]} took ${kibibytes} KiB`);
    }
  }));
