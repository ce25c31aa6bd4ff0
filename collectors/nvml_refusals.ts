import { consequenceOf, describeCode, NvmlError, remedyOfCode } from "../lib/ffi/nvml_codes.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { StatusLine } from "./nvml_lines.ts";

/** Something that NVML does not tell of a device, and the return code that it gave. */
export interface Refusal {
  readonly metrics: readonly MetricName[];
  readonly code: number;
}

/** What each GPU does not tell. The GPUs of a machine are mostly alike: what several of them do not tell is said once. */
export class Refusals {
  /** The GPUs by metric and code. */
  readonly #gpus = new Map<
    string,
    { readonly metric: MetricName; readonly code: number; readonly gpus: Set<string> }
  >();

  add(gpu: string, refusals: readonly Refusal[]): void {
    for (const { metrics, code } of refusals) {
      for (const metric of metrics) {
        const key = `${metric} ${code}`;
        const entry = this.#gpus.get(key) ?? { metric, code, gpus: new Set() };
        entry.gpus.add(gpu);
        this.#gpus.set(key, entry);
      }
    }
  }

  /** One for all metrics that the same GPUs refuse in the same way. */
  statuses(): StatusLine[] {
    const groups = Map.groupBy(this.#gpus.values(), ({ code, gpus }) => `${code} ${[...gpus].join()}`);
    return Array.from(groups.values(), ([first, ...others]) => {
      if (first === undefined) return [];
      const { code, gpus, metric } = first;
      const state = consequenceOf(code) === "denied" ? "denied" : "unsupported";
      const reason = `NVML does not tell it of GPU ${[...gpus].join(", ")}: ${describeCode(code)}`;
      const metrics = [metric, ...others.map((other) => other.metric)];
      return [{ type: "status", state, metrics, reason, ...remedyField(code) } as const];
    }).flat();
  }
}

/**
 * The return code of a call that will never answer, or undefined for one that does or may. Throws {@linkcode NvmlError} where the
 * GPU is lost or the driver is gone.
 */
export function refusalOf(call: () => unknown): number | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof NvmlError)) throw error;
    if (error.consequence === "lost" || error.consequence === "off") throw error;
    return error.consequence === "later" ? undefined : error.code;
  }
}

/** What a call gives, or undefined where it has nothing to give. Throws as {@linkcode refusalOf}. */
export function orNothing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof NvmlError)) throw error;
    if (error.consequence === "lost" || error.consequence === "off") throw error;
    return undefined;
  }
}

/** The remedy of a return code, where there is one, as a field. */
export function remedyField(code: number): { readonly remedy?: string } {
  const remedy = remedyOfCode(code);
  return remedy === undefined ? {} : { remedy };
}
