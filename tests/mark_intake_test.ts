import assert from "node:assert/strict";
import { type MarkLine, parseMark } from "../lib/mark.ts";
import { MarkIntake } from "../lib/mark_intake.ts";
import { MarkLines } from "../lib/mark_lines.ts";
import type { Event } from "../lib/records.ts";
import { FakeClock } from "./fake_clock.ts";

const START = 1000;

class Taker {
  readonly clock = new FakeClock(START);
  readonly events: Event[] = [];
  phases = 0;
  readonly intake = new MarkIntake({
    clock: this.clock,
    elapsed: () => this.clock.now() - START,
    write: (event) => this.events.push(event),
    onPhase: () => this.phases++,
  });

  take(...marks: readonly MarkLine[]): void {
    for (const mark of marks) this.intake.accept(mark, "socket");
  }

  get lost(): string | undefined {
    return this.intake.status()?.reason;
  }
}

Deno.test("MarkIntake places a mark where its sender made it", () => {
  const taker = new Taker();
  taker.clock.advance(10);
  const now = taker.clock.wall();
  taker.take({ kind: "tag", name: "late", time: now - 1.5 }, { kind: "tag", name: "without" });
  assert.deepEqual(taker.events, [
    { kind: "tag", name: "late", source: "socket", time: now - 1.5, elapsed: 8.5 },
    { kind: "tag", name: "without", source: "socket", time: now, elapsed: 10 },
  ]);
});

Deno.test("MarkIntake places a mark where it is read if its sender's clock is another one", () => {
  const taker = new Taker();
  taker.clock.advance(10);
  const now = taker.clock.wall();
  const times = [now - 3600, now + 30, 0, -8e12];
  taker.take(...times.map((time): MarkLine => ({ kind: "tag", name: "a", time })));
  assert.deepEqual(taker.events.map(({ time, elapsed }) => [time, elapsed]), times.map((time) => [time, 10]));
});

Deno.test("MarkIntake places marks of one moment at one, however long each takes, as long as that is plausible", () => {
  const taker = new Taker();
  taker.clock.advance(10);
  const time = taker.clock.wall();
  taker.take({ kind: "phase_end", name: "a", time });
  taker.clock.advance(0.0004);
  taker.take({ kind: "phase_start", name: "b", time });
  taker.clock.advance(60);
  taker.take({ kind: "tag", name: "stale", time });
  assert.deepEqual(taker.events.map(({ elapsed }) => elapsed), [10, 10, 70.0004]);
});

Deno.test("MarkIntake never places a mark before the start", () => {
  const taker = new Taker();
  taker.clock.advance(1);
  taker.take({ kind: "tag", name: "a", time: taker.clock.wall() - 4 });
  assert.equal(taker.events[0]?.elapsed, 0);
});

Deno.test("MarkIntake tells the moments at which to read counters", () => {
  const taker = new Taker();
  taker.take({ kind: "phase_start", name: "a" }, { kind: "tag", name: "b" }, { kind: "phase_end", name: "a" });
  assert.equal(taker.phases, 2);
});

Deno.test("MarkIntake lets as much through as a log takes, phases last, and counts the rest", () => {
  const taker = new Taker();
  const flood = 200_000;
  for (let at = 0; at < flood; at++) taker.take({ kind: "tag", name: "x" });
  const accepted = taker.events.length;
  assert.equal(accepted, Math.floor(12 * 2 ** 20 / 100));
  assert.equal(taker.intake.room, "phases");
  taker.take({ kind: "phase_end", name: "a" });
  assert.equal(taker.events.length, accepted + 1);
  assert.match(taker.lost ?? "", new RegExp(`: ${flood - accepted} came faster than a log can take them$`));
  for (let at = 0; at < flood; at++) taker.take({ kind: "phase_start", name: "a" });
  assert.equal(taker.intake.room, "none");
  taker.clock.advance(60);
  assert.equal(taker.intake.room, "all");
  taker.take({ kind: "tag", name: "again" });
  assert.equal(taker.events.at(-1)?.name, "again");
});

Deno.test("MarkIntake adds up what several processes tell of a progress", () => {
  const taker = new Taker();
  taker.take({ kind: "progress", span: "p", name: "load", total: 5, pid: 1 });
  for (const pid of [1, 2, 3]) taker.take({ kind: "progress", span: "p", advance: 1, pid });
  assert.equal(taker.events.length, 1);
  taker.intake.flushProgress();
  taker.intake.flushProgress();
  taker.take({ kind: "progress", span: "p", completed: 2 }, { kind: "progress", span: "p", advance: 1 });
  taker.intake.flushProgress();
  taker.take({ kind: "progress", span: "p", completed: 5 }, { kind: "progress", span: "p", advance: 1 });
  const told = taker.events.map(({ name, pid, total, completed, state }) => [name, pid, total, completed, state]);
  assert.deepEqual(told, [
    ["load", 1, 5, 0, "running"],
    ["load", 1, 5, 3, "running"],
    ["load", 1, 5, 4, "running"],
    ["load", 1, 5, 5, "done"],
  ]);
});

Deno.test("MarkIntake takes the whole of a progress for done where somebody says that it is done", () => {
  const taker = new Taker();
  taker.take({ kind: "progress", span: "p", total: 8, advance: 3 }, { kind: "progress", span: "p", state: "done" });
  taker.take({ kind: "progress", span: "q", total: 8, advance: 3 }, { kind: "progress", span: "q", state: "failed" });
  assert.deepEqual(taker.events.map(({ span, completed, state }) => [span, completed, state]), [
    ["p", 3, "running"],
    ["p", 8, "done"],
    ["q", 3, "running"],
    ["q", 3, "failed"],
  ]);
});

Deno.test("MarkIntake counts what it tells of progresses with every tick as room of the log", () => {
  const taker = new Taker();
  const spans = Array.from({ length: 1000 }, (_, at) => `${at}`);
  for (const span of spans) taker.take({ kind: "progress", span });
  for (let tick = 0; taker.intake.room === "all" && tick < 200; tick++) {
    for (const span of spans) taker.take({ kind: "progress", span, advance: 1 });
    taker.intake.flushProgress();
  }
  assert.equal(taker.intake.room, "phases");
});

Deno.test("MarkIntake knows a progress by the first step that comes, by its end, and in no larger numbers than it can bear", () => {
  const taker = new Taker();
  taker.take({ kind: "progress", span: "p", advance: 1 }, { kind: "progress", span: "p", name: "late", total: 3 });
  taker.take({ kind: "progress", span: "q", state: "failed" });
  taker.intake.flushProgress();
  assert.deepEqual(taker.events.map(({ name, completed, state }) => [name, completed, state]), [
    [undefined, 1, "running"],
    [undefined, 0, "failed"],
    ["late", 1, "running"],
  ]);
  for (let at = 0; at < 1500; at++) taker.take({ kind: "progress", span: `${at}`, total: 2 });
  assert.match(taker.lost ?? "", /501 are of too many progresses/);
});

Deno.test("MarkIntake lets no more of progresses through than a log takes, and tells at the end how far they are", () => {
  const taker = new Taker();
  taker.take({ kind: "progress", span: "long", total: 10 });
  for (let at = 0; at < 200_000; at++) taker.take({ kind: "progress", span: `${at}`, total: 1, state: "done" });
  const accepted = taker.events.length;
  assert.equal(accepted, Math.floor(12 * 2 ** 20 / 200));
  assert.match(taker.lost ?? "", new RegExp(`: ${200_001 - accepted} came faster than a log can take them$`));
  taker.take({ kind: "tag", name: "the last" }, { kind: "progress", span: "long", advance: 4 });
  taker.intake.flushProgress();
  assert.equal(taker.events.length, accepted + 1);
  taker.intake.finishProgress();
  assert.equal(taker.events.at(-1)?.completed, 4);
});

Deno.test("MarkIntake takes as much of the log's room for what is no mark as for a mark", () => {
  const taker = new Taker();
  for (let at = 0; at < 200_000; at++) taker.intake.refuse(new SyntaxError("none"));
  assert.equal(taker.intake.room, "phases");
});

Deno.test("MarkIntake counts what its senders gave up and what could not be read, with the first reason", () => {
  const taker = new Taker();
  assert.equal(taker.lost, undefined);
  taker.take({ kind: "dropped", count: 17 }, { kind: "dropped", count: 3 });
  taker.intake.refuse(new SyntaxError("a tag has no name"));
  taker.intake.refuse(new SyntaxError("another"));
  assert.equal(
    taker.lost,
    "Marks of the program are missing: 20 were given up by the program, 2 could not be read (the first: a tag has no name)",
  );
});

function linesOf(taker: Taker): MarkLines {
  return new MarkLines({ intake: taker.intake, source: "socket", parse: parseMark });
}

const encoder = new TextEncoder();

Deno.test("MarkLines gives the same marks however their bytes are cut", () => {
  const text = ["tag ä", "tag 😀", "b"].map((name) => `${JSON.stringify({ kind: "tag", name })}\n`).join("\n");
  const bytes = encoder.encode(text);
  for (const step of [1, 2, 3, 7, bytes.length]) {
    const taker = new Taker();
    const lines = linesOf(taker);
    for (let at = 0; at < bytes.length; at += step) lines.push(bytes.slice(at, at + step));
    lines.end();
    assert.deepEqual(taker.events.map(({ name }) => name), ["tag ä", "tag 😀", "b"]);
    assert.equal(taker.lost, undefined);
  }
});

Deno.test("MarkLines takes a last line without end, and counts the half of one", () => {
  const taker = new Taker();
  for (const end of ['{"kind":"tag","name":"whole"}', '{"kind":"tag","na']) {
    const lines = linesOf(taker);
    lines.push(encoder.encode(`{"kind":"tag","name":"first"}\n${end}`));
    lines.end();
  }
  assert.deepEqual(taker.events.map(({ name }) => name), ["first", "whole", "first"]);
  assert.match(taker.lost ?? "", /1 could not be read/);
});

Deno.test("MarkLines leaves out a line that is too long, and goes on behind it", () => {
  const taker = new Taker();
  const lines = linesOf(taker);
  const part = encoder.encode("x".repeat(100_000));
  for (let at = 0; at < 20; at++) lines.push(part);
  lines.push(encoder.encode('\n{"kind":"tag","name":"after"}\n'));
  assert.deepEqual(taker.events.map(({ name }) => name), ["after"]);
  assert.match(taker.lost ?? "", /: 1 were longer than a line may be$/);
});

Deno.test("MarkLines reads phases only where there is room for nothing else", () => {
  const taker = new Taker();
  const lines = linesOf(taker);
  const block = encoder.encode('{"kind":"tag","name":"a"}\n'.repeat(1000));
  while (taker.intake.room !== "phases") lines.push(block);
  const accepted = taker.events.length;
  lines.push(
    encoder.encode(
      '{"kind":"tag","name":"no"}\n{"kind":"phase_end","name":"b"}\n{"kind":"tag","name":"phase"}\nnonsense\n',
    ),
  );
  assert.deepEqual(taker.events.slice(accepted).map(({ name }) => name), ["b"]);
  assert.match(taker.lost ?? "", /came faster than a log can take them$/);
});

Deno.test("MarkLines does not read what nobody could keep, and counts it", () => {
  const taker = new Taker();
  const lines = linesOf(taker);
  const phase = '{"kind":"phase_start","name":"a"}\n';
  const block = encoder.encode(phase.repeat(1000));
  while (taker.intake.room !== "none") lines.push(block);
  const accepted = taker.events.length;
  lines.push(encoder.encode(`${phase}${phase}{"kind":"ta`));
  taker.clock.advance(10);
  lines.push(encoder.encode(`g","name":"cut"}\n${phase}`));
  assert.equal(taker.events.length, accepted + 1);
  assert.doesNotMatch(taker.lost ?? "", /could not be read/);
});
