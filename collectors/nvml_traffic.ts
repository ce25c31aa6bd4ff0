import { NvmlError } from "../lib/ffi/nvml_codes.ts";
import type { NvmlDevice } from "../lib/ffi/nvml_device.ts";
import type { Refusal } from "./nvml_refusals.ts";

/** In the order of NVML's counters: from the GPU, to the GPU. */
export const TRAFFIC_METRICS = ["gpu_pcie_transmit_bytes_per_second", "gpu_pcie_receive_bytes_per_second"] as const;

// The least time between two readings, each of which keeps the driver busy for 20 ms in each direction.
const PERIOD_SECONDS = 1;
// What has not been told again for so long is not true any more.
const STALE_SECONDS = 5;

type Device = Pick<NvmlDevice, "pcieThroughput">;

/** Traffic over PCIe of one GPU. A reading takes 40 ms, so it goes on beside the others, and the last one is told. */
export class TrafficReader {
  readonly #device: Device;
  readonly #period: number;
  #values: readonly (number | null)[] = [null, null];
  #readAt = -Infinity;
  #startedAt = -Infinity;
  #isBusy = false;

  /** @param interval Seconds between two lines of the helper. */
  constructor(device: Device, interval: number) {
    this.#device = device;
    this.#period = Math.max(PERIOD_SECONDS, interval);
  }

  /** Reads for the first time, and gives what the GPU does not tell. */
  async probe(now: number): Promise<Refusal[]> {
    try {
      await this.#read(now);
      return [];
    } catch (error) {
      if (!(error instanceof NvmlError)) throw error;
      const isRefused = error.consequence === "unsupported" || error.consequence === "denied";
      return isRefused ? [{ metrics: TRAFFIC_METRICS, code: error.code }] : [];
    }
  }

  /** The last values, in the order of {@linkcode TRAFFIC_METRICS}; begins another reading where it is time. */
  values(now: number): readonly (number | null)[] {
    if (!this.#isBusy && now - this.#startedAt >= this.#period) {
      this.#read(now).catch((error: unknown) => {
        // A lost GPU shows in the other calls as well.
        if (!(error instanceof NvmlError)) throw error;
      });
    }
    return now - this.#readAt <= this.#period + STALE_SECONDS ? this.#values : [null, null];
  }

  async #read(now: number): Promise<void> {
    this.#isBusy = true;
    this.#startedAt = now;
    try {
      const transmitted = await this.#device.pcieThroughput(0);
      const received = await this.#device.pcieThroughput(1);
      this.#values = [bytesPerSecond(transmitted), bytesPerSecond(received)];
      this.#readAt = now;
    } finally {
      this.#isBusy = false;
    }
  }
}

function bytesPerSecond(kilobytes: number | null): number | null {
  return kilobytes === null ? null : kilobytes * 1000;
}
