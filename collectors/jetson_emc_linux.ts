import { type Failure, orGap } from "../lib/availability.ts";
import { parseCountFile } from "../lib/parse.ts";
import { isDenied, type Root } from "../lib/root.ts";
import { findTegra } from "./jetson_board_linux.ts";
import { parseHertz } from "./jetson_gpu_linux.ts";
import { requirePlausible } from "./plausible.ts";
import { type Sensor, SensorCollector } from "./sensor_collector.ts";

const DEBUG = "/sys/kernel/debug";
const CLOCKS = [
  `${DEBUG}/bpmp/debug/clk/emc/rate`,
  `${DEBUG}/clk/override.emc/clk_rate`,
  `${DEBUG}/clk/emc/clk_rate`,
  "/sys/class/devfreq/bwmgr/cur_freq",
];
const ACTIVITIES = [`${DEBUG}/cactmon/mc_all`, "/sys/kernel/actmon_avg_activity/mc_all"];

/**
 * Parses the activity of the memory controller, in kHz of its clock that were used, and the clock in Hz, into percent; null
 * while the clock stands. Throws SyntaxError.
 */
export function parseEmcActivity(activity: string, clock: string): number | null {
  const [used, hertz] = [parseCountFile(activity, "mc_all") * 1000, parseHertz(clock)];
  return hertz === 0 ? null : requirePlausible(100 * used / hertz, { least: 0, most: 100 }, "the use of the EMC");
}

/** Clock and use of the external memory controller of a Jetson, which shows how much of the memory's bandwidth is used. */
export class JetsonEmcCollector extends SensorCollector {
  constructor() {
    super({
      name: "jetson_emc",
      metrics: ["system_emc_hertz", "system_emc_utilization_percent"],
      sources: CLOCKS.concat(ACTIVITIES),
      find: findEmc,
      none: "Cannot find the memory controller of a Jetson: no clock of it in /sys/kernel/debug",
    });
  }
}

/** The clock of the memory controller, and its use where the kernel tells that. Other machines keep their debugfs closed, too. */
export function findEmc(root: Root, onFailure: (failure: Failure) => void): Sensor[] {
  if (findTegra(root) === undefined) return [];
  const clock = CLOCKS.find((path) => isReadable(root, path));
  if (clock === undefined) {
    if (isClosed(root)) onFailure({ state: "denied", reason: `Cannot read ${DEBUG}: permission denied (EACCES)` });
    return [];
  }
  const activities = ACTIVITIES.filter((path) => isReadable(root, path)).slice(0, 1);
  return [
    { metric: "system_emc_hertz", labels: {}, paths: [clock], parse: parseHertz },
    ...activities.map((activity): Sensor => ({
      metric: "system_emc_utilization_percent",
      labels: {},
      paths: [activity, clock],
      parse: parseEmcActivity,
    })),
  ];
}

function isReadable(root: Root, path: string): boolean {
  return orGap(() => root.read(path)) !== null;
}

function isClosed(root: Root): boolean {
  try {
    root.list(DEBUG);
    return false;
  } catch (error) {
    return isDenied(error);
  }
}
