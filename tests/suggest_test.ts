import assert from "node:assert/strict";
import { suggestWord } from "../lib/suggest.ts";

const WORDS = ["all", "cpu", "memory", "network"];

Deno.test("suggestWord() finds the word with a letter wrong, missing, doubled or swapped", () => {
  assert.equal(suggestWord("memori", WORDS), "memory");
  assert.equal(suggestWord("memry", WORDS), "memory");
  assert.equal(suggestWord("nettwork", WORDS), "network");
  assert.equal(suggestWord("newtork", WORDS), "network");
});

Deno.test("suggestWord() has nothing for a word that is like no other", () => {
  assert.equal(suggestWord("turbo", WORDS), undefined);
  assert.equal(suggestWord("", WORDS), undefined);
  assert.equal(suggestWord("cpu", []), undefined);
});
