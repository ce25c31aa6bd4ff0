/**
 * The structs of NVML on 64-bit Linux, as offsets of nvml.h (API 13); each decoder takes the bytes that a call has filled. Memory
 * is in bytes, and what the driver does not know (all bits set) is null.
 */

/** `nvmlMemory_v2_t`: its size, and with it the version that the call wants to find in its first field. */
export const MEMORY_V2 = { bytes: 40, version: 0x0200_0028 } as const;
/** `nvmlTemperature_v1_t`, likewise. */
export const TEMPERATURE_V1 = { bytes: 12, version: 0x0100_000c } as const;
/** `nvmlMemory_t`. */
export const MEMORY_BYTES = 24;
/** `nvmlUtilization_t`. */
export const UTILIZATION_BYTES = 8;
/** `nvmlPciInfo_t`, of the call _v3. */
export const PCI_INFO_BYTES = 68;
/** `nvmlFieldValue_t`. */
export const FIELD_VALUE_BYTES = 40;
/** `nvmlProcessUtilizationSample_t`. */
export const PROCESS_SAMPLE_BYTES = 32;

/**
 * `nvmlProcessInfo_t` of each generation of the call: the plain one, _v2 and _v3, and _v3 of the first drivers of branch 535,
 * which has a field more.
 */
export const PROCESS_INFO_BYTES = { v1: 16, v2: 24, r535: 32 } as const;

const ALL_BITS = 2n ** 64n - 1n;
const UNKNOWN_U32 = 2 ** 32 - 1;

/** How much of a GPU is in use. */
export interface MemoryInfo {
  readonly total: number | null;
  readonly used: number | null;
}

/** A process on a GPU. */
export interface ProcessInfo {
  readonly pid: number;
  /** Bytes, without what it shares with the driver; null where the driver does not tell (WDDM, some containers). */
  readonly memory: number | null;
}

/** What a process did with a GPU in the driver's last period. */
export interface ProcessSample {
  readonly pid: number;
  /** Microseconds since 1970. */
  readonly time: number;
  /** Percent of the GPU's compute units. */
  readonly sm: number;
}

/** Decodes `nvmlUtilization_t`, in percent. */
export function decodeUtilization(bytes: Uint8Array): { readonly gpu: number; readonly memory: number } {
  const view = viewOf(bytes);
  return { gpu: view.getUint32(0, true), memory: view.getUint32(4, true) };
}

/** Decodes `nvmlMemory_t`, whose `used` includes what the driver keeps for itself. */
export function decodeMemory(bytes: Uint8Array): MemoryInfo {
  const view = viewOf(bytes);
  return { total: readU64(view, 0), used: readU64(view, 16) };
}

/** Decodes `nvmlMemory_v2_t`, whose `used` is what programs use. */
export function decodeMemoryV2(bytes: Uint8Array): MemoryInfo {
  const view = viewOf(bytes);
  return { total: readU64(view, 8), used: readU64(view, 32) };
}

/** Decodes an array of `nvmlProcessInfo_t` of some size, see {@linkcode PROCESS_INFO_BYTES}. */
export function decodeProcesses(bytes: Uint8Array, count: number, size: number): ProcessInfo[] {
  const view = viewOf(bytes);
  return Array.from({ length: count }, (_, index) => ({
    pid: view.getUint32(index * size, true),
    memory: readU64(view, index * size + 8),
  }));
}

/** Decodes an array of `nvmlProcessUtilizationSample_t`. */
export function decodeProcessSamples(bytes: Uint8Array, count: number): ProcessSample[] {
  const view = viewOf(bytes);
  return Array.from({ length: count }, (_, index) => {
    const at = index * PROCESS_SAMPLE_BYTES;
    return {
      pid: view.getUint32(at, true),
      time: Number(view.getBigUint64(at + 8, true)),
      sm: view.getUint32(at + 16, true),
    };
  });
}

/** Decodes `nvmlFieldValue_t`: the return code for this field, and its value where that is 0. */
export function decodeFieldValue(bytes: Uint8Array): { readonly code: number; readonly value: number | null } {
  const view = viewOf(bytes);
  return { code: view.getUint32(28, true), value: readFieldValue(view, view.getUint32(24, true)) };
}

/** Decodes the bus of `nvmlPciInfo_t`, such as `00000000:3B:00.0`. */
export function decodeBusId(bytes: Uint8Array): string {
  return decodeCString(bytes.subarray(36, PCI_INFO_BYTES));
}

/** Decodes text up to its NUL. */
export function decodeCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Decodes an `unsigned int`; null where the driver does not know. */
export function decodeU32(bytes: Uint8Array): number | null {
  const value = viewOf(bytes).getUint32(0, true);
  return value === UNKNOWN_U32 ? null : value;
}

/** Decodes an `unsigned long long`; null where the driver does not know. */
export function decodeU64(bytes: Uint8Array): number | null {
  return readU64(viewOf(bytes), 0);
}

// nvmlValueType_t: double, unsigned int, unsigned long, unsigned long long, signed long long, signed int.
function readFieldValue(view: DataView, type: number): number | null {
  const at = 32;
  switch (type) {
    case 0:
      return view.getFloat64(at, true);
    case 1:
      return view.getUint32(at, true);
    case 2:
    case 3:
      return readU64(view, at);
    case 4:
      return Number(view.getBigInt64(at, true));
    case 5:
      return view.getInt32(at, true);
    default:
      return null;
  }
}

function readU64(view: DataView, at: number): number | null {
  const big = view.getBigUint64(at, true);
  return big === ALL_BITS ? null : Number(big);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
