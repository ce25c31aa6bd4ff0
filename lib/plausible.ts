import { describeMetric, type MetricName, type Unit } from "./metrics.ts";

// Far beyond all that devices can do, and below what registers say that hold nothing, such as 65535 or 2^32 - 1.
const RANGES: Partial<Record<Unit, readonly [least: number, most: number]>> = {
  percent: [0, 1000],
  celsius: [-273.15, 1000],
  watts: [-1e6, 1e6],
  hertz: [0, 1e12],
  rpm: [0, 65_534],
};

/** Whether a device can mean it: sensors that are off, or firmware that has crashed, tell numbers that cannot be. */
export function isPlausible(name: MetricName, value: number): boolean {
  const [least, most] = RANGES[describeMetric(name).unit] ?? [0, 2 ** 64];
  return value >= least && value <= most;
}
