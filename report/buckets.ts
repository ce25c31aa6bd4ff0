/** One series with its times in seconds, ascending; `NaN` is a gap. All arrays have the same length. */
export interface Line {
  readonly times: Float64Array;
  readonly mean: Float32Array;
  /** Where each point stands for several ticks. */
  readonly min?: Float32Array;
  readonly max?: Float32Array;
}

/** One point to draw: of one tick, or of all that would fall onto the same spot. */
export interface Point {
  readonly x: number;
  readonly min: number;
  /** Weighted by time. */
  readonly mean: number;
  readonly max: number;
}

/** The range that is drawn, and how many points it has room for. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly room: number;
}

/**
 * The points of a range: all that are known where there is room for them, else as many buckets as there is room for, with
 * their least and largest values so that no peak is lost. The neighbours on both sides are included, so that lines go on.
 */
export function pointsIn(line: Line, { from, to, room }: Window): Point[] {
  const first = Math.max(0, firstAtOrAfter(line.times, from) - 1);
  const last = Math.min(line.times.length - 1, firstAtOrAfter(line.times, to));
  if (last - first < room) return everyPoint(line, first, last);
  return bucketed(line, { first, last, width: (to - from) / room });
}

/** The index of the first time that is not before `time`; the length where there is none. */
export function firstAtOrAfter(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? NaN) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the nearest point that has a value, within `reach` seconds; `undefined` where there is none. */
export function nearest({ times, mean }: Line, time: number, reach: number): number | undefined {
  const right = firstAtOrAfter(times, time);
  let best: number | undefined;
  const look = (start: number, step: number): void => {
    for (let at = start; at >= 0 && at < times.length; at += step) {
      const distance = Math.abs((times[at] ?? NaN) - time);
      if (!(distance <= reach)) return;
      if (Number.isNaN(mean[at])) continue;
      if (best === undefined || distance < Math.abs((times[best] ?? NaN) - time)) best = at;
      return;
    }
  };
  look(right, 1);
  look(right - 1, -1);
  return best;
}

/**
 * Seconds between two values of a series beyond which there is a gap. A series that is read less often than others has a value
 * only now and then: that is no gap.
 */
export function gapSeconds(line: Line): number {
  const { length } = line.times;
  const count = Math.min(length, MOST_STEPS);
  const steps = Array.from({ length: count }, (_, at) => stepAt(line, Math.floor(at * length / count)));
  const known = steps.filter((step) => step > 0).sort((a, b) => a - b);
  return (known[Math.floor(known.length * 0.9)] ?? 0) * GAP_FACTOR;
}

// As many as tell what is usual; a line may have millions.
const MOST_STEPS = 1000;

/** Seconds between the first two values from `at` on; `NaN` where there are none. */
function stepAt({ times, mean }: Line, at: number): number {
  const next = (from: number): number => {
    let place = from;
    while (place < mean.length && Number.isNaN(mean[place])) place++;
    return place;
  };
  const first = next(at);
  return (times[next(first + 1)] ?? NaN) - (times[first] ?? NaN);
}

/** Whether most ticks lack a value, so that a line between two of them says little of what was in between. */
export function isSparse({ times, mean }: Line): boolean {
  const known = mean.reduce((count, value) => Number.isNaN(value) ? count : count + 1, 0);
  return known < times.length / 2;
}

const GAP_FACTOR = 3.5;

function everyPoint({ times, mean, min = mean, max = mean }: Line, first: number, last: number): Point[] {
  const points: Point[] = [];
  for (let at = first; at <= last; at++) {
    const value = mean[at] ?? NaN;
    if (Number.isNaN(value)) continue;
    points.push({ x: times[at] ?? NaN, min: min[at] ?? value, mean: value, max: max[at] ?? value });
  }
  return points;
}

interface Buckets {
  readonly first: number;
  readonly last: number;
  readonly width: number;
}

function bucketed({ times, mean, min = mean, max = mean }: Line, { first, last, width }: Buckets): Point[] {
  const points: Point[] = [];
  let at = first;
  while (at <= last) {
    // Aligned to the axis and not to the range, so that the buckets stay the same ones while it moves.
    const end = (Math.floor((times[at] ?? 0) / width) + 1) * width;
    let [low, high, sum, seconds, time, count] = [Infinity, -Infinity, 0, 0, 0, 0];
    // At least one, whatever the rounding makes of its time.
    do {
      const value = mean[at] ?? NaN;
      if (Number.isNaN(value)) continue;
      const since = Math.max(1e-9, (times[at] ?? 0) - (times[at - 1] ?? 0));
      low = Math.min(low, min[at] ?? value);
      high = Math.max(high, max[at] ?? value);
      sum += value * since;
      seconds += since;
      time += times[at] ?? 0;
      count++;
    } while (++at <= last && (times[at] ?? 0) < end);
    if (count > 0) points.push({ x: time / count, min: low, mean: sum / seconds, max: high });
  }
  return points;
}
