import assert from "node:assert/strict";
import type { Band } from "../report/data.ts";
import { shadedOf } from "../report/marks.ts";

function band(kind: Band["kind"], label: string): Band {
  return { kind, label, from: 0, to: 1 };
}

Deno.test("shadedOf() shades every other phase and every stop, wherever the stops lie", () => {
  const bands = [
    band("phase", "load"),
    band("stop", "stopped"),
    band("phase", "train"),
    band("stop", "stopped again"),
    band("phase", "test"),
  ];
  assert.deepEqual(shadedOf(bands).map(({ label }) => label), ["load", "stopped", "stopped again", "test"]);
});
