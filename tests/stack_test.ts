import assert from "node:assert/strict";
import { edgesOf } from "../report/stack.ts";

function point(x: number, mean: number): { x: number; min: number; mean: number; max: number } {
  return { x, min: mean, mean, max: mean };
}

Deno.test("edgesOf() piles lines up upon each other", () => {
  const lines = [[point(0, 1), point(1, 2)], [point(0, 10), point(1, 20)], [point(0, 0), point(1, 100)]];
  assert.deepEqual(edgesOf(lines).map((edge) => edge.map(({ y }) => y)), [[1, 2], [11, 22], [11, 122]]);
  assert.deepEqual(edgesOf(lines)[2]?.map(({ x }) => x), [0, 1]);
});
