import assert from "node:assert/strict";
import { parseNvmlLine } from "../collectors/nvml_lines.ts";

function reading(values: string, process = '{"pid": 7, "memory": 1, "utilization": null}'): string {
  return `{"type": "reading", "values": [${values}], "processes": {"0": [${process}]}}`;
}

Deno.test("parseNvmlLine() reads the numbers of GPUs and processes, and what is unknown", () => {
  assert.deepEqual(parseNvmlLine(reading("1.5, null, 0")), {
    type: "reading",
    values: [1.5, null, 0],
    processes: { "0": [{ pid: 7, memory: 1, utilization: null }] },
  });
});

Deno.test("parseNvmlLine() refuses numbers that are none, or that cannot be", () => {
  for (const value of ['"97"', "-1", "1e300", "9007199254740993", "true", "[]", "{}", "NaN"]) {
    assert.throws(() => parseNvmlLine(reading(value)), SyntaxError, value);
    const inProcess = reading("1", `{"pid": 7, "memory": ${value}, "utilization": null}`);
    assert.throws(() => parseNvmlLine(inProcess), SyntaxError, value);
  }
  assert.throws(() => parseNvmlLine(reading("1", '{"pid": null, "memory": 1, "utilization": 1}')), SyntaxError);
});

Deno.test("parseNvmlLine() refuses lines of other kinds, and half ones", () => {
  const whole = reading("1");
  for (const line of ["", "[]", "7", '{"type": "sermon"}', '{"type": "reading"}', whole.slice(0, -1)]) {
    assert.throws(() => parseNvmlLine(line), SyntaxError, line);
  }
});
