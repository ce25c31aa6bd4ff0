import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_LINE_BYTES, parseMark } from "../lib/mark.ts";
import { encodeMark } from "../lib/mark_encoder.ts";
import { MarkSender } from "../lib/mark_sender.ts";
import { findAttachment, findTargets, parseAddress } from "../lib/mark_targets.ts";
import { MARK_KINDS } from "../lib/records.ts";
import { type FakeMachine, FakeSurroundings } from "./mark_surroundings.ts";

const WITHIN_RUN: FakeMachine = { variables: { RESMON_ADDR: "unix:/run/socket", RESMON_MARKS: "/run/marks" } };

function senderOn(machine: FakeMachine): { readonly sender: MarkSender; readonly around: FakeSurroundings } {
  const around = new FakeSurroundings(machine);
  return { sender: new MarkSender(around), around };
}

Deno.test("MarkSender.send() tells the moment and the process", async () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  const before = Date.now() / 1000;
  sender.send({ kind: "tag", name: "a" });
  assert.equal(await sender.flush(1000), true);
  const [mark] = around.lines;
  assert.deepEqual({ ...mark, time: 0 }, { kind: "tag", name: "a", pid: 100, time: 0 });
  // The finer of two clocks may be some milliseconds apart.
  assert.ok(Math.abs(Number(mark?.["time"]) - before) < 5);
});

Deno.test("MarkSender.send() does nothing where nobody records, and looks for that once a second at most", async () => {
  const { sender, around } = senderOn({ variables: { XDG_RUNTIME_DIR: "/run" } });
  for (let i = 0; i < 1000; i++) sender.send({ kind: "tag", name: "a" });
  assert.equal(await sender.flush(1000), true);
  assert.deepEqual(around.addresses, []);
  // Three places of attachments, twice where the second has passed meanwhile.
  assert.ok(around.looked <= 6);
});

Deno.test("MarkSender.send() says over TCP first who it is", async () => {
  const { sender, around } = senderOn({ variables: { RESMON_ADDR: "tcp:127.0.0.1:4711/secret" } });
  sender.send({ kind: "tag", name: "a" });
  await sender.flush(1000);
  assert.deepEqual(around.addresses, [{ kind: "tcp", host: "127.0.0.1", port: 4711, token: "secret" }]);
  assert.deepEqual(around.lines.map(({ kind }) => kind), ["hello", "tag"]);
  assert.equal(around.lines[0]?.["token"], "secret");
});

Deno.test("MarkSender.send() reaches the run and every attachment to the process or an ancestor", async () => {
  const { sender, around } = senderOn({
    pid: 100,
    parent: 90,
    variables: { ...WITHIN_RUN.variables, XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/a" },
    files: {
      "/run/user/1000/resmon/attach-100-7/socket": "",
      "/run/user/1000/resmon/attach-101-7/socket": "",
      "/run/user/1000/resmon/run-100-abc/socket": "",
      "/home/a/.local/state/resmon/here/attach-50-8/socket": "",
      "/home/a/.local/state/resmon/here/attach-90-9/address": "tcp:127.0.0.1:1/t\n",
      "/proc/90/stat": "90 (a) b) c) S 50 1 1",
      "/proc/50/stat": "50 (sh) S 1 1 1",
    },
  });
  sender.send({ kind: "tag", name: "a" });
  await sender.flush(1000);
  assert.deepEqual(around.addresses, [
    { kind: "unix", path: "/run/socket" },
    { kind: "unix", path: "/run/user/1000/resmon/attach-100-7/socket" },
    { kind: "unix", path: "/home/a/.local/state/resmon/here/attach-50-8/socket" },
    { kind: "tcp", host: "127.0.0.1", port: 1, token: "t" },
  ]);
});

Deno.test("findAttachment() finds that of one resmon alone", () => {
  const around = new FakeSurroundings({
    files: { "/run/user/1000/resmon/attach-5-7/socket": "", "/run/user/1000/resmon/attach-5-8/socket": "" },
  });
  const [target, ...others] = findAttachment(around, { pid: 5, recorder: 8 });
  assert.deepEqual(target?.address, { kind: "unix", path: "/run/user/1000/resmon/attach-5-8/socket" });
  assert.equal(target?.file, "/run/user/1000/resmon/attach-5-8/marks");
  assert.deepEqual(others, []);
});

Deno.test("findTargets() ends where processes are their own ancestors", () => {
  const files = {
    "/run/user/1000/resmon/attach-9-7/socket": "",
    "/proc/5/stat": "5 (a) S 6 1",
    "/proc/6/stat": "6 (a) S 5 1",
  };
  assert.deepEqual(findTargets(new FakeSurroundings({ parent: 5, files })), []);
});

Deno.test("parseAddress() refuses what is none", () => {
  const wrong = [
    "",
    "unix:",
    "unix:relative",
    "/run/socket",
    "tcp:127.0.0.1:1",
    "tcp:127.0.0.1:99999/t",
    "tcp:a:b/c",
    "http://a",
  ];
  for (const text of wrong) assert.equal(parseAddress(text), undefined, text);
});

Deno.test("MarkSender counts the marks that a full socket does not take, and tells it once there is room", async () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  around.isFull = true;
  const name = "x".repeat(1000);
  for (let i = 0; i < 3000; i++) sender.send({ kind: "tag", name });
  assert.equal(await sender.flush(1), false);
  around.end();
  const rest = (around.appended.get("/run/marks") ?? "").split("\n").slice(0, -1).map((line) => JSON.parse(line));
  const told = [...around.lines, ...rest];
  const kept = told.filter(({ kind }) => kind === "tag").length;
  // The queue holds a MiB.
  assert.ok(kept > 900 && kept < 1100, `${kept} are kept`);
  assert.deepEqual(told.filter(({ kind }) => kind !== "tag"), [{ kind: "dropped", count: 3000 - kept }]);
  sender.close();
  await sender.flush(1000);
});

Deno.test("MarkSender keeps no marks for a resmon that is gone, and says so", async () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  sender.send({ kind: "tag", name: "a" });
  await sender.flush(1000);
  around.isAway = true;
  sender.send({ kind: "tag", name: "b" });
  assert.equal(await sender.flush(1000), false);
  assert.deepEqual(sender.problems(), ["nobody reads at unix:/run/socket: broken pipe"]);
  sender.send({ kind: "tag", name: "lost" });
  around.isAway = false;
  sender.lookSoon();
  sender.send({ kind: "tag", name: "c" });
  await sender.flush(1000);
  sender.send({ kind: "tag", name: "d" });
  await sender.flush(1000);
  assert.deepEqual(around.lines.map(({ kind, name, count }) => name ?? `${kind} ${count}`), [
    "a",
    "dropped 2",
    "c",
    "d",
  ]);
});

Deno.test("MarkSender has room for a MiB again once what waited is sent", async () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 500; i++) sender.send({ kind: "tag", name: "x".repeat(1000) });
    assert.equal(await sender.flush(1000), true);
  }
  assert.equal(around.lines.filter(({ kind }) => kind === "tag").length, 2500);
});

Deno.test("MarkSender tells again what it had told to a resmon that was gone", async () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  around.isAway = true;
  sender.send({ kind: "log", level: "info", messages: [{ json: 1n }] });
  sender.send({ kind: "tag", name: "a" });
  await sender.flush(1000);
  around.isAway = false;
  sender.lookSoon();
  sender.send({ kind: "log", level: "info", messages: [{ json: 1n }] });
  sender.send({ kind: "tag", name: "b" });
  around.isAway = true;
  await sender.flush(1000);
  around.isAway = false;
  sender.lookSoon();
  sender.send({ kind: "tag", name: "c" });
  await sender.flush(1000);
  assert.deepEqual(around.lines.map(({ name, count }) => name ?? count), [4, "c"]);
});

Deno.test("MarkSender puts what it could not send yet into the file when the program ends", () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  sender.send({ kind: "tag", name: "a" });
  around.end();
  assert.equal(JSON.parse(around.appended.get("/run/marks") ?? "").name, "a");
});

Deno.test("encodeMark() cuts each part of a checkpoint's name", () => {
  const { names } = JSON.parse(encodeMark({ kind: "checkpoint", name: "a", names: ["a", "x".repeat(2000)] }));
  assert.deepEqual(names, ["a", `${"x".repeat(1000)}…`]);
});

Deno.test("MarkSender.send() never throws, and counts what JSON cannot tell", async () => {
  const { sender, around } = senderOn(WITHIN_RUN);
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const hostile = { toJSON: () => fail() };
  for (const json of [circular, 1n, hostile]) sender.send({ kind: "log", level: "info", messages: [{ json }] });
  sender.send({ kind: "tag", name: "a", attributes: { long: ["x".repeat(MAX_LINE_BYTES)] } });
  sender.send({ kind: "tag", name: "b" });
  await sender.flush(1000);
  assert.deepEqual(around.lines.map(({ kind, name, count }) => name ?? `${kind} ${count}`), ["dropped 4", "b"]);
});

function fail(): never {
  throw new Error("toJSON");
}

Deno.test("encodeMark() makes one line that is read as it is meant, whatever it holds", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\n", "\u2028", "\ud800", "x".repeat(5000)));
  const mark = fc.record({
    kind: fc.constantFrom(...MARK_KINDS),
    name: text.filter((name) => name !== ""),
    span: fc.constant("1-1"),
    messages: fc.array(text, { minLength: 1 }),
  });
  fc.assert(fc.property(mark, (mark) => {
    const line = encodeMark(mark);
    assert.ok(line.endsWith("\n") && !line.slice(0, -1).includes("\n"));
    assert.equal(parseMark(line.slice(0, -1)).kind, mark.kind);
  }));
});

Deno.test("encodeMark() cuts names, messages and tables to what is kept", () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => [index, "value"]);
  const line = encodeMark({
    kind: "log",
    level: "info",
    name: "n".repeat(2 ** 20),
    messages: ["a", { table: { columns: ["i", "v"], rows } }, "m".repeat(2 ** 20), "more"],
  });
  const { name, messages: [first, { table }, text, ...rest] } = JSON.parse(line);
  assert.equal(name, `${"n".repeat(1000)}…`);
  assert.equal(first, "a");
  assert.deepEqual(table.rows, rows.slice(0, table.rows.length));
  assert.ok(table.rows.length > 3000 && line.length < 70_000);
  assert.match(text, /^m*…$/);
  assert.deepEqual(rest, []);
});

Deno.test("encodeMark() cuts no character in two", () => {
  const line = encodeMark({ kind: "tag", name: `${"n".repeat(999)}😀` });
  assert.equal(JSON.parse(line).name, `${"n".repeat(999)}…`);
});
