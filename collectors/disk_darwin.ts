import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount } from "../lib/parse.ts";
import { formatSeries } from "../lib/series.ts";
import type { SeriesValues } from "./latest.ts";
import { PolledCollector } from "./polled_collector.ts";

// Names of the driver's statistics by metric.
const STATISTICS = {
  disk_read_bytes_total: "Bytes (Read)",
  disk_write_bytes_total: "Bytes (Write)",
  disk_reads_total: "Operations (Read)",
  disk_writes_total: "Operations (Write)",
} as const satisfies Partial<Record<MetricName, string>>;

const METRICS = ["disk_read_bytes_total", "disk_write_bytes_total", "disk_reads_total", "disk_writes_total"] as const;

/** What the driver of one disk has counted since boot. */
export interface DriverCounters {
  /** Such as `disk0`. */
  readonly name: string;
  readonly counters: Readonly<Record<typeof METRICS[number], number>>;
}

/**
 * Parses `ioreg -r -c IOBlockStorageDriver -l -d 2 -w 0`, see ioreg(8): each driver with its statistics, and the disk on it
 * with its name. A driver without a disk, as of an empty card reader, is left out. Throws SyntaxError.
 */
export function parseStorageDrivers(text: string): DriverCounters[] {
  const drivers = text.split(/^(?=\+-o )/m).filter((block) => block.includes("<class IOBlockStorageDriver"));
  return drivers.flatMap((block) => {
    const name = /"BSD Name" = "([^"]+)"/.exec(block)?.[1];
    return name === undefined ? [] : [{ name, counters: parseStatistics(block, name) }];
  });
}

function parseStatistics(block: string, disk: string): DriverCounters["counters"] {
  const statistics = /"Statistics" = \{(.*)\}/.exec(block)?.[1] ?? "";
  const values = new Map(
    [...statistics.matchAll(/"([^"]+)"=(\d+)(?=,|$)/g)].map(([, name = "", value]) => [name, value]),
  );
  function read(metric: typeof METRICS[number]): number {
    return parseCount(values.get(STATISTICS[metric]), `${STATISTICS[metric]} of ${disk} in ioreg`);
  }
  return {
    disk_read_bytes_total: read("disk_read_bytes_total"),
    disk_write_bytes_total: read("disk_write_bytes_total"),
    disk_reads_total: read("disk_reads_total"),
    disk_writes_total: read("disk_writes_total"),
  };
}

/** I/O of the disks of a Mac, from ioreg(8): iostat(8) does not tell reads from writes. */
export function createDiskCollector(): Collector {
  return new PolledCollector({
    name: "disk",
    metrics: METRICS,
    commands: [["ioreg", "-r", "-c", "IOBlockStorageDriver", "-l", "-d", "2", "-w", "0"]],
    period: 1,
    read: ([text = ""]) => readDrivers(parseStorageDrivers(text)),
  });
}

function readDrivers(drivers: readonly DriverCounters[]): SeriesValues {
  if (drivers.length === 0) throw new SyntaxError("Cannot parse ioreg: it tells of no disk");
  return new Map(
    drivers.flatMap(({ name, counters }) =>
      METRICS.map((metric) => [formatSeries(metric, { disk: name }), counters[metric]] as const)
    ),
  );
}
