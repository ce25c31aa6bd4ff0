import assert from "node:assert/strict";
import fc from "fast-check";
import { isMessage } from "../lib/guards.ts";
import { type MarkLine, parseMark } from "../lib/mark.ts";
import { parsePlainMark } from "../lib/plain_mark.ts";

function parse(value: unknown): MarkLine {
  return parseMark(JSON.stringify(value));
}

Deno.test("parseMark() gives what each kind tells, and nothing else", () => {
  const told = [
    {
      kind: "tag",
      name: "warm",
      time: 1_795_254_872.393,
      pid: 7,
      tid: 8,
      attributes: { lr: 0.1, on: true, all: ["a"] },
    },
    { kind: "phase_start", name: "epoch", span: "7-1" },
    { kind: "phase_end", span: "7-1", attributes: { error: "ValueError" } },
    { kind: "checkpoint", name: "step 3", names: ["step", "3"] },
    {
      kind: "log",
      level: "warning",
      messages: ["a", { table: { columns: ["x"], rows: [[1], [null]] } }, { json: [1] }],
    },
    { kind: "log", level: "info", messages: ["b"], name: "root", path: "train.py", line: 12 },
    { kind: "progress", span: "p", name: "load", total: 10, completed: 2, advance: 1, state: "running" },
    { kind: "progress", span: "p", completed: 0 },
    { kind: "hello", token: "secret" },
    { kind: "dropped", count: 17 },
  ];
  for (const mark of told) assert.deepEqual(parse({ ...mark, unknown: 1 }), mark);
  assert.deepEqual(parse({ kind: "tag", name: "a", level: "info", total: 3 }), { kind: "tag", name: "a" });
  assert.deepEqual(parse({ kind: "progress", span: "p", total: 0 }), { kind: "progress", span: "p" });
  assert.deepEqual(parse({ kind: "log", messages: ["a"] }), { kind: "log", level: "info", messages: ["a"] });
});

Deno.test("parseMark() knows what levels are called elsewhere", () => {
  const levelOf = (level: string) => parseMark(JSON.stringify({ kind: "log", level, messages: ["a"] }));
  assert.deepEqual(levelOf("warn"), { kind: "log", level: "warning", messages: ["a"] });
  assert.deepEqual(levelOf("fatal"), { kind: "log", level: "critical", messages: ["a"] });
});

Deno.test("parseMark() says what is wrong with what is no mark", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [[1], /not a JSON object/],
    [{}, /kind undefined is none of tag/],
    [{ kind: "tagg", name: "a" }, /kind "tagg" is none of tag, phase_start/],
    [{ kind: "tag" }, /a tag has no name/],
    [{ kind: "tag", name: "" }, /a tag has no name/],
    [{ kind: "tag", name: 3 }, /name is not a text/],
    [{ kind: "tag", name: "a", time: "now" }, /time "now" is no Unix time/],
    [{ kind: "tag", name: "a", time: 1e300 }, /is no Unix time/],
    [{ kind: "tag", name: "a", pid: -1 }, /pid -1 is no process/],
    [{ kind: "tag", name: "a", pid: 0 }, /pid 0 is no process/],
    [{ kind: "tag", name: "a", attributes: { b: { c: 1 } } }, /attributes is not an object of texts/],
    [{ kind: "checkpoint", name: "a", names: [1] }, /names is not an array of texts/],
    [{ kind: "log" }, /a log has no messages/],
    [{ kind: "log", messages: [] }, /a log has no messages/],
    [{ kind: "log", messages: [{ table: { columns: ["a"], rows: [1] }, json: 1 }] }, /messages is not an array/],
    [{ kind: "log", messages: ["a"], level: "loud" }, /level "loud" is none of debug/],
    [{ kind: "progress" }, /a progress has no span/],
    [{ kind: "progress", span: "a", completed: -1 }, /completed -1 is no number of 0 or more/],
    [{ kind: "progress", span: "a", state: "fine" }, /state "fine" is none of running/],
  ];
  for (const [value, message] of wrong) assert.throws(() => parse(value), { name: "SyntaxError", message });
  assert.throws(() => parseMark("{"), { name: "SyntaxError", message: /is no JSON/ });
});

Deno.test("parseMark() cuts what is too long, and says where it did", () => {
  const long = "x".repeat(1_000_000);
  const tag = parse({ kind: "tag", name: long, attributes: { a: long } });
  assert.deepEqual(tag, { kind: "tag", name: `${long.slice(0, 1000)}…`, attributes: { a: `${long.slice(0, 1000)}…` } });
  const log = parse({ kind: "log", messages: [{ json: long }, long, "never"] });
  assert.ok("messages" in log && log.messages !== undefined);
  const attributes = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`a${at}`, at]));
  const many = parse({ kind: "tag", name: "a", attributes });
  assert.ok("attributes" in many && Object.keys(many.attributes ?? {}).length === 100);
  assert.equal(log.messages.length, 2);
  const [object, text] = log.messages;
  assert.equal(object, "[too large to be kept]");
  assert.ok(typeof text === "string" && text.length < 65_536 && text.endsWith("…"));
  const deep = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
  assert.match(JSON.stringify(parse({ kind: "log", messages: [{ json: [[1]] }] })), /\[\[1\]\]/);
  assert.deepEqual(parseMark(`{"kind":"log","messages":[{"json":${"[".repeat(50_000)}${"]".repeat(50_000)}}]}`), {
    kind: "log",
    level: "info",
    messages: ["[an object of more than 32 levels]"],
  });
  assert.equal(isMessage({ json: deep }), true);
});

Deno.test("parseMark() gives a mark that JSON can tell, or a SyntaxError, whatever comes", () => {
  fc.assert(
    fc.property(fc.record({ kind: fc.constantFrom("tag", "log", "progress", "phase_end"), ...ANY }), (value) => {
      try {
        JSON.parse(JSON.stringify(parse(value)));
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }),
  );
});

const ANY = Object.fromEntries(
  ["name", "time", "pid", "span", "messages", "total", "advance", "attributes"].map((name) => [name, fc.jsonValue()]),
);

Deno.test("parsePlainMark() reads every form that a shell writes", () => {
  const lines = {
    "tag warm up": { kind: "tag", name: "warm up" },
    "@1795254872.393 tag  warm ": { kind: "tag", name: "warm", time: 1_795_254_872.393 },
    "phase start train": { kind: "phase_start", name: "train" },
    "phase end train": { kind: "phase_end", name: "train" },
    "phase end": { kind: "phase_end" },
    "checkpoint step 3": { kind: "checkpoint", name: "step 3", names: ["step", "3"] },
    "checkpoint loaded": { kind: "checkpoint", name: "loaded" },
    "log warn disk": { kind: "log", level: "warning", messages: ["disk"] },
    "log fatal disk": { kind: "log", level: "critical", messages: ["disk"] },
    "log warned of disk": { kind: "log", level: "info", messages: ["warned of disk"] },
    "log warning disk is full": { kind: "log", level: "warning", messages: ["disk is full"] },
    "log it goes on": { kind: "log", level: "info", messages: ["it goes on"] },
    "progress new p 10 load data": { kind: "progress", span: "p", total: 10, name: "load data" },
    "progress new q 0": { kind: "progress", span: "q" },
    "progress advance p": { kind: "progress", span: "p", advance: 1 },
    "progress advance p 2.5": { kind: "progress", span: "p", advance: 2.5 },
    "progress update p 7": { kind: "progress", span: "p", completed: 7 },
    "progress done p": { kind: "progress", span: "p", state: "done" },
    "progress fail p": { kind: "progress", span: "p", state: "failed" },
  };
  for (const [line, mark] of Object.entries(lines)) assert.deepEqual(parsePlainMark(line), mark, line);
});

Deno.test("parsePlainMark() says what is wrong with what is no mark", () => {
  for (
    const line of ["", "tag", "tags a", "phase begin a", "progress new p", "progress advance p x", "@x tag a", "@1"]
  ) {
    assert.throws(() => parsePlainMark(line), SyntaxError, line);
  }
});
