import { invoke, readList, versioned } from "./nvml_call.ts";
import { FUNCTION_NOT_FOUND, NvmlError } from "./nvml_codes.ts";
import {
  decodeBusId,
  decodeCString,
  decodeFieldValue,
  decodeMemory,
  decodeMemoryV2,
  decodeProcesses,
  decodeProcessSamples,
  decodeU32,
  decodeU64,
  decodeUtilization,
  FIELD_VALUE_BYTES,
  MEMORY_BYTES,
  MEMORY_V2,
  type MemoryInfo,
  PCI_INFO_BYTES,
  PROCESS_INFO_BYTES,
  PROCESS_SAMPLE_BYTES,
  type ProcessInfo,
  type ProcessSample,
  TEMPERATURE_V1,
  UTILIZATION_BYTES,
} from "./nvml_structs.ts";
import type { FirstCall, NumberCall, NvmlSymbols, TextCall } from "./nvml_symbols.ts";

/** Which processes {@linkcode NvmlDevice.processes} lists. */
export type ProcessKind = "Compute" | "Graphics" | "MPSCompute";

const TEXT_BYTES = 96;
/** A GPU, or a MIG instance of one. Every method throws {@linkcode NvmlError}; null is what the driver does not know. */
export class NvmlDevice {
  readonly #symbols: NvmlSymbols;
  readonly #handle: Deno.PointerValue;

  constructor(symbols: NvmlSymbols, handle: bigint) {
    this.#symbols = symbols;
    this.#handle = Deno.UnsafePointer.create(handle);
  }

  /** What a call tells as text: its name or UUID. */
  text(call: TextCall): string {
    const text = new Uint8Array(TEXT_BYTES);
    invoke(call, this.#symbols[call], this.#handle, text, text.length);
    return decodeCString(text);
  }

  /** Where the GPU is on the PCI bus. */
  busId(): string {
    const info = new Uint8Array(PCI_INFO_BYTES);
    invoke("nvmlDeviceGetPciInfo_v3", this.#symbols.nvmlDeviceGetPciInfo_v3, this.#handle, info);
    return decodeBusId(info);
  }

  /** Percent of the time in which kernels ran, and in which the memory was busy. */
  utilization(): { readonly gpu: number; readonly memory: number } {
    const rates = new Uint8Array(UTILIZATION_BYTES);
    invoke("nvmlDeviceGetUtilizationRates", this.#symbols.nvmlDeviceGetUtilizationRates, this.#handle, rates);
    return decodeUtilization(rates);
  }

  /** The first number of a call that tells two: percent of the encoder or decoder; the MIG mode of now. */
  first(call: FirstCall): number | null {
    const number = new Uint8Array(4);
    invoke(call, this.#symbols[call], this.#handle, number, new Uint8Array(4));
    return decodeU32(number);
  }

  /** Memory in bytes; older drivers count what they keep for themselves as used. */
  memory(): MemoryInfo {
    try {
      const memory = versioned(MEMORY_V2);
      invoke("nvmlDeviceGetMemoryInfo_v2", this.#symbols.nvmlDeviceGetMemoryInfo_v2, this.#handle, memory);
      return decodeMemoryV2(memory);
    } catch (error) {
      if (!(error instanceof NvmlError && error.consequence === "unsupported")) throw error;
      const memory = new Uint8Array(MEMORY_BYTES);
      invoke("nvmlDeviceGetMemoryInfo", this.#symbols.nvmlDeviceGetMemoryInfo, this.#handle, memory);
      return decodeMemory(memory);
    }
  }

  /** A number of 32 bits: power in milliwatts, fan in percent, count of MIG instances. */
  number(call: NumberCall): number | null {
    const number = new Uint8Array(4);
    invoke(call, this.#symbols[call], this.#handle, number);
    return decodeU32(number);
  }

  /** Millijoules since the driver was loaded. */
  energy(): number | null {
    const energy = new Uint8Array(8);
    const { nvmlDeviceGetTotalEnergyConsumption: call } = this.#symbols;
    invoke("nvmlDeviceGetTotalEnergyConsumption", call, this.#handle, energy);
    return decodeU64(energy);
  }

  /** The bits of `nvmlClocksEventReasons`. */
  clockReasons(): number | null {
    const reasons = new Uint8Array(8);
    const { nvmlDeviceGetCurrentClocksEventReasons: newer, nvmlDeviceGetCurrentClocksThrottleReasons: older } =
      this.#symbols;
    invoke("nvmlDeviceGetCurrentClocksEventReasons", newer ?? older, this.#handle, reasons);
    return decodeU64(reasons);
  }

  /** Degrees Celsius of the chip. */
  temperature(): number | null {
    try {
      const celsius = new Uint8Array(4);
      invoke("nvmlDeviceGetTemperature", this.#symbols.nvmlDeviceGetTemperature, this.#handle, 0, celsius);
      return decodeU32(celsius);
    } catch (error) {
      if (!(error instanceof NvmlError && error.consequence === "unsupported")) throw error;
      const temperature = versioned(TEMPERATURE_V1);
      invoke("nvmlDeviceGetTemperatureV", this.#symbols.nvmlDeviceGetTemperatureV, this.#handle, temperature);
      return decodeU32(temperature.subarray(8));
    }
  }

  /** A value of `nvmlDeviceGetFieldValues`, by its number in nvml.h. */
  field(id: number): number | null {
    const field = new Uint8Array(FIELD_VALUE_BYTES);
    new DataView(field.buffer).setUint32(0, id, true);
    invoke("nvmlDeviceGetFieldValues", this.#symbols.nvmlDeviceGetFieldValues, this.#handle, 1, field);
    const { code, value } = decodeFieldValue(field);
    if (code !== 0) throw new NvmlError(`nvmlDeviceGetFieldValues of ${id}`, code);
    return value;
  }

  /** MHz of a clock: 0 graphics, 1 SM, 2 memory, 3 video. */
  clock(type: number): number | null {
    const megahertz = new Uint8Array(4);
    invoke("nvmlDeviceGetClockInfo", this.#symbols.nvmlDeviceGetClockInfo, this.#handle, type, megahertz);
    return decodeU32(megahertz);
  }

  /** Memory errors since the driver was loaded: 0 corrected, 1 not. */
  eccErrors(type: number): number | null {
    const VOLATILE = 0;
    const errors = new Uint8Array(8);
    const { nvmlDeviceGetTotalEccErrors: call } = this.#symbols;
    invoke("nvmlDeviceGetTotalEccErrors", call, this.#handle, type, VOLATILE, errors);
    return decodeU64(errors);
  }

  /** KB/s over the 20 ms that it takes, without blocking: 0 from the GPU, 1 to it. */
  async pcieThroughput(counter: number): Promise<number | null> {
    const { nvmlDeviceGetPcieThroughput: call } = this.#symbols;
    const kilobytes = new Uint8Array(4);
    const code = await call?.(this.#handle, counter, kilobytes) ?? FUNCTION_NOT_FOUND;
    if (code !== 0) throw new NvmlError("nvmlDeviceGetPcieThroughput", code);
    return decodeU32(kilobytes);
  }

  /** A MIG instance; their numbers may have holes, which throw code 6. */
  migDevice(index: number): NvmlDevice {
    const handle = new BigUint64Array(1);
    const { nvmlDeviceGetMigDeviceHandleByIndex: call } = this.#symbols;
    invoke("nvmlDeviceGetMigDeviceHandleByIndex", call, this.#handle, index, handle);
    return new NvmlDevice(this.#symbols, handle[0] ?? 0n);
  }

  /** The processes that have the GPU open, by the pids of the machine and not of a container. */
  processes(kind: ProcessKind): ProcessInfo[] {
    const plain = `nvmlDeviceGet${kind}RunningProcesses` as const;
    const newest = ([`${plain}_v3`, `${plain}_v2`, plain] as const).find((name) => this.#symbols[name] !== null) ??
      plain;
    const size = this.#processInfoBytes(newest);
    const { bytes, count } = readList(newest, size, (room, list) => this.#symbols[newest]?.(this.#handle, room, list));
    return decodeProcesses(bytes, count, size);
  }

  /** What processes did since a time in microseconds since 1970: none for one that did nothing. */
  processSamples(since: number): ProcessSample[] {
    const { nvmlDeviceGetProcessUtilization: call } = this.#symbols;
    const { bytes, count } = readList(
      "nvmlDeviceGetProcessUtilization",
      PROCESS_SAMPLE_BYTES,
      (room, list) => call?.(this.#handle, list, room, BigInt(since)),
    );
    return decodeProcessSamples(bytes, count);
  }

  #processInfoBytes(call: string): number {
    if (!/_v\d$/.test(call)) return PROCESS_INFO_BYTES.v1;
    const { nvmlDeviceGetConfComputeMemSizeInfo: since535, nvmlDeviceGetRunningProcessDetailList: later } =
      this.#symbols;
    const isEarly535 = call.endsWith("_v3") && since535 !== null && later === null;
    return isEarly535 ? PROCESS_INFO_BYTES.r535 : PROCESS_INFO_BYTES.v2;
  }
}
