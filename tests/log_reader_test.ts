import assert from "node:assert/strict";
import fc from "fast-check";
import { type DamagedLine, readLog, readRecords } from "../lib/log_reader.ts";
import type { ResmonRecord } from "../lib/records.ts";
import { formatLog, sampleEnd, sampleRun, sampleSession, sampleTick } from "./sample_records.ts";

const encoder = new TextEncoder();

/** What reading gives: the records, and the lines that were left out. */
interface Answer {
  readonly records: readonly ResmonRecord[];
  readonly damage: readonly DamagedLine[];
}

function read(text: string | Uint8Array, chunkBytes = 1000): Answer {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const damage: DamagedLine[] = [];
  const records = [...readRecords(chunks, { name: "log.jsonl", onDamage: (line) => damage.push(line) })];
  return { records, damage };
}

function withTemporaryFolder(test: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("readLog() gives the records of a file", () => {
  withTemporaryFolder((folder) => {
    const path = `${folder}/log.jsonl`;
    Deno.writeTextFileSync(path, formatLog(sampleRun(5)));
    assert.deepEqual([...readLog(path)], sampleRun(5));
  });
});

Deno.test("readLog() closes the file of a reader that stops early", () => {
  withTemporaryFolder((folder) => {
    const path = `${folder}/log.jsonl`;
    Deno.writeTextFileSync(path, formatLog(sampleRun(5)));
    for (const record of readLog(path)) {
      assert.equal(record.type, "session");
      break;
    }
    const open = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => linkOf(`/proc/self/fd/${name}`));
    assert.ok(!open.includes(path));
  });
});

function linkOf(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    // The descriptor of the listing itself.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("readRecords() gives the same for chunks of any size", () => {
  const records = sampleRun(3);
  for (const chunkBytes of [1, 2, 7, 100, 1e6]) assert.deepEqual(read(formatLog(records), chunkBytes).records, records);
});

Deno.test("readRecords() drops an unterminated last line", () => {
  const text = formatLog([sampleSession(), sampleTick(0)]);
  const { records, damage } = read(text.slice(0, -1));
  assert.deepEqual(records, [sampleSession()]);
  assert.deepEqual(damage, []);
});

Deno.test("readRecords() ignores unknown fields and record types", () => {
  const session = { ...sampleSession(), future: { deep: [1] } };
  const text = `${JSON.stringify(session)}\n{"type":"hologram","seq":"x"}\n${JSON.stringify(sampleEnd(1))}\n`;
  assert.deepEqual(read(text), { records: [session, sampleEnd(1)], damage: [] });
});

Deno.test("readRecords() leaves a damaged line out and tells its number", () => {
  const damaged: [text: string, reason: RegExp][] = [
    ["{broken", /JSON/],
    ["", /JSON/],
    ["[]", /^it is not a record$/],
    ['{"type":"tick","seq":1,"time":1,"elapsed":"2","values":{}}', /^elapsed is not seconds to the microsecond$/],
    ['{"type":"tick","seq":1,"time":1,"elapsed":1e-320,"values":{}}', /^elapsed is not seconds to the microsecond$/],
    ['{"type":"tick","seq":1,"time":1,"elapsed":1e999,"values":{}}', /^elapsed is not seconds to the microsecond$/],
    ['{"type":"tick","seq":1,"time":1e300,"elapsed":1,"values":{}}', /^time is not a Unix time$/],
    ['{"type":"tick","seq":1,"time":1,"elapsed":1,"values":{"a":[true]}}', /^values is not arrays of numbers by coll/],
    ['{"type":"tick","seq":1,"time":1,"elapsed":1,"values":{"a":[1e101]}}', /^values is not arrays of numbers by coll/],
    [
      '{"type":"event","seq":1,"kind":"x","time":1,"elapsed":1,"attributes":{"a":null}}',
      /^attributes is not attributes/,
    ],
    ['{"type":"end","seq":1,"time":1,"elapsed":1,"exact":{"cpu_seconds":"1","sources":{}}}', /^exact is not exact/],
    ['{"type":"tick","seq":1,"time":1,"elapsed":1,"values":{},"processes":[[null]]}', /^processes is not an array/],
    ['{"type":"columns","seq":1,"collector":"a","series":[1]}', /^series is not an array of texts$/],
    ['{"type":"event","seq":1,"time":1,"elapsed":1}', /^kind is not a text$/],
    ['{"type":"end","seq":1,"time":1,"elapsed":1,"exact":{}}', /^exact is not exact values$/],
    ['{"type":"status","collector":"a","state":"working"}', /^seq is not a number$/],
  ];
  const text = [formatLog([sampleSession()]), ...damaged.map(([line]) => `${line}\n`), formatLog([sampleEnd(1)])].join(
    "",
  );
  const { records, damage } = read(text);
  assert.deepEqual(records, [sampleSession(), sampleEnd(1)]);
  assert.deepEqual(damage.map(({ line }) => line), damaged.map((_, at) => at + 2));
  damage.forEach(({ reason }, at) => assert.match(reason, damaged[at]?.[1] ?? /never/));
});

Deno.test("readRecords() leaves a line out that is longer than any record, without holding it", () => {
  const text = `${formatLog([sampleSession()])}${"x".repeat(17 * 1024 * 1024)}\n${formatLog([sampleEnd(1)])}`;
  const { records, damage } = read(text, 256 * 1024);
  assert.deepEqual(records, [sampleSession(), sampleEnd(1)]);
  assert.deepEqual(damage, [{ line: 2, reason: "it is longer than 16777216 bytes" }]);
});

Deno.test("readRecords() gives up at once on what begins with an endless line", () => {
  function* endless(): Generator<Uint8Array> {
    for (;;) yield new Uint8Array(256 * 1024);
  }
  assert.throws(
    () => [...readRecords(endless(), { name: "zeros" })],
    /Cannot read zeros: it is no log of resmon/,
  );
});

Deno.test("readRecords() leaves out a segment's session of a newer format, and keeps what it knows", () => {
  const newer = { ...sampleSession(), schema: 9 };
  const { records, damage } = read(formatLog([sampleSession(), newer, sampleEnd(1)]));
  assert.deepEqual(records, [sampleSession(), sampleEnd(1)]);
  assert.equal(damage[0]?.line, 2);
  assert.match(damage[0]?.reason ?? "", /^it has format 9, .* use a newer resmon$/);
});

Deno.test("readLog() says what is wrong with what is not a log, and what to do", () => {
  withTemporaryFolder((folder) => {
    const files: [name: string, content: string, reason: string][] = [
      ["empty.jsonl", "", "it has not one whole line; the run ended before anything was recorded"],
      ["half.jsonl", '{"type":"session"', "it has not one whole line; the run ended before anything was recorded"],
      [
        "notes.txt",
        "hello\nworld\n",
        "it is no log of resmon; name a log.jsonl or the folder of a run, or a file of reseng, heflwr or pyml",
      ],
      [
        "other.jsonl",
        '{"a":1}\n',
        "it is no log of resmon; name a log.jsonl or the folder of a run, or a file of reseng, heflwr or pyml",
      ],
      [
        "new.jsonl",
        '{"type":"session","schema":9}\n',
        "it has format 9, and this is resmon 0.1.0, which knows up to format 1; use a newer resmon",
      ],
    ];
    for (const [name, content, reason] of files) {
      const path = `${folder}/${name}`;
      Deno.writeTextFileSync(path, content);
      assert.throws(() => [...readLog(path)], { message: `Cannot read ${path}: ${reason}` });
    }
    assert.throws(() => [...readLog(folder)], {
      message: `Cannot read ${folder}: it is a folder; name the log.jsonl in it`,
    });
    assert.throws(() => [...readLog("/dev/zero")], {
      message: "Cannot read /dev/zero: it is no regular file; name a log.jsonl that resmon has written",
    });
    assert.throws(() => [...readLog(`${folder}/none`)], {
      message: `Cannot read ${folder}/none: there is no such file`,
    });
  });
});

Deno.test("readRecords() gives a prefix of the records for any truncation of a log", () => {
  const records = sampleRun(4);
  const bytes = encoder.encode(formatLog(records));
  const first = bytes.indexOf(10) + 1;
  fc.assert(fc.property(fc.integer({ min: first, max: bytes.length }), (length) => {
    const answer = read(bytes.subarray(0, length));
    assert.deepEqual(answer.damage, []);
    assert.deepEqual(answer.records, records.slice(0, answer.records.length));
    assert.equal(answer.records.length, bytes.subarray(0, length).filter((byte) => byte === 10).length);
  }));
});

Deno.test("readRecords() gives every whole record whatever one byte of the others becomes", () => {
  const records = sampleRun(2);
  const bytes = encoder.encode(formatLog(records));
  const position = fc.integer({ min: bytes.indexOf(10) + 1, max: bytes.length - 1 });
  fc.assert(fc.property(position, fc.integer({ min: 0, max: 255 }), (at, byte) => {
    const { records: found } = read(bytes.with(at, byte));
    const intact = records.filter((record) => found.some((each) => JSON.stringify(each) === JSON.stringify(record)));
    assert.ok(intact.length >= records.length - 2);
  }));
});
