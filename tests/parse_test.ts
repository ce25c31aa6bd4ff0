import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseCounters,
  parseCpuList,
  parseDecimal,
  parseInteger,
  parseIntegerFile,
  parseIntegers,
  parseKibibytes,
  splitLines,
} from "../lib/parse.ts";

Deno.test("parseInteger() and parseDecimal() give a number or throw SyntaxError, never NaN", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom(" 1", "1 ", "0x1", "")), (text) => {
      for (const parse of [parseInteger, parseDecimal]) {
        try {
          assert.equal(parse(text, "it"), parseFloat(text));
        } catch (error) {
          assert.ok(error instanceof SyntaxError, String(error));
        }
      }
    }),
  );
});

Deno.test("parseInteger() names what is missing and quotes what is wrong", () => {
  assert.throws(
    () => parseInteger(undefined, "ctxt of /proc/stat"),
    /^SyntaxError: Cannot parse ctxt of \/proc\/stat: missing$/,
  );
  assert.throws(() => parseInteger("N/A", "ctxt"), /^SyntaxError: Cannot parse ctxt: "N\/A"$/);
});

Deno.test("parseIntegers() reads what splitting the line would, and tells a word that is no integer", () => {
  const word = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
    fc.constantFrom("", "-", "1x", "x"),
  );
  fc.assert(fc.property(fc.array(word, { minLength: 1 }), (words) => {
    const expected = words.map((each) => /^-?\d+$/.test(each) ? parseInteger(each, "it") : NaN);
    assert.deepEqual(parseIntegers(`S ${words.join(" ")}\n7 8\n`, 2), expected);
  }));
});

Deno.test("parseKibibytes() reads kB as 1024 bytes and nothing else", () => {
  assert.equal(parseKibibytes("  12 kB", "it"), 12_288);
  assert.throws(() => parseKibibytes("12", "it"), SyntaxError);
});

Deno.test("splitLines() refuses a text without its last newline", () => {
  assert.deepEqual(splitLines("a\nb\n", "it"), ["a", "b"]);
  assert.throws(() => splitLines("a\nb", "it"), /Cannot parse it: cut off/);
  assert.throws(() => splitLines("", "it"), /Cannot parse it: empty/);
});

Deno.test("parseIntegerFile() reads one number and refuses two lines", () => {
  assert.equal(parseIntegerFile("-40\n", "it"), -40);
  assert.throws(() => parseIntegerFile("1\n2\n", "it"), SyntaxError);
});

Deno.test("parseCounters() leaves out lines of another form and refuses words for numbers", () => {
  assert.deepEqual([...parseCounters("a 1\nb 2 3\nc\n", "it")], [["a", 1]]);
  assert.throws(() => parseCounters("a x\n", "it"), /Cannot parse a of it: "x"/);
});

Deno.test("parseCpuList() reads ranges, holes and none", () => {
  assert.deepEqual([...parseCpuList("0-2,8", "it")], [0, 1, 2, 8]);
  assert.deepEqual([...parseCpuList("", "it")], []);
  assert.throws(() => parseCpuList("0-1-2", "it"), SyntaxError);
  assert.throws(() => parseCpuList("all", "it"), SyntaxError);
});
