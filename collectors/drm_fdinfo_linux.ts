import { parseCount, parseKeyValues } from "../lib/parse.ts";

/** What a client of a DRM driver, an open file of `/dev/dri`, has used, see the kernel's gpu/drm-usage-stats documentation. */
export interface DrmClient {
  /** Such as `amdgpu`. */
  readonly driver: string;
  /** Place on the PCI bus, such as `0000:03:00.0`; undefined for a device that is not on it. */
  readonly slot: string | undefined;
  /** The same of all descriptors of one open file, in whichever processes. */
  readonly id: number;
  /** Seconds that each kind of engine worked; those of several engines of the kind together. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Instead of seconds: cycles of each kind of engine, of those that have passed. */
  readonly cycles: ReadonlyMap<string, EngineCycles>;
  /** Resident memory of the device; undefined where the driver does not tell it. */
  readonly memoryBytes: number | undefined;
  /** Resident memory of the machine that the device uses. */
  readonly sharedMemoryBytes: number | undefined;
}

/** Cycles of a clock that never stands still. */
export interface EngineCycles {
  readonly busy: number;
  readonly total: number;
}

const ENGINE = /^drm-engine-(?!capacity-)(.+)$/;
const CYCLES = /^drm-cycles-(.+)$/;
// The older name of what is resident is amdgpu's.
const MEMORY = [/^drm-resident-(.+)$/, /^drm-memory-(.+)$/];
const DEVICE_REGION = /^(?:vram|local|stolen-local)\d*$/;
// Buffers that were moved out of the device's reach.
const EVICTED_REGION = "cpu";
const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/**
 * Parses `/proc/<pid>/fdinfo/<fd>` of a file of a graphics card; undefined where its driver tells nothing, as nvidia-drm does.
 * Throws SyntaxError.
 */
export function parseDrmClient(text: string): DrmClient | undefined {
  const fields = parseKeyValues(text, "fdinfo");
  const [driver, id] = [fields.get("drm-driver"), fields.get("drm-client-id")];
  if (driver === undefined || id === undefined) return undefined;
  const regions = residentRegions(fields);
  return {
    driver,
    slot: fields.get("drm-pdev")?.toLowerCase(),
    id: parseCount(id, "drm-client-id of fdinfo"),
    seconds: engineSeconds(fields),
    cycles: engineCycles(fields),
    memoryBytes: sumOf(regions, (region) => DEVICE_REGION.test(region)),
    sharedMemoryBytes: sumOf(regions, (region) => !DEVICE_REGION.test(region) && region !== EVICTED_REGION),
  };
}

function engineSeconds(fields: ReadonlyMap<string, string>): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const [key, value] of fields) {
    const engine = ENGINE.exec(key)?.[1];
    if (engine === undefined) continue;
    seconds.set(engine, parseCount(/^(\d+) ns$/.exec(value)?.[1], `${key} of fdinfo`) / 1e9);
  }
  return seconds;
}

function engineCycles(fields: ReadonlyMap<string, string>): Map<string, EngineCycles> {
  const cycles = new Map<string, EngineCycles>();
  for (const [key, value] of fields) {
    const engine = CYCLES.exec(key)?.[1];
    if (engine === undefined) continue;
    const total = `drm-total-cycles-${engine}`;
    cycles.set(engine, {
      busy: parseCount(value, `${key} of fdinfo`),
      total: parseCount(fields.get(total), `${total} of fdinfo`),
    });
  }
  return cycles;
}

function residentRegions(fields: ReadonlyMap<string, string>): Map<string, number> {
  const regions = new Map<string, number>();
  for (const form of MEMORY) {
    for (const [key, value] of fields) {
      const region = form.exec(key)?.[1];
      if (region !== undefined && !regions.has(region)) regions.set(region, parseSize(value, key));
    }
  }
  return regions;
}

function parseSize(text: string, key: string): number {
  const [, number, unit] = /^(\d+)(?: (\w+))?$/.exec(text) ?? [];
  const factor = unit === undefined ? 1 : UNITS[unit];
  if (factor === undefined) throw new SyntaxError(`Cannot parse ${key} of fdinfo: ${JSON.stringify(text)}`);
  return parseCount(number, `${key} of fdinfo`) * factor;
}

function sumOf(regions: ReadonlyMap<string, number>, isWanted: (region: string) => boolean): number | undefined {
  const wanted = [...regions].filter(([region]) => isWanted(region));
  return wanted.length === 0 ? undefined : wanted.reduce((sum, [, bytes]) => sum + bytes, 0);
}
