import assert from "node:assert/strict";
import { parseMeasuredValue, parsePlainValue } from "../lib/plain_value.ts";

Deno.test("parsePlainValue() takes for a number only what is its only spelling", () => {
  const words = ["12", "-3.5", "true", "false", "resnet50", "007", "1.10", "1e400", ""];
  assert.deepEqual(words.map(parsePlainValue), [12, -3.5, true, false, "resnet50", "007", "1.10", "1e400", ""]);
});

Deno.test("parseMeasuredValue() takes a measure for a number however many digits it is told with", () => {
  const words = ["0.810", "-0.0", "1.5e-3", "12", "true", "007", "12345678901234567890", "1.2.3", "1e400", "nan"];
  const values = [0.81, -0, 0.0015, 12, true, "007", "12345678901234567890", "1.2.3", "1e400", "nan"];
  assert.deepEqual(words.map(parseMeasuredValue), values);
});
