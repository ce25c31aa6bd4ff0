/** What `nvidia-smi pmon` prints: lines of processes by GPU, under a header whose columns differ by driver. */

import { parseCount } from "../lib/parse.ts";
import { type GpuProcess, plausible } from "./nvidia_reading.ts";

/** A line of a process, or of a GPU on which there is none. */
export interface PmonLine {
  readonly gpu: string;
  readonly process: GpuProcess | undefined;
}

const MIB = 2 ** 20;

/** The words that make nvidia-smi print the processes with their utilization and memory, every 1 to 10 seconds. */
export function pmonArguments(seconds: number): string[] {
  return ["pmon", "-s", "um", "-d", `${Math.min(Math.max(Math.round(seconds), 1), 10)}`];
}

/** The names of the columns, from the first line of the header; undefined for any other line. */
export function parsePmonHeader(line: string): readonly string[] | undefined {
  const [mark, ...names] = words(line);
  return mark === "#" && names[0] === "gpu" && names.includes("pid") ? names : undefined;
}

/**
 * Reads a line under the names of a header; undefined for other lines of the header. `-` is what the driver does not tell.
 * Throws SyntaxError.
 */
export function parsePmonLine(line: string, names: readonly string[]): PmonLine | undefined {
  const texts = words(line);
  if (texts[0] === "#" || line.startsWith("#")) return undefined;
  // Only the last column, the name of the program, may hold blanks: where it is missing, the line was cut off.
  if (texts.length < names.length) {
    throw new SyntaxError(`Cannot parse a line of nvidia-smi pmon: ${JSON.stringify(line.slice(0, 120))}`);
  }
  const text = (name: string): string | undefined => texts[names.indexOf(name)];
  const gpu = `${parseCount(text("gpu"), "gpu of nvidia-smi pmon")}`;
  const pid = parseCell(text("pid"), "pid");
  if (pid === null) return { gpu, process: undefined };
  const memory = parseCell(text("fb"), "fb");
  const utilization = plausible(parseCell(text("sm"), "sm"), "percent");
  return { gpu, process: { pid, memory: memory === null ? null : plausible(memory * MIB, "bytes"), utilization } };
}

function parseCell(text: string | undefined, name: string): number | null {
  return text === undefined || text === "-" ? null : parseCount(text, `${name} of nvidia-smi pmon`);
}

function words(line: string): string[] {
  return line.trim().split(/\s+/);
}
