import assert from "node:assert/strict";
import fc from "fast-check";
import { formatValue } from "../lib/format.ts";
import { timeMark, timeStep, timeText, valueStep } from "../report/axis.ts";

function timeMarks(seconds: number, count: number): string[] {
  const step = timeStep(seconds, count);
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, at) => timeMark(at * step, step));
}

Deno.test("timeStep() and timeMark() tell time as people do, from milliseconds to days", () => {
  assert.deepEqual(timeMarks(0.03, 4), ["0", "0.01 s", "0.02 s", "0.03 s"]);
  assert.deepEqual(timeMarks(4, 4), ["0", "1 s", "2 s", "3 s", "4 s"]);
  assert.deepEqual(timeMarks(100, 4), ["0", "30 s", "1:00 min", "1:30 min"]);
  assert.deepEqual(timeMarks(290, 5), ["0", "1 min", "2 min", "3 min", "4 min"]);
  assert.deepEqual(timeMarks(7300, 5), ["0", "30 min", "1:00 h", "1:30 h", "2:00 h"]);
  assert.deepEqual(timeMarks(86400, 4), ["0", "6 h", "12 h", "18 h", "24 h"]);
  assert.deepEqual(timeMarks(10 * 86400, 5), ["0", "2 d", "4 d", "6 d", "8 d", "10 d"]);
});

Deno.test("timeMark() keeps the seconds beyond an hour where the step has them", () => {
  assert.equal(timeMark(3690, 30), "1:01:30 h");
  assert.equal(timeMark(7205, 5), "2:00:05 h");
});

Deno.test("timeText() tells a time as exactly as a range shows it", () => {
  assert.equal(timeText(54_321.123, 86_400), "15 h 05 min");
  assert.equal(timeText(54_321.123, 600), "15 h 05 min 21 s");
  assert.equal(timeText(54_321.123, 5), "15 h 05 min 21.12 s");
  assert.equal(timeText(112, 100), "1 min 52 s");
  assert.equal(timeText(59.9999, 100), "1 min 0 s");
  assert.equal(timeText(0.6951, 0.7), "0.695 s");
  assert.equal(timeText(0, 200), "0 s");
});

Deno.test("valueStep() steps bytes in binary units and everything else in decimal ones", () => {
  assert.equal(valueStep(16 * 1024 ** 3, "bytes", 5), 5 * 1024 ** 3);
  assert.equal(valueStep(900 * 1024, "bytes_per_second", 5), 200 * 1024);
  assert.equal(valueStep(3, "bytes", 5), 1);
  assert.equal(valueStep(864, "percent", 5), 200);
  assert.equal(valueStep(22, "percent", 5), 5);
  assert.equal(valueStep(0, "percent", 5), 0.1);
});

Deno.test("valueStep() makes no marks whose texts would be the same", () => {
  const units = ["", "bytes", "bytes_per_second", "per_second", "percent", "celsius", "hertz", "watts", "rpm"] as const;
  fc.assert(fc.property(fc.constantFrom(...units), fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (unit, top) => {
    const step = valueStep(top, unit, 5);
    const texts = Array.from({ length: Math.floor(top / step) + 1 }, (_, at) => formatValue(at * step, unit));
    assert.equal(new Set(texts).size, texts.length, texts.join());
  }));
});

Deno.test("timeStep() and valueStep() never give more marks than asked for", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e13, noNaN: true }), fc.integer({ min: 2, max: 12 }), (top, count) => {
      for (const step of [timeStep(top, count), valueStep(top, "bytes", count), valueStep(top, "percent", count)]) {
        assert.ok(step > 0 && top / step <= count * (1 + 1e-9), `${top} / ${step} > ${count}`);
      }
    }),
  );
});
