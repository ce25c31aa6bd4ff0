import assert from "node:assert/strict";
import { colorsOf } from "../sinks/html_charts.ts";

Deno.test("colorsOf() gives a process the same colour everywhere, and no two of a stack the same", () => {
  const cpu = ["a", "b", "c", "d", "e", "f", "g"];
  const memory = ["c", "t", "u", "v", "w", "x", "y"];
  const colors = colorsOf([cpu, memory]);
  for (const stack of [cpu, memory]) assert.equal(new Set(stack.map((label) => colors.get(label))).size, 7);
  assert.equal(colors.get("a"), "shade-0");
  assert.equal([...colors.values()].includes("context"), false);
});
