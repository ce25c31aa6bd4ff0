import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount, splitLines } from "../lib/parse.ts";
import { isGone, type Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { openWhole } from "../lib/availability.ts";
import { DeviceColumns } from "./device_columns.ts";
import { KeptFile } from "./kept_file.ts";

// Always, whatever the sector size of the disk is.
const SECTOR_BYTES = 512;

/** One line of `/proc/diskstats`: counters since boot. */
export interface DiskCounters {
  readonly name: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writeBytes: number;
  /** Time with at least one request in flight. */
  readonly busySeconds: number;
}

/**
 * Parses the lines of `/proc/diskstats`, see proc_diskstats(5), whose device name `isWanted`. Newer kernels add columns at
 * the end. Throws SyntaxError.
 */
export function parseDiskstats(text: string, isWanted: (name: string) => boolean): DiskCounters[] {
  const lines = splitLines(text, "/proc/diskstats").map((line) => line.trim().split(/ +/));
  return lines.filter(([, , name]) => name !== undefined && isWanted(name)).map(parseDisk);
}

function parseDisk(fields: readonly string[]): DiskCounters {
  const name = fields[2] ?? "";
  function column(number: number): number {
    return parseCount(fields[number - 1], `column ${number} of ${name} in /proc/diskstats`);
  }
  return {
    name,
    reads: column(4),
    readBytes: column(6) * SECTOR_BYTES,
    writes: column(8),
    writeBytes: column(10) * SECTOR_BYTES,
    busySeconds: column(13) / 1000,
  };
}

// Software devices, whose I/O is counted again by the disks below them or is none at all; optical and floppy drives; the
// paths below an NVMe multipath disk; the boot and replay-protected partitions of an eMMC chip.
const NOT_A_DISK = /^(?:(?:loop|ram|zram|dm-|md|bcache|drbd|zd|sr|fd)\d|nvme\d+c\d+n\d+$|mmcblk\d+(?:boot\d+|rpmb)$)/;

/**
 * Says whether a device of `/proc/diskstats` is a whole physical disk: in /sys/block, where partitions are not, and not made
 * of other devices. Throws SystemError.
 */
export function isWholeDisk(root: Root, name: string): boolean {
  if (NOT_A_DISK.test(name)) return false;
  try {
    // A slash in a device's name, as in cciss/c0d0, is spelt ! in /sys.
    return !root.readLink(`/sys/block/${name.replaceAll("/", "!")}`).includes("/devices/virtual/block/");
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

const METRICS = [
  "disk_read_bytes_total",
  "disk_write_bytes_total",
  "disk_reads_total",
  "disk_writes_total",
  "disk_io_seconds_total",
] as const satisfies readonly MetricName[];

/** I/O of each whole physical disk, from `/proc/diskstats`; which devices are such disks, from `/sys/block`. */
export class DiskCollector implements Collector {
  readonly name = "disk";
  readonly metrics = METRICS;
  readonly sources = ["/proc/diskstats"];
  readonly #diskstats = new KeptFile("/proc/diskstats", (text) => this.#parse(text));
  readonly #columns = new DeviceColumns((disk) => METRICS.map((metric) => formatSeries(metric, { disk })));
  readonly #isDisk = new Map<string, boolean>();
  #root: Root | undefined;

  get series(): readonly string[] {
    return this.#columns.series;
  }

  open({ root }: Environment): void {
    this.#root = root;
    openWhole(this, () => {
      root.list("/sys/block");
      if (this.#diskstats.open(root).length > 0) return;
      throw new Unavailable("absent", "Cannot find a disk: /sys/block has no physical one");
    });
  }

  collect(): Reading {
    const disks = this.#diskstats.read();
    return {
      values: disks.flatMap((disk) => [disk.readBytes, disk.writeBytes, disk.reads, disk.writes, disk.busySeconds]),
    };
  }

  close(): void {
    this.#diskstats.close();
  }

  #parse(text: string): DiskCounters[] {
    const disks = parseDiskstats(text, (name) => this.#wants(name));
    this.#columns.update(disks.map((disk) => disk.name));
    return disks;
  }

  #wants(name: string): boolean {
    const known = this.#isDisk.get(name);
    if (known !== undefined) return known;
    const isDisk = this.#root !== undefined && isWholeDisk(this.#root, name);
    this.#isDisk.set(name, isDisk);
    return isDisk;
  }
}
