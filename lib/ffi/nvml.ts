/**
 * NVML, the library of the NVIDIA driver: the only `Deno.dlopen` of it. Its calls may hang in a sick driver so that not even
 * SIGKILL ends them, so only the helper process opens it. Functions and units are those of nvml.h; older drivers lack some.
 */

import { invoke } from "./nvml_call.ts";
import { NvmlDevice } from "./nvml_device.ts";
import { decodeCString, decodeU32 } from "./nvml_structs.ts";
import { NVML_SYMBOLS } from "./nvml_symbols.ts";

const VERSION_BYTES = 80;

/** The library, opened and initialised. */
export class Nvml {
  readonly #library: Deno.DynamicLibrary<typeof NVML_SYMBOLS>;

  /** Throws Error where the library cannot be loaded, {@linkcode NvmlError} where it cannot be initialised. */
  constructor(path: string) {
    this.#library = Deno.dlopen(path, NVML_SYMBOLS);
    try {
      invoke("nvmlInit_v2", this.#library.symbols.nvmlInit_v2);
    } catch (error) {
      this.#library.close();
      throw error;
    }
  }

  /** Such as `590.48.01`. */
  driverVersion(): string {
    const text = new Uint8Array(VERSION_BYTES);
    invoke("nvmlSystemGetDriverVersion", this.#library.symbols.nvmlSystemGetDriverVersion, text, text.length);
    return decodeCString(text);
  }

  deviceCount(): number {
    const count = new Uint8Array(4);
    invoke("nvmlDeviceGetCount_v2", this.#library.symbols.nvmlDeviceGetCount_v2, count);
    return decodeU32(count) ?? 0;
  }

  /** The GPU of an index, in the order of nvidia-smi. */
  device(index: number): NvmlDevice {
    const handle = new BigUint64Array(1);
    invoke("nvmlDeviceGetHandleByIndex_v2", this.#library.symbols.nvmlDeviceGetHandleByIndex_v2, index, handle);
    return new NvmlDevice(this.#library.symbols, handle[0] ?? 0n);
  }

  close(): void {
    this.#library.symbols.nvmlShutdown?.();
    this.#library.close();
  }
}
