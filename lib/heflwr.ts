/** The numbers of heflwr's monitors: what resmon records, under the names, in the units and with the scope that they have there. */

import type { Frame } from "./frame.ts";
import type { ResmonRecord } from "./records.ts";
import type { Samples } from "./samples.ts";
import { tryParseSeries } from "./series.ts";

/** What one of heflwr's samples tells; what is not known is absent. */
export interface HeflwrSample {
  /** Percent; 100 is one core. */
  readonly cpu?: number;
  /** Resident memory, in percent of the machine's. */
  readonly memory?: number;
  /** Bytes since the sample before, of the whole machine. */
  readonly sent?: number;
  readonly received?: number;
  /** Milliwatts of a Jetson's rails. */
  readonly vddIn?: number;
  readonly vddCpuGpuCv?: number;
  readonly vddSoc?: number;
}

/** What heflwr's `set_metrics` turns on and off. */
export const HEFLWR_PARTS = ["cpu", "memory", "network", "power"] as const;

/** One of {@linkcode HEFLWR_PARTS}. */
export type HeflwrPart = typeof HEFLWR_PARTS[number];

const PART_OF: Readonly<Record<keyof HeflwrSample, HeflwrPart>> = {
  cpu: "cpu",
  memory: "memory",
  sent: "network",
  received: "network",
  vddIn: "power",
  vddCpuGpuCv: "power",
  vddSoc: "power",
};

/** Turns frames into heflwr's samples. */
export class HeflwrSampler {
  readonly #parts: readonly HeflwrPart[];
  #memoryBytes: number | undefined;
  readonly #sent = new Increase("network_transmit_bytes_total");
  readonly #received = new Increase("network_receive_bytes_total");

  /** @param parts What is told. */
  constructor(parts: readonly HeflwrPart[] = HEFLWR_PARTS) {
    this.#parts = parts;
  }

  /** Takes every record: the session tells how much memory there is. */
  record(record: ResmonRecord): void {
    if (record.type === "session") this.#memoryBytes = record.machine.memory_bytes;
  }

  /** The numbers of the next frame. */
  sample({ samples }: Frame): HeflwrSample {
    const rails = railsOf(samples, "power_watts");
    return this.#wanted({
      cpu: samples.get("cpu_percent"),
      memory: percentOf(samples.get("memory_rss_bytes"), this.#memoryBytes) ?? samples.get("memory_percent"),
      sent: this.#sent.next(samples),
      received: this.#received.next(samples),
      vddIn: inThousandths(rails.vddIn),
      vddCpuGpuCv: inThousandths(rails.vddCpuGpuCv),
      vddSoc: inThousandths(rails.vddSoc),
    });
  }

  #wanted(values: { readonly [Name in keyof HeflwrSample]: number | undefined }): HeflwrSample {
    return Object.fromEntries(
      HEFLWR_NAMES.filter((name) => values[name] !== undefined && this.#parts.includes(PART_OF[name]))
        .map((name) => [name, values[name]]),
    );
  }
}

/** A part in percent of a whole; undefined where one of them is not known. */
export function percentOf(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : 100 * part / whole;
}

/** Watts as milliwatts, joules as millijoules. */
export function inThousandths(amount: number | undefined): number | undefined {
  return amount === undefined ? undefined : Math.round(amount * 1000);
}

/** heflwr's three rails of a Jetson, by what its boards call them; the names stand in `lib/metrics.ts` as labels of a power. */
export interface Rails {
  readonly vddIn: number | undefined;
  readonly vddCpuGpuCv: number | undefined;
  readonly vddSoc: number | undefined;
}

/**
 * The three rails from the series of a metric with the labels `rail` and `scope`, such as `power_watts`. A board with other
 * rails (Orin AGX) and a machine without any, whose processors' packages are told, have only the first.
 */
export function railsOf(series: Iterable<readonly [series: string, value: number]>, metric: string): Rails {
  const values = new Map<string, number>();
  let whole: number | undefined;
  for (const [text, value] of series) {
    if (!text.startsWith(`${metric}{`)) continue;
    const { rail = "", scope = "" } = tryParseSeries(text)?.labels ?? {};
    values.set(rail, value);
    // No machine has both: a package is a processor's, whose energy RAPL counts.
    if (scope === "module" || scope === "package") whole = (whole ?? 0) + value;
  }
  return {
    vddIn: whole,
    vddCpuGpuCv: values.get("VDD_CPU_GPU_CV") ?? sumOf(values, ["CPU", "GPU", "CV"]),
    vddSoc: values.get("VDD_SOC") ?? values.get("SOC"),
  };
}

/** The sum of all that are named; undefined where one is missing. */
function sumOf(values: ReadonlyMap<string, number>, names: readonly string[]): number | undefined {
  return names.reduce<number | undefined>((sum, name) => {
    const value = values.get(name);
    return sum === undefined || value === undefined ? undefined : sum + value;
  }, 0);
}

/** The increase of a counter over all its series since the frame before. */
class Increase {
  readonly #prefix: string;
  readonly #last = new Map<string, number>();

  constructor(metric: string) {
    this.#prefix = `${metric}{`;
  }

  next(samples: Samples): number | undefined {
    let increase: number | undefined;
    for (const [series, value] of samples) {
      if (!series.startsWith(this.#prefix)) continue;
      const before = this.#last.get(series);
      this.#last.set(series, value);
      // A counter that steps back was made anew.
      if (before !== undefined) increase = (increase ?? 0) + Math.max(0, value - before);
    }
    return increase;
  }
}

/** The words of one sample, each with what stands before it. */
export type HeflwrWords = Readonly<Record<keyof HeflwrSample, string>>;

/** The words in heflwr's files. */
export const FILE_WORDS: HeflwrWords = {
  cpu: "CPU Usage",
  memory: "Memory Usage",
  sent: "Bytes Sent",
  received: "Bytes Recv",
  vddIn: "VDD In",
  vddCpuGpuCv: "VDD Cpu_Gpu_Cv",
  vddSoc: "VDD Soc",
};

/** The words in what heflwr sends to a server. */
export const REMOTE_WORDS: HeflwrWords = {
  ...FILE_WORDS,
  cpu: "Cpu Usage",
  vddCpuGpuCv: "VDD cpu_gpu_cv",
  vddSoc: "VDD soc",
};

/** One sample as heflwr spells it, `CPU Usage: 99.9%, Memory Usage: 0.1%, `; what is not known is left out, as what is off is there. */
export function formatHeflwr(sample: HeflwrSample, words: HeflwrWords): string {
  const { cpu, memory, ...whole } = sample;
  const texts: Partial<Record<keyof HeflwrSample, string>> = {
    ...(cpu !== undefined && { cpu: `${cpu.toFixed(1)}%` }),
    ...(memory !== undefined && { memory: `${formatFloat(memory)}%` }),
    ...Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, `${value}`])),
  };
  return HEFLWR_NAMES.filter((name) => texts[name] !== undefined).map((name) => `${words[name]}: ${texts[name]}, `)
    .join("");
}

/** The numbers of a sample in heflwr's order. */
export const HEFLWR_NAMES = ["cpu", "memory", "sent", "received", "vddIn", "vddCpuGpuCv", "vddSoc"] as const;

// As Python writes a float: a whole one has its .0.
function formatFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
