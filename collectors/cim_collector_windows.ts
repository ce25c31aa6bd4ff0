import type { MetricName } from "../lib/metrics.ts";
import { BackgroundCollector } from "./background_collector.ts";
import { CimReader } from "./cim_feed_windows.ts";
import type { CimSample } from "./cim_rows_windows.ts";
import { CIM_PARTS, type CimPart } from "./cim_script_windows.ts";
import type { SeriesValues } from "./latest.ts";

/** A subject that classes of CIM tell. */
export interface CimSubject {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly parts: readonly CimPart[];
  /** Throws SyntaxError. */
  readonly read: (sample: CimSample) => SeriesValues;
}

/** Records a {@linkcode CimSubject}. */
export class CimCollector extends BackgroundCollector {
  constructor({ name, metrics, parts, read }: CimSubject) {
    super({
      name,
      metrics,
      sources: parts.map((part) => CIM_PARTS[part].class),
      start: (environment, update) => new CimReader(environment, (sample, at) => update(read(sample), at)),
    });
  }
}
