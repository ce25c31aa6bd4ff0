import type { FrameSink } from "../lib/contracts.ts";
import type { TextOutput } from "../lib/output_file.ts";

/** The formats of other systems that a log can be written in, by the name that `resmon export --format` knows. */
export const FOREIGN_FORMATS = {
  "reseng-csv": async (output) => new (await import("./reseng_table.ts")).ResengCsvSink(output),
  "reseng-json": async (output) => new (await import("./reseng_table.ts")).ResengJsonSink(output),
  "heflwr": async (output) => new (await import("./heflwr_file.ts")).HeflwrFileSink(output),
  "pyml-usage": async (output) => new (await import("./pyml_usage.ts")).PymlUsageSink(output),
} as const satisfies Record<string, (output: TextOutput) => Promise<FrameSink>>;

/** The name of such a format. */
export type ForeignFormat = keyof typeof FOREIGN_FORMATS;
