import assert from "node:assert/strict";
import fc from "fast-check";
import { ReturnRemover } from "../lib/line_feeds.ts";
import { type OutputLine, OutputLines } from "../lib/output_lines.ts";
import { ScreenWatch } from "../lib/screen_watch.ts";
import { addsReturns, type Modes, modesInFront, withChange } from "../lib/terminal_modes.ts";
import { WorkBudget } from "../lib/work_budget.ts";
import { FakeClock } from "./fake_clock.ts";

const encoder = new TextEncoder();

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

Deno.test("ReturnRemover.push() gives back what a program wrote, however it is cut", () => {
  const text = fc.array(fc.constantFrom("\r", "\n", "a", "é"), { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 40 }), { maxLength: 4 }), (written, cuts) => {
      const shown = bytesOf(written.replaceAll("\n", "\r\n"));
      const remover = new ReturnRemover();
      const places = [0, ...cuts.toSorted((a, b) => a - b), shown.length];
      const pieces = places.slice(1).map((end, index) => remover.push(shown.slice(places[index], end)));
      const result = [...pieces, remover.flush()].map((piece) => new TextDecoder("latin1").decode(piece)).join("");
      assert.equal(result, new TextDecoder("latin1").decode(bytesOf(written)));
    }),
    { examples: [["\n\r\n\n", [6, 6]]] },
  );
});

/** The texts of lines, with `<` before those that are written over another one, `>` behind those that do not stay. */
function told(lines: readonly OutputLine[]): string[] {
  return lines.map(({ text, isWhole, isRedrawn }) => `${isRedrawn ? "<" : ""}${text}${isWhole ? "" : ">"}`);
}

Deno.test("OutputLines.push() ends lines at line feeds and returns, and leaves empty ones out", () => {
  const lines = new OutputLines();
  const text = "one\r\ntwo\r 50%\r100%\n\r\n\rhal";
  assert.deepEqual(told(lines.push(bytesOf(text))), ["one", "two>", "< 50%>", "<100%"]);
  assert.deepEqual(told(lines.push(bytesOf("f\n"))), ["half"]);
  lines.push(bytesOf("rest"));
  assert.deepEqual(told([lines.flush()].filter((line) => line !== undefined)), ["rest"]);
  assert.equal(lines.flush(), undefined);
});

Deno.test("OutputLines keeps what stands on the line where the line feed comes late, or never", () => {
  const lines = new OutputLines();
  assert.deepEqual(told(lines.push(bytesOf("50%\r100%\r"))), ["50%>", "<100%>"]);
  assert.deepEqual(told(lines.push(bytesOf("\nbar\r"))), ["<100%", "bar>"]);
  assert.deepEqual(lines.flush(), { text: "bar", isWhole: true, isRedrawn: true });
});

Deno.test("OutputLines.push() keeps 4,096 characters of a line that never ends", () => {
  const lines = new OutputLines();
  for (let count = 0; count < 100; count++) assert.deepEqual(lines.push(bytesOf("x".repeat(1000))), []);
  assert.deepEqual(told(lines.push(bytesOf("\nnext\n"))), ["x".repeat(4096), "next"]);
});

Deno.test("OutputLines.skip() joins nothing of what is before and after it", () => {
  const lines = new OutputLines();
  lines.push(bytesOf("epoch 1"));
  lines.skip(bytesOf("0\nloss="));
  assert.deepEqual(lines.push(bytesOf("0.")), []);
  assert.deepEqual(told(lines.push(bytesOf("5\nnext\nla"))), ["next"]);
  lines.skip(bytesOf("st\n"));
  assert.deepEqual(told(lines.push(bytesOf("whole\n"))), ["whole"]);
  lines.skip(bytesOf("half"));
  lines.push(bytesOf(" a line"));
  assert.equal(lines.flush(), undefined);
});

Deno.test("WorkBudget.tryWork() lets a burst through, then a fifth of the time", () => {
  const clock = new FakeClock();
  const budget = new WorkBudget(clock);
  assert.equal(budget.tryWork(() => clock.advance(1.5)), true);
  assert.equal(budget.tryWork(() => assert.fail("there is no room")), false);
  clock.advance(2.6);
  assert.equal(budget.tryWork(() => undefined), true);
  clock.advance(1000);
  assert.equal(budget.tryWork(() => clock.advance(1.5)), true);
  assert.equal(budget.tryWork(() => assert.fail("what was not used is not saved up")), false);
});

Deno.test("ScreenWatch.isFree tells a new line from the middle of one", () => {
  const screen = new ScreenWatch();
  assert.ok(screen.isFree, "nothing was written");
  for (
    const [text, isFree] of [["word", false], ["\n", true], ["\x1b[31mred\x1b[0", false], ["m\n\x1b[0m", true], [
      "\r50%",
      false,
    ]] as const
  ) {
    screen.push(bytesOf(text));
    assert.equal(screen.isFree, isFree, JSON.stringify(text));
  }
});

Deno.test("ScreenWatch.isFree is false while a program has the whole screen", () => {
  const screen = new ScreenWatch();
  for (
    const [text, isFree] of [["\n\x1b[?10", false], ["49h\n", false], ["~\n", false], ["\x1b[?1049l\n", true]] as const
  ) {
    screen.push(bytesOf(text));
    assert.equal(screen.isFree, isFree, JSON.stringify(text));
  }
});

const ECHO = 0o10;
const ICANON = 0o2;
const ONLCR = 0o5;

function modes({ output = ONLCR, local = ECHO | ICANON, least = 1 } = {}): Modes {
  const bytes = new Uint8Array(60);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, output, true);
  view.setUint32(12, local, true);
  bytes[23] = least;
  return bytes;
}

Deno.test("withChange() changes what a program has changed, and nothing else", () => {
  const front = modesInFront(modes());
  const real = modes({ local: ECHO });
  assert.deepEqual(withChange(real, front, modesInFront(modes({ local: 0, least: 0 }))), modes({ local: 0, least: 0 }));
  assert.deepEqual(withChange(real, front, modesInFront(modes({ output: 0 }))), modes({ output: 0, local: ECHO }));
  assert.deepEqual(withChange(real, front, modes()), real, "being told of changes is no mode of the real one");
});

Deno.test("addsReturns() is true where output is processed and line feeds are", () => {
  assert.deepEqual([ONLCR, 0o4, 0o1].map((output) => addsReturns(modes({ output }))), [true, false, false]);
});
