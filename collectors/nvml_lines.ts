/** What the helper process prints: one JSON object a line, which the collector reads. */

import { decodeJson } from "../lib/json.ts";
import type { Device, Status } from "../lib/records.ts";
import type { GpuColumns, GpuProcess, GpuReading } from "./nvidia_reading.ts";

/** A GPU or MIG instance that was found. */
export interface DeviceLine extends Omit<Device, "label"> {
  readonly type: "device";
}

/** Why numbers are missing. */
export interface StatusLine extends Omit<Status, "collector"> {
  readonly type: "status";
}

/** The order of the values from here on. */
export interface ColumnsLine extends GpuColumns {
  readonly type: "columns";
}

/** What was read once. */
export interface ReadingLine extends GpuReading {
  readonly type: "reading";
}

/** The last line: there is nothing to read, or no more. */
export interface EndLine {
  readonly type: "end";
  readonly state: Exclude<Status["state"], "working">;
  readonly reason: string;
  readonly remedy?: string;
}

/** A line of the helper. */
export type NvmlLine = DeviceLine | StatusLine | ColumnsLine | ReadingLine | EndLine;

const FAILURES = ["unsupported", "denied", "absent", "off", "lost"] as const satisfies readonly EndLine["state"][];

type Fields = Readonly<Record<string, unknown>>;

/** Reads a line of the helper. Throws SyntaxError for anything else. */
export function parseNvmlLine(text: string): NvmlLine {
  const line = decodeJson(text, "a line of the NVML helper");
  if (!isFields(line)) throw malformed("no object");
  switch (line["type"]) {
    case "device":
      return readDevice(line);
    case "status":
      return readStatus(line);
    case "columns":
      return readColumns(line);
    case "reading":
      return readReading(line);
    case "end":
      return { type: "end", ...readFailure(line) };
    default:
      throw malformed("unknown type");
  }
}

function readDevice({ id, name, attributes }: Fields): DeviceLine {
  if (!isFields(attributes)) throw malformed("attributes");
  const texts = Object.entries(attributes).map(([key, value]) => [key, readText(value, key)] as const);
  return {
    type: "device",
    id: readText(id, "id"),
    name: readText(name, "name"),
    attributes: Object.fromEntries(texts),
  };
}

function readStatus(line: Fields): StatusLine {
  return { type: "status", ...readFailure(line), metrics: readTexts(line["metrics"], "metrics") };
}

function readFailure({ state, reason, remedy }: Fields): Omit<EndLine, "type"> {
  return {
    state: FAILURES.find((each) => each === state) ?? fail("state"),
    reason: readText(reason, "reason"),
    ...(remedy === undefined ? {} : { remedy: readText(remedy, "remedy") }),
  };
}

function readColumns({ series, memory, utilization }: Fields): ColumnsLine {
  return {
    type: "columns",
    series: readTexts(series, "series"),
    memory: readTexts(memory, "memory"),
    utilization: readTexts(utilization, "utilization"),
  };
}

function readReading({ values, processes }: Fields): ReadingLine {
  if (!isFields(processes)) throw malformed("processes");
  const lists = Object.entries(processes).map(([gpu, list]) => [gpu, readList(list, "processes").map(readProcess)]);
  return {
    type: "reading",
    values: readList(values, "values").map((value) => readNumber(value, "value")),
    processes: Object.fromEntries(lists),
  };
}

function readProcess(value: unknown): GpuProcess {
  if (!isFields(value)) throw malformed("process");
  const pid = readNumber(value["pid"], "pid");
  if (pid === null) throw malformed("pid");
  const memory = readNumber(value["memory"], "memory");
  return { pid, memory, utilization: readNumber(value["utilization"], "utilization") };
}

function readText(value: unknown, what: string): string {
  return typeof value === "string" ? value : fail(what);
}

function readTexts(value: unknown, what: string): string[] {
  return readList(value, what).map((each) => readText(each, what));
}

function readList(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(what);
}

function readNumber(value: unknown, what: string): number | null {
  if (value === null) return null;
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : fail(what);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(what: string): never {
  throw malformed(what);
}

function malformed(what: string): SyntaxError {
  return new SyntaxError(`Cannot parse a line of the NVML helper: ${what}`);
}
