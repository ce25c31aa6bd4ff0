import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { type SavedLine, toCsv } from "../report/save.ts";

const CPU = { times: Float64Array.of(0, 1, 2), mean: Float32Array.of(NaN, 50, 98.5) };
const RUN = { label: "=cmd|' /C calc'!A0", bands: [], moments: [] };

function textOf(...words: Parameters<typeof toCsv>): string {
  return [...toCsv(...words)].join("");
}

function saved(series: string, line: SavedLine["line"], run = 0): SavedLine {
  return { series, run, line };
}

Deno.test("toCsv() writes a row for each time in the range and a column for each series, gaps empty", () => {
  const disk = 'disk_read_bytes_per_second{disk="sda"}';
  const lines = [
    saved("cpu_percent", CPU),
    saved(disk, { ...CPU, mean: Float32Array.of(1, 2, NaN) }),
    saved("cpu_percent", CPU),
  ];
  assert.deepEqual(parse(textOf(lines, { runs: [RUN] }, { from: 0, to: 1.5 })), [
    ["elapsed_seconds", "cpu_percent", disk],
    ["0", "", "1"],
    ["1", "50", "2"],
  ]);
});

Deno.test("toCsv() tells mean, least and largest of points that stand for several ticks", () => {
  const line = { ...CPU, min: Float32Array.of(NaN, 1, 2), max: Float32Array.of(NaN, 99, 100) };
  assert.equal(
    textOf([saved("cpu_percent", line)], { runs: [RUN] }, { from: 0, to: 1 }),
    "elapsed_seconds,cpu_percent,cpu_percent (min),cpu_percent (max)\r\n1,50,1,99\r\n",
  );
});

Deno.test("toCsv() tells the runs apart, and no label becomes a formula", () => {
  const lines = [saved("cpu_percent", CPU), saved("cpu_percent", CPU, 1)];
  const rows: string[][] = parse(textOf(lines, { runs: [RUN, { ...RUN, label: "B" }] }, { from: 2, to: 2 }));
  assert.deepEqual(rows, [["run", "elapsed_seconds", "cpu_percent"], [`'${RUN.label}`, "2", "98.5"], [
    "B",
    "2",
    "98.5",
  ]]);
});
