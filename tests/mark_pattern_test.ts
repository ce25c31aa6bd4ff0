import assert from "node:assert/strict";
import { LineMarks } from "../lib/line_marks.ts";
import { MarkPattern, stripEscapes } from "../lib/mark_pattern.ts";

Deno.test("MarkPattern.match() names a tag by its first group, else by the whole match", () => {
  assert.deepEqual(new MarkPattern("epoch (\\d+)/(\\d+)", "1").match("-- epoch \x1b[1m3\x1b[0m/10"), [{
    kind: "tag",
    name: "3",
  }]);
  assert.deepEqual(new MarkPattern("saved .*pt", "1").match("saved model.pt now"), [{
    kind: "tag",
    name: "saved model.pt",
  }]);
  assert.deepEqual(new MarkPattern("(?:a|(b))c", "1").match("ac"), [{ kind: "tag", name: "ac" }], "an empty group");
  assert.deepEqual(new MarkPattern("epoch", "1").match("nothing"), []);
});

Deno.test("MarkPattern.match() makes attributes of groups with names", () => {
  assert.deepEqual(new MarkPattern("(\\w+): loss=(?<loss>[\\d.]+)( acc=(?<acc>\\d+))?", "1").match("val: loss=0.5"), [
    { kind: "tag", name: "val", attributes: { loss: 0.5 } },
  ]);
});

Deno.test("MarkPattern.match() begins a phase where the group phase has changed, and ends the one before", () => {
  const pattern = new MarkPattern("(?<phase>Epoch \\d+)/(?<of>\\d+)", "2");
  const marks = ["Epoch 1/9", "Epoch 1/9: 10%", "Epoch 2/9"].map((line) => pattern.match(line));
  assert.deepEqual(marks, [
    [{ kind: "phase_start", name: "Epoch 1", span: "pattern-2-1", attributes: { of: 9 } }],
    [],
    [
      { kind: "phase_end", name: "Epoch 1", span: "pattern-2-1" },
      { kind: "phase_start", name: "Epoch 2", span: "pattern-2-2", attributes: { of: 9 } },
    ],
  ]);
});

Deno.test("MarkPattern.match() begins a repetition where a whole number has changed, and ends with what was told last", () => {
  const pattern = new MarkPattern("(?<phase>Epoch) (?<number>\\d+)(.*loss (?<loss>[\\d.]+))?", "1");
  const lines = ["Epoch 1/3", "Epoch 1/3 loss 0.9", "Epoch 1/3 loss 0.7", "Epoch 2/3", "Epoch 2/3"];
  assert.deepEqual(lines.map((line) => pattern.match(line)), [
    [{ kind: "phase_start", name: "Epoch", span: "pattern-1-1", attributes: { number: 1 } }],
    [],
    [],
    [
      { kind: "phase_end", name: "Epoch", span: "pattern-1-1", attributes: { loss: 0.7 } },
      { kind: "phase_start", name: "Epoch", span: "pattern-1-2", attributes: { number: 2 } },
    ],
    [],
  ]);
  assert.deepEqual(pattern.end(), [{ kind: "phase_end", name: "Epoch", span: "pattern-1-2" }]);
  assert.deepEqual(pattern.end(), []);
});

Deno.test("MarkPattern.match() ends a phase where the group end has found something", () => {
  const pattern = new MarkPattern("(?<phase>Epoch \\d+)|(?<end>done) in (?<seconds>\\d+)", "1");
  assert.deepEqual(["done in 3", "Epoch 1", "done in 3", "done in 3"].map((line) => pattern.match(line)), [
    [],
    [{ kind: "phase_start", name: "Epoch 1", span: "pattern-1-1" }],
    [{ kind: "phase_end", name: "Epoch 1", span: "pattern-1-1", attributes: { seconds: 3 } }],
    [],
  ]);
});

Deno.test("LineMarks.match() makes no tag again of a line that is written over itself", () => {
  const marks = new LineMarks([new MarkPattern("step (\\d+)", "1"), new MarkPattern("saved", "2")]);
  const names = (text: string, isRedrawn: boolean) =>
    marks.match({ text, isWhole: false, isRedrawn }).map(({ name }) => name);
  const redrawn = ["step 1 |", "step 1 /", "", "step 1 saved", "step 2 saved"].map((text) => names(text, true));
  assert.deepEqual(redrawn, [["1"], [], [], ["saved"], ["2"]]);
  assert.deepEqual(names("step 2", false), ["2"]);
});

Deno.test("MarkPattern.match() gives nothing where nothing but an empty text is found, and cuts names", () => {
  assert.deepEqual(new MarkPattern("x*", "1").match("abc"), []);
  assert.equal(new MarkPattern("a+", "1").match("a".repeat(4000))[0]?.name?.length, 1001);
  assert.equal(new MarkPattern("(?<phase>a+)", "1").match("a".repeat(4000))[0]?.name?.length, 1001);
});

Deno.test("MarkPattern ends on a pattern that would make others go back for ever", () => {
  assert.deepEqual(new MarkPattern("(a+)+$", "1").match(`${"a".repeat(4000)}b`), []);
});

Deno.test("MarkPattern throws SyntaxError with the place of what is wrong", () => {
  assert.throws(() => new MarkPattern("a(b", "1"), /missing closing \): `a\(b`/);
  assert.throws(() => new MarkPattern("(a)\\1", "1"), /invalid escape sequence: `\\1`/);
});

Deno.test("stripEscapes() leaves the text without colours, titles and movements", () => {
  assert.equal(
    stripEscapes("\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b(B\x1b[2K."),
    "red link.",
  );
  assert.equal(stripEscapes("plain [1m"), "plain [1m");
});
