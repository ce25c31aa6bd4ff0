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
  let text = "";
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of through(new CompressionStream("deflate-raw"), planesOf(values))) {
    const bytes = joined([rest, chunk]);
    // Base64 of pieces can be joined where they are of a multiple of three bytes.
    const whole = bytes.length - bytes.length % 3;
    text += toBase64(bytes.subarray(0, whole));
    rest = bytes.subarray(whole);
  }
  return text + toBase64(rest);
}

/** Unpacks what {@linkcode pack} gave. Rejects for anything else. */
export async function unpack(text: string): Promise<Float32Array> {
  const packed = fromBase64(text);
  const chunks: Uint8Array[] = [];
  for await (const chunk of through(new DecompressionStream("deflate-raw"), [packed])) chunks.push(chunk);
  return fromPlanes(joined(chunks));
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
  const steps = await unpack(text);
  const times = new Float64Array(steps.length);
  let sum = 0;
  for (let at = 0; at < times.length; at++) {
    sum += steps[at] ?? 0;
    times[at] = sum / 1000;
  }
  return times;
}

async function* through(
  { readable, writable }: CompressionStream | DecompressionStream,
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array> {
  // What goes wrong with writing is told by the other end.
  const written = writeAll(writable.getWriter(), pieces).catch(() => undefined);
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  await written;
}

async function writeAll(
  writer: WritableStreamDefaultWriter<BufferSource>,
  pieces: Iterable<BufferSource>,
): Promise<void> {
  for (const piece of pieces) await writer.write(piece);
  await writer.close();
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const MOST_ARGUMENTS = 0x6000;

// In pieces, since a call has no room for arguments without end.
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += MOST_ARGUMENTS) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + MOST_ARGUMENTS)));
  }
  return text;
}

// The one of all spellings that rounding does not turn into something else.
const NOT_A_NUMBER = 0x7fc00000;

// Uint8Array.fromBase64 is younger than many browsers in use.
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
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

const PIECE = 0x10000;

/** The planes in pieces, each in the same memory: a page has hundreds of columns, and each would be copied as a whole. */
function* planesOf(values: Float32Array): Generator<Uint8Array<ArrayBuffer>> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const piece = new Uint8Array(PIECE);
  for (let plane = 0; plane < PLANES; plane++) {
    for (let first = 0; first < values.length; first += PIECE) {
      const length = Math.min(PIECE, values.length - first);
      for (let at = 0; at < length; at++) {
        const value = values[first + at] ?? NaN;
        const kept = Number.isFinite(value) ? roundedBits(bits[first + at] ?? 0) : NOT_A_NUMBER;
        piece[at] = kept >>> (8 * plane);
      }
      yield piece.subarray(0, length);
    }
  }
}

function fromPlanes(planes: Uint8Array): Float32Array {
  const length = planes.length / PLANES;
  const bits = new Uint32Array(length);
  const [low = planes, second = planes, third = planes, high = planes] = Array.from(
    { length: PLANES },
    (_, plane) => planes.subarray(plane * length, (plane + 1) * length),
  );
  for (let at = 0; at < length; at++) {
    bits[at] = (low[at] ?? 0) | (second[at] ?? 0) << 8 | (third[at] ?? 0) << 16 | (high[at] ?? 0) << 24;
  }
  return new Float32Array(bits.buffer);
}
