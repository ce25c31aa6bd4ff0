import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { formatSeries } from "../lib/series.ts";
import { CimCollector } from "./cim_collector_windows.ts";
import type { CimRow } from "./cim_rows_windows.ts";
import type { SeriesValues } from "./latest.ts";

// Raw counters: totals since boot, for all that their names say.
const PROPERTIES = {
  disk_read_bytes_total: "DiskReadBytesPersec",
  disk_write_bytes_total: "DiskWriteBytesPersec",
  disk_reads_total: "DiskReadsPersec",
  disk_writes_total: "DiskWritesPersec",
} as const satisfies Partial<Record<MetricName, string>>;

const METRICS = ["disk_read_bytes_total", "disk_write_bytes_total", "disk_reads_total", "disk_writes_total"] as const;

/** I/O of the physical disks of a Windows machine, named by number and drive letters: `0 C:`. */
export function createDiskCollector(): Collector {
  return new CimCollector({
    name: "disk",
    metrics: METRICS,
    parts: ["disks"],
    read: ({ disks }) => readDisks(disks),
  });
}

function readDisks(rows: readonly CimRow[]): SeriesValues {
  const values = new Map<string, number | null>();
  for (const row of rows) {
    const disk = row.text("Name");
    if (disk === undefined || disk === "_Total") continue;
    for (const metric of METRICS) values.set(formatSeries(metric, { disk }), row.count(PROPERTIES[metric]));
  }
  if (values.size === 0) throw new SyntaxError("Cannot read disks of CIM: there is none");
  return values;
}
