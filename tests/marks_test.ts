import assert from "node:assert/strict";
import type { Band } from "../report/data.ts";
import { shadesOf } from "../report/marks.ts";

function band(kind: Band["kind"], label: string): Band {
  return { kind, label, from: 0, to: 1 };
}

Deno.test("shadesOf() tells each phase from the next, wherever stops lie", () => {
  const bands = [
    band("phase", "load"),
    band("stop", "stopped"),
    band("phase", "train"),
    band("stop", "stopped again"),
    band("phase", "test"),
  ];
  assert.deepEqual(shadesOf(bands), ["phase", "stop", "nextPhase", "stop", "phase"]);
});
