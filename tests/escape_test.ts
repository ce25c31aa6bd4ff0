import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { escapeTerminal, formatCommand } from "../lib/escape.ts";

Deno.test("escapeTerminal() shows controls, line ends, C1 and bidi overrides", () => {
  assert.equal(escapeTerminal("a\x1b[31mb\x07"), "a\\x1b[31mb\\x07");
  assert.equal(escapeTerminal("a\nb\tc\x7f"), "a\\x0ab\\x09c\\x7f");
  assert.equal(escapeTerminal("\x9b2J"), "\\x9b2J");
  assert.equal(escapeTerminal("\u202egnp.exe\u2066\u2028"), "\\u{202e}gnp.exe\\u{2066}\\u{2028}");
  assert.equal(escapeTerminal("\ud800"), "\\u{d800}");
});

Deno.test("escapeTerminal() leaves the letters of the world and emoji alone", () => {
  const text = "naïve 名前 עברית 👩‍🔬 my job (2) x";
  assert.equal(escapeTerminal(text), text);
});

Deno.test("formatCommand() quotes only what a shell would change", () => {
  assert.equal(formatCommand(["python", "train.py", "--lr=0.1"]), "python train.py --lr=0.1");
  assert.equal(formatCommand(["sh", "-c", "echo 'a b' $x"]), `sh -c 'echo '\\''a b'\\'' $x'`);
  assert.equal(formatCommand(["A=1", "", "~", "=ls"]), `'A=1' '' '~' '=ls'`);
  assert.equal(formatCommand(["printf", "a\nb\x1b'\\\u202e"]), `printf $'a\\nb\\x1b\\'\\\\\\u202e'`);
});

Deno.test("formatCommand() is read back by bash as the same words", () => {
  // NUL cannot stand in an argument, and a lone surrogate has no UTF-8.
  const word = fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll("\0", "").toWellFormed());
  const lines: string[] = [];
  const expected: string[] = [];
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      lines.push(`printf '%s\\0' ${formatCommand(words)}`);
      expected.push(...words);
    }),
    { numRuns: 100 },
  );
  const output = execFileSync("bash", ["-c", lines.join("\n")], { env: { LC_ALL: "C.UTF-8" } }).toString();
  assert.deepEqual(output.split("\0").slice(0, -1), expected);
});
