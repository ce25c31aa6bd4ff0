import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonObjects } from "../collectors/json_objects.ts";

function pushAll(lines: readonly string[]): unknown[] {
  const objects = new JsonObjects();
  return lines.flatMap((line) => objects.push(line)).map((text) => JSON.parse(text));
}

Deno.test("JsonObjects finds objects over many lines, in a list that never ends, with and without commas", () => {
  assert.deepEqual(pushAll(["[", "{", '  "a": {', '    "b": 1', "  }", "}", ",", '{"c": 2}{"d": 3}', "{"]), [
    { a: { b: 1 } },
    { c: 2 },
    { d: 3 },
  ]);
});

Deno.test("JsonObjects leaves out what stands before and between objects, and knows braces in texts", () => {
  assert.deepEqual(pushAll(['WARNING: "low power', '{"a": "}{\\"\\\\", "b": {}}', "text }", '{"c": []}']), [
    { a: '}{"\\', b: {} },
    { c: [] },
  ]);
});

Deno.test("JsonObjects forgets an object that has begun when it is told to", () => {
  const objects = new JsonObjects();
  assert.deepEqual(objects.push('{"half": "of'), []);
  objects.reset();
  assert.deepEqual(objects.push('{"a": 1}'), ['{"a": 1}']);
});

Deno.test("JsonObjects refuses an object that does not end, and goes on with the next", () => {
  const objects = new JsonObjects();
  const line = "x".repeat(2 ** 20);
  assert.throws(() => ["{", line, line, line, line].forEach((each) => objects.push(each)), /SyntaxError.*4 MiB/);
  assert.deepEqual(objects.push('{"a": 1}'), ['{"a": 1}']);
});

Deno.test("JsonObjects gives back whatever objects are printed, however they are cut into lines", () => {
  fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.boolean(), (values, isPretty) => {
    const text = JSON.stringify(values, null, isPretty ? 2 : 0);
    assert.equal(JSON.stringify(pushAll(text.split("\n"))), JSON.stringify(values));
  }));
});
