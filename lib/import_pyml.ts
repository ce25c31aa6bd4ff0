import { type ImportedEvent, type ImportedRun, leftOutNotes, usualInterval } from "./imported_run.ts";
import { amountOf, decodeJson, itemsOf, memberOf, membersOf, textOf } from "./json.ts";
import { parseCount } from "./parse.ts";
import { microseconds } from "./tick_writer.ts";
import { type ProcessInfo, PymlTree, type Sample, type Usage } from "./pyml_tree.ts";

const MIB = 1024 ** 2;
const NANOSECONDS = 1e9;
const LAST_TIME = 1e11;

/**
 * Reads pyml's `usage.json`, one run for each ip: times in nanoseconds, CPU in percent of a core, memory in MiB. A process that is
 * told twice, by itself and by its parent, counts once. Records that are none are left out and told. Throws SyntaxError.
 */
export function parsePymlUsage(text: string): ImportedRun[] {
  const dump = decodeJson(text, "usage.json");
  const runs = membersOf(memberOf(dump, "usage")).flatMap(([ip, trackers]) => {
    const run = readNode(ip, trackers, itemsOf(memberOf(dump, "process", ip)));
    return run === undefined ? [] : [run];
  });
  if (runs.length === 0) throw new SyntaxError("it has no records: nothing is in it without a checkpoint");
  return runs;
}

function readNode(ip: string, trackers: unknown, infos: readonly unknown[]): ImportedRun | undefined {
  const leftOut: string[] = [];
  const samples = membersOf(trackers).flatMap(([pid, tracked]) =>
    itemsOf(memberOf(tracked, "records")).flatMap((record, at): Sample[] => {
      const sample = trySample(record, pid);
      if (sample === undefined) leftOut.push(`usage.${ip}.${pid}.records.${at}`);
      return sample === undefined ? [] : [sample];
    })
  ).sort((a, b) => a.time - b.time);
  const [first] = samples;
  if (first === undefined) return undefined;
  const known = infos.map(tryInfo);
  known.forEach((info, at) => info === undefined && leftOut.push(`process.${ip}.${at}`));
  const tree = new PymlTree(samples, known.filter((info) => info !== undefined));
  const ticks = samples.map((sample) => tree.tick(sample));
  const checkpoints = membersOf(trackers).flatMap(([pid, tracked]) =>
    itemsOf(memberOf(tracked, "checkpoints")).flatMap((checkpoint, at): ImportedEvent[] => {
      const event = tryCheckpoint(checkpoint, pid);
      if (event === undefined) leftOut.push(`usage.${ip}.${pid}.checkpoints.${at}`);
      return event === undefined ? [] : [event];
    })
  );
  const { command } = tree;
  return {
    system: "pyml",
    name: ip,
    ...(command !== undefined && { command }),
    interval: usualInterval(samples.map(({ time }) => time)),
    series: ["cpu_seconds_total", "memory_rss_bytes", 'process_gpu_memory_bytes{gpu="all"}', "processes"],
    processes: ["cpu_seconds_total", "memory_rss_bytes", "process_gpu_memory_bytes"],
    ticks,
    events: [...tree.events, ...checkpoints],
    notes: leftOutNotes(leftOut, "record"),
  };
}

function trySample(record: unknown, tracker: string): Sample | undefined {
  const time = secondsOf(memberOf(record, "time"));
  const number = pidOf(tracker);
  if (time === undefined || number === undefined) return undefined;
  const processes = new Map<number, { -readonly [Name in keyof Usage]: Usage[Name] }>();
  const take = (key: keyof Usage, unit: number): void => {
    for (const [text, value] of membersOf(memberOf(record, key))) {
      const pid = pidOf(text);
      const amount = amountOf(value);
      if (pid === undefined || amount === undefined) continue;
      processes.set(pid, { ...processes.get(pid), [key]: amount * unit });
    }
  };
  take("cpu", 1);
  take("memory", MIB);
  take("gpu", MIB);
  return processes.size === 0 ? undefined : { tracker: number, time, processes };
}

function tryCheckpoint(checkpoint: unknown, tracker: string): ImportedEvent | undefined {
  const time = secondsOf(memberOf(checkpoint, "time"));
  const names = itemsOf(memberOf(checkpoint, "name")).map(String);
  const pid = pidOf(tracker);
  if (time === undefined || names.length === 0) return undefined;
  return { kind: "checkpoint", time, name: names.join(" "), names, ...(pid !== undefined && { pid }) };
}

function tryInfo(info: unknown): ProcessInfo | undefined {
  const [pid, parent, started] = ["pid", "parent", "start"].map((name) => amountOf(memberOf(info, name)));
  if (pid === undefined || !Number.isSafeInteger(pid)) return undefined;
  const command = itemsOf(memberOf(info, "cmd")).flatMap((word) => textOf(word) ?? []);
  return { pid, parent, started: started !== undefined && started <= LAST_TIME ? started : undefined, command };
}

function secondsOf(nanoseconds: unknown): number | undefined {
  const amount = amountOf(nanoseconds);
  // A double has no room for nanoseconds since 1970.
  const seconds = amount === undefined ? NaN : microseconds(amount / NANOSECONDS);
  return seconds <= LAST_TIME ? seconds : undefined;
}

function pidOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? parseCount(text, "pid") : undefined;
}
