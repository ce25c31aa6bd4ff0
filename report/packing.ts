/**
 * Numbers of the page. A column is a Float32Array whose mantissas are cut to {@linkcode MANTISSA_BITS}, its bytes sorted by
 * their place in the number, deflated, in base64: half as large as plain numbers, and right to four digits.
 */

const MANTISSA_BITS = 12;
const DROPPED = 23 - MANTISSA_BITS;
const HALF = 1 << (DROPPED - 1);
const KEPT = ~((1 << DROPPED) - 1);
const PLANES = 4;

/** Packs numbers into text for {@linkcode unpack}; infinities and `NaN` are gaps. */
export async function pack(values: Float32Array): Promise<string> {
  const packed = await through(new CompressionStream("deflate-raw"), toPlanes(values));
  return toBase64(packed);
}

/** Unpacks what {@linkcode pack} gave. Rejects for anything else. */
export async function unpack(text: string): Promise<Float32Array> {
  // Uint8Array.fromBase64 is younger than many browsers in use.
  const packed = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return fromPlanes(await through(new DecompressionStream("deflate-raw"), packed));
}

/** Packs ascending times in seconds for {@linkcode unpackTimes}: their steps, in milliseconds. */
export function packTimes(seconds: Float64Array): Promise<string> {
  const steps = new Float32Array(seconds.length);
  let before = 0;
  seconds.forEach((time, at) => {
    // The sum of what was told so far, so that roundings do not add up.
    const step = Math.fround(Math.round(time * 1000) - before);
    steps[at] = rounded(step);
    before += steps[at] ?? 0;
  });
  return pack(steps);
}

/** Unpacks what {@linkcode packTimes} gave. */
export async function unpackTimes(text: string): Promise<Float64Array> {
  let sum = 0;
  return Float64Array.from(await unpack(text), (step) => (sum += step) / 1000);
}

async function through(
  transform: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const CHUNK = 0x6000;

// In pieces of a multiple of three bytes, so that they can be joined: a string has no room for arguments without end.
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  }
  return text;
}

const BITS = new Uint32Array(1);
const NUMBER = new Float32Array(BITS.buffer);

function rounded(value: number): number {
  NUMBER[0] = value;
  BITS[0] = roundedBits(BITS[0] ?? 0);
  return NUMBER[0];
}

function roundedBits(bits: number): number {
  return (bits + HALF) & KEPT;
}

function toPlanes(values: Float32Array): Uint8Array<ArrayBuffer> {
  const { length } = values;
  const bits = new Uint32Array(values.buffer, values.byteOffset, length);
  const planes = new Uint8Array(PLANES * length);
  for (let at = 0; at < length; at++) {
    // All NaNs become the one that rounding does not turn into something else.
    const value = Number.isFinite(values[at]) ? roundedBits(bits[at] ?? 0) : 0x7fc00000;
    for (let plane = 0; plane < PLANES; plane++) planes[plane * length + at] = value >>> (8 * plane);
  }
  return planes;
}

function fromPlanes(planes: Uint8Array): Float32Array {
  const length = planes.length / PLANES;
  const bits = new Uint32Array(length);
  for (let plane = 0; plane < PLANES; plane++) {
    for (let at = 0; at < length; at++) bits[at] = (bits[at] ?? 0) | (planes[plane * length + at] ?? 0) << (8 * plane);
  }
  return new Float32Array(bits.buffer);
}
