import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatBytes,
  formatCores,
  formatCount,
  formatPercent,
  formatSeconds,
  formatValue,
  sparkline,
} from "../lib/format.ts";

const GIB = 1024 ** 3;

/** Checks a whole table, so that one look shows how numbers read. */
function assertTexts<T>(format: (value: T) => string, expected: readonly (readonly [value: T, text: string])[]): void {
  assert.deepEqual(expected.map(([value]) => format(value)), expected.map(([, text]) => text));
}

Deno.test("formatBytes() chooses the binary unit by what will be told", () => {
  assertTexts(formatBytes, [
    [0, "0 B"],
    [1023, "1,023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [1024 ** 2 - 1, "1 MiB"],
    [11.2 * GIB, "11.2 GiB"],
    [16 * GIB, "16 GiB"],
    [322 * 1024 ** 2, "322 MiB"],
    [-1536, "-1.5 KiB"],
    [1024 ** 7, "1,024 EiB"],
  ]);
});

Deno.test("formatSeconds() uses two units from a minute on", () => {
  assertTexts(formatSeconds, [
    [0, "0 s"],
    [0.0000425, "42.5 µs"],
    [0.0123, "12.3 ms"],
    [0.85, "850 ms"],
    [0.9999, "1 s"],
    [12.4, "12.4 s"],
    [59.96, "1 min"],
    [200, "3 min 20 s"],
    [3599.7, "1 h"],
    [7200, "2 h"],
    [7500, "2 h 05 min"],
    [86399, "1 d"],
    [3 * 86400 + 4 * 3600, "3 d 4 h"],
    [-12.4, "-12.4 s"],
  ]);
});

Deno.test("formatPercent() keeps one decimal below 10 and never calls something nothing", () => {
  assertTexts(formatPercent, [
    [0, "0 %"],
    [0.01, "< 0.1 %"],
    [0.449, "0.4 %"],
    [9.96, "10 %"],
    [40.2, "40 %"],
    [1600, "1,600 %"],
  ]);
});

Deno.test("formatCount() groups thousands and names millions", () => {
  assertTexts(formatCount, [
    [0, "0"],
    [7, "7"],
    [0.25, "0.25"],
    [12345, "12,345"],
    [999_999.7, "1 million"],
    [1_234_567, "1.2 million"],
    [2.5e9, "2.5 billion"],
  ]);
});

Deno.test("formatCores() tells the cores in use and their share", () => {
  assert.equal(formatCores(3.2, 8), "3.2 of 8 cores (40 %)");
  assert.equal(formatCores(0.5, 1), "0.5 of 1 core (50 %)");
  assert.equal(formatCores(0.0005, 1.5), "< 0.1 of 1.5 cores (< 0.1 %)");
});

Deno.test("formatValue() knows every unit of the vocabulary", () => {
  assert.equal(formatValue(12, ""), "12");
  assert.equal(formatValue(2048, "bytes"), "2 KiB");
  assert.equal(formatValue(90, "seconds"), "1 min 30 s");
  assert.equal(formatValue(350, "percent"), "350 %");
  assert.equal(formatValue(54.25, "celsius"), "54.3 °C");
  assert.equal(formatValue(3.2e9, "hertz"), "3.2 GHz");
  assert.equal(formatValue(1.5 * 1024 ** 2, "bytes_per_second"), "1.5 MiB/s");
  assert.equal(formatValue(12345, "per_second"), "12,345/s");
});

Deno.test("format functions refuse what is not a finite number", () => {
  for (const format of [formatBytes, formatSeconds, formatPercent, formatCount]) {
    for (const value of [NaN, Infinity]) assert.throws(() => format(value), RangeError);
  }
});

Deno.test("format functions give short text without NaN for any number that can be read", () => {
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 2 ** 63 });
  fc.assert(fc.property(numbers, (value) => {
    for (const text of [formatBytes(value), formatSeconds(value), formatPercent(value), formatCount(value)]) {
      assert.doesNotMatch(text, /NaN|Infinity|undefined|e\+|^-/);
      assert.ok(text.length <= 30, text);
    }
  }));
});

Deno.test("sparkline() shows the largest value of each share", () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 9), "▁▂▃▄▅▆▇██");
  assert.equal(sparkline([0, 0, 8, 0, 0, 0, 4, 0], 4), "▁█▁▅");
});

Deno.test("sparkline() leaves gaps blank, is flat for nothing and reaches up to no less than the least top", () => {
  assert.equal(sparkline([1, NaN, 1], 3), "█ █");
  assert.equal(sparkline([NaN, 1], 1), "█");
  assert.equal(sparkline([0, 0], 8), "▁▁");
  assert.equal(sparkline([1, 2], 2, 8), "▂▃");
  assert.equal(sparkline([8, 16], 2, 8), "▅█");
  assert.equal(sparkline([], 8), "");
});
