import { CpuSeconds } from "./cpu_seconds.ts";
import { FILE_WORDS, HEFLWR_NAMES, type HeflwrSample, REMOTE_WORDS } from "./heflwr.ts";
import { type ImportedNote, type ImportedRun, leftOutNotes, usualInterval } from "./imported_run.ts";
import { parseCount, parseScientific } from "./parse.ts";

/** One sample, or a start, and when it was. */
interface Timed {
  readonly time: number;
  readonly isStart?: boolean;
  readonly sample: HeflwrSample;
}

/** Samples after one start of the monitor. */
interface Segment {
  readonly started: number;
  readonly samples: HeflwrSample[];
}

/** Seconds between two samples of heflwr's monitors unless told otherwise. */
export const HEFLWR_INTERVAL = 5;

const DATE = String.raw`(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)`;
const START = new RegExp(`^${DATE}$`);
// What the logger of a RemoteMonitor prints has a time in every line.
const LOGGED = new RegExp(String.raw`^[A-Z]+ HeFlwr ${DATE},(\d{3}) \| [^|]* \| (.*)$`);

const KEYS = new Map(
  HEFLWR_NAMES.flatMap((key) => [FILE_WORDS, REMOTE_WORDS].map((words) => [words[key], key] as const)),
);

const RAIL = (rail: string, scope: string): string => `power_watts{device="module",rail="${rail}",scope="${scope}"}`;

/** heflwr's numbers and what they are here; those that are summed up are told since the sample before. */
const SERIES: Readonly<Record<keyof HeflwrSample, string>> = {
  cpu: "cpu_seconds_total",
  memory: "memory_percent",
  sent: 'network_transmit_bytes_total{interface="all"}',
  received: 'network_receive_bytes_total{interface="all"}',
  vddIn: RAIL("VDD_IN", "module"),
  vddCpuGpuCv: RAIL("VDD_CPU_GPU_CV", "rail"),
  vddSoc: RAIL("VDD_SOC", "rail"),
};

/**
 * Reads a file of heflwr's FileMonitor, or what its logger printed. A line of the former has no time: they are `interval`
 * seconds apart, as far as the next start leaves room. Lines that are none are left out and told. Throws SyntaxError.
 */
export function parseHeflwrLog(text: string, interval: number = HEFLWR_INTERVAL): ImportedRun {
  const { segments, logged, leftOut } = readLines(text);
  const samples = [...segments.flatMap((segment) => segment.samples), ...logged.map(({ sample }) => sample)];
  if (samples.length === 0) throw new SyntaxError("it has no line of numbers");
  const keys = HEFLWR_NAMES.filter((key) => samples.some((sample) => sample[key] !== undefined));
  const isAssumed = samples.length > logged.length;
  const timed = [...segments.flatMap((segment, at) => spread(segment, interval, segments[at + 1]?.started)), ...logged];
  timed.sort((a, b) => a.time - b.time);
  const totals = new Totals();
  return {
    system: "heflwr",
    interval: logged.length > 0 ? usualInterval(timed.map(({ time }) => time)) : interval,
    series: keys.map((key) => SERIES[key]),
    ticks: timed.map((each) => ({ time: each.time, values: totals.values(keys, each) })),
    events: [],
    ...(isAssumed && { assumed: `${interval} s apart, because the file tells none (--interval)` }),
    notes: [...startNotes(segments), ...leftOutNotes(leftOut, "line")],
  };
}

// Between the last sample of a start and the next start nobody has measured anything.
function startNotes(segments: readonly Segment[]): ImportedNote[] {
  if (segments.length < 2) return [];
  const empty = segments.filter(({ samples }) => samples.length === 0).length;
  const without = empty === 0 ? "" : `, ${empty} of them without a sample`;
  return [{ reason: `it was started ${segments.length} times${without}; what was used in between is not known` }];
}

/** The numbers of samples as resmon tells them. */
class Totals {
  #cpu = new CpuSeconds();
  #bytes = { sent: 0, received: 0 };

  values(keys: readonly (keyof HeflwrSample)[], { time, sample, isStart = false }: Timed): (number | null)[] {
    if (isStart) this.#startAnew();
    return keys.map((key) => this.#value(key, sample, time));
  }

  // A counter that steps back has a gap there: nobody knows what was between two starts.
  #startAnew(): void {
    this.#cpu = new CpuSeconds();
    this.#bytes = { sent: 0, received: 0 };
  }

  #value(key: keyof HeflwrSample, sample: HeflwrSample, time: number): number | null {
    const value = sample[key];
    if (value === undefined) return null;
    if (key === "cpu") return this.#cpu.next(time, value);
    if (key === "memory") return value;
    return key === "sent" || key === "received" ? this.#bytes[key] += value : value / 1000;
  }
}

function readLines(text: string): { segments: Segment[]; logged: Timed[]; leftOut: string[] } {
  const segments: Segment[] = [];
  const logged: Timed[] = [];
  const leftOut: string[] = [];
  // Behind the last line end there is nothing, or half a line.
  text.split(/\r?\n/).slice(0, -1).forEach((line, at) => {
    const started = START.exec(line)?.slice(1);
    const [, ...parts] = LOGGED.exec(line) ?? [];
    const message = parts.pop() ?? line;
    const time = started ?? (parts.length > 0 ? parts : undefined);
    const seconds = time === undefined ? undefined : secondsOf(time);
    const sample = started === undefined ? trySample(message) : undefined;
    if (started !== undefined && seconds !== undefined) segments.push({ started: seconds, samples: [] });
    else if (sample !== undefined && seconds !== undefined) logged.push({ time: seconds, sample });
    else if (sample !== undefined && time === undefined && segments.length > 0) segments.at(-1)?.samples.push(sample);
    else if (line !== "") leftOut.push(`line ${at + 1}: ${JSON.stringify(line.slice(0, 80))}`);
  });
  return { segments, logged, leftOut };
}

/** The Unix seconds of a local time; undefined where there is no such day or hour. */
function secondsOf([year, month, day, hour, minute, second, millisecond]: readonly string[]): number | undefined {
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map((part) => parseCount(part, "time"));
  const date = new Date(y ?? NaN, (mo ?? NaN) - 1, d, h, mi, s, parseCount(millisecond ?? "0", "time"));
  const isReal = date.getMonth() + 1 === mo && date.getDate() === d && date.getMinutes() === mi;
  return isReal && date.getTime() >= 0 ? date.getTime() / 1000 : undefined;
}

function trySample(line: string): HeflwrSample | undefined {
  const sample: Partial<Record<keyof HeflwrSample, number>> = {};
  for (const item of line.split(",").map((part) => part.trim()).filter((part) => part !== "")) {
    const [, word = "", number, percent] = /^([^:]+): (\S+?)(%?)$/.exec(item) ?? [];
    const key = KEYS.get(word);
    if (key === undefined || (percent === "%") !== (key === "cpu" || key === "memory")) return undefined;
    try {
      sample[key] = parseScientific(number, word);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
  return Object.keys(sample).length === 0 ? undefined : sample;
}

/** What a monitor counts begins at its start, and the first sample comes an interval later. Where the next start leaves less room, they lie closer. */
function spread({ started, samples }: Segment, interval: number, next: number | undefined): Timed[] {
  const room = next === undefined || next <= started ? Infinity : (next - started) / (samples.length + 1);
  const step = Math.min(interval, room);
  const first = { time: started, sample: { sent: 0, received: 0 }, isStart: true };
  return [first, ...samples.map((sample, at) => ({ time: started + (at + 1) * step, sample }))];
}
