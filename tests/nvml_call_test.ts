/** Lists and return codes of NVML, without a library. */

import assert from "node:assert/strict";
import { readList } from "../lib/ffi/nvml_call.ts";
import { consequenceOf, NvmlError } from "../lib/ffi/nvml_codes.ts";
import { decodeU32, decodeU64 } from "../lib/ffi/nvml_structs.ts";

const [OK, NOT_FOUND, INSUFFICIENT_SIZE] = [0, 6, 7];
const SIZE = 16;

/** A list call that says of each attempt how many there are, and what it returns. */
function calls(...answers: readonly (readonly [count: number, code: number])[]): Parameters<typeof readList>[2] {
  let attempt = 0;
  return (room) => {
    const [count, code] = answers[Math.min(attempt++, answers.length - 1)] ?? [0, OK];
    new DataView(room.buffer).setUint32(0, count, true);
    return code;
  };
}

Deno.test("readList() makes room for what the call needs, and some more", () => {
  const { bytes, count } = readList("list", SIZE, calls([3, INSUFFICIENT_SIZE], [4, OK]));
  assert.deepEqual([bytes.length, count], [(2 * 3 + 5) * SIZE, 4]);
});

Deno.test("readList() believes no count beyond the room for it, and none that cannot be", () => {
  assert.equal(readList("list", SIZE, calls([1, INSUFFICIENT_SIZE], [1000, OK])).count, 7);
  assert.throws(() => readList("list", SIZE, calls([2 ** 32 - 1, INSUFFICIENT_SIZE])), NvmlError);
});

Deno.test("readList() gives nothing where there is nothing, and gives up on a list that always grows", () => {
  assert.equal(readList("list", SIZE, calls([0, OK])).count, 0);
  assert.equal(readList("list", SIZE, calls([9, NOT_FOUND])).count, 0);
  assert.throws(() => readList("list", SIZE, calls([1, INSUFFICIENT_SIZE])), /insufficient size \(NVML code 7\)/);
});

Deno.test("consequenceOf() knows what each return code means for the reader", () => {
  const codes = { unsupported: [2, 3, 13, 25, 26], denied: [4, 17], lost: [15, 16, 28], off: [1, 9, 12, 18] };
  for (const [consequence, all] of Object.entries(codes)) {
    for (const code of all) assert.equal(consequenceOf(code), consequence, `${code}`);
  }
  for (const code of [6, 7, 10, 19, 20, 21, 23, 27, 999]) assert.equal(consequenceOf(code), "later", `${code}`);
});

Deno.test("decodeU32() and decodeU64() take all bits set for unknown", () => {
  assert.equal(decodeU32(new Uint8Array(4).fill(255)), null);
  assert.equal(decodeU32(Uint8Array.of(254, 255, 255, 255)), 2 ** 32 - 2);
  assert.equal(decodeU64(new Uint8Array(8).fill(255)), null);
});
