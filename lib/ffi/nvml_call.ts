/** How functions of NVML are called. */

import { FUNCTION_NOT_FOUND, INSUFFICIENT_SIZE, NOT_FOUND, NvmlError } from "./nvml_codes.ts";

// A list grows between two calls; as many more fit in.
const SPARE = 5;
const MAX_ATTEMPTS = 3;
// More processes than Linux can have are damage.
const MAX_LISTED = 2 ** 22;

/** Calls a function of NVML. Throws {@linkcode NvmlError} for any code but 0, and for a function that is not there. */
export function invoke<A extends readonly unknown[]>(
  name: string,
  call: ((...args: A) => number) | null,
  ...args: A
): void {
  const code = call === null ? FUNCTION_NOT_FOUND : call(...args);
  if (code !== 0) throw new NvmlError(name, code);
}

/** A struct that tells the call its version in the first field. */
export function versioned(
  { bytes, version }: { readonly bytes: number; readonly version: number },
): Uint8Array<ArrayBuffer> {
  const struct = new Uint8Array(bytes);
  new DataView(struct.buffer).setUint32(0, version, true);
  return struct;
}

type ListCall = (room: Uint8Array<ArrayBuffer>, list: Uint8Array<ArrayBuffer> | null) => number | undefined;

/** Asks for a list of structs of some size: without room first, then the call tells how much it needs. Throws {@linkcode NvmlError}. */
export function readList(
  name: string,
  size: number,
  call: ListCall,
): { bytes: Uint8Array<ArrayBuffer>; count: number } {
  const room = new Uint8Array(4);
  const view = new DataView(room.buffer);
  let bytes = new Uint8Array(0);
  for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt++) {
    const code = call(room, bytes.length === 0 ? null : bytes) ?? FUNCTION_NOT_FOUND;
    const count = view.getUint32(0, true);
    if (code === 0) return { bytes, count: Math.min(count, Math.floor(bytes.length / size)) };
    if (code === NOT_FOUND) return { bytes, count: 0 };
    if (code !== INSUFFICIENT_SIZE || count > MAX_LISTED) throw new NvmlError(name, code);
    bytes = new Uint8Array((2 * count + SPARE) * size);
    view.setUint32(0, 2 * count + SPARE, true);
  }
  throw new NvmlError(name, INSUFFICIENT_SIZE);
}
