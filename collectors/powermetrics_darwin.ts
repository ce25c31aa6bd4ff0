import { Unavailable } from "../lib/contracts.ts";
import { parseDecimal } from "../lib/parse.ts";
import type { FedSubject, LineReader } from "./fed_collector.ts";
import type { SeriesValues } from "./latest.ts";

const SAMPLE_START = "*** Sampled system activity";
const MILLIWATTS = /^(CPU|GPU|ANE|DRAM|Package|Combined) Power(?: \(.*\))?: (\S+) mW$/;
const INTEL_PACKAGE = /^Intel energy model derived package power \(.*\): (\S+)W$/;
const GPU_CLOCK = /^GPU (?:HW )?active frequency: (\S+) MHz$/;
const GPU_USE = /^GPU (?:HW )?active residency: +(\S+)%/;

const REMEDY = "run resmon as root (sudo resmon run ...): macOS tells power to nobody else";

/** One sample of powermetrics(1); what it does not tell is missing. */
export interface PowerSample {
  /** By the name that powermetrics gives it: `CPU`, `GPU`, `ANE`, `DRAM`, and their total `Package` or `Combined`. */
  readonly watts: ReadonlyMap<string, number>;
  readonly gpuHertz?: number;
  readonly gpuPercent?: number;
}

/** Parses the lines of one sample of powermetrics(1), as text. Throws SyntaxError. */
export function parsePowermetrics(lines: readonly string[]): PowerSample {
  const watts = new Map<string, number>();
  let gpuHertz: number | undefined;
  let gpuPercent: number | undefined;
  for (const line of lines) {
    const [, rail = "", milliwatts] = MILLIWATTS.exec(line) ?? [];
    // The GPU stands there twice, in the block of the processor and in its own: the first belongs to the total.
    if (milliwatts !== undefined && !watts.has(rail)) watts.set(rail, readNumber(milliwatts, `${rail} Power`) / 1000);
    const intel = INTEL_PACKAGE.exec(line)?.[1];
    if (intel !== undefined) watts.set("Package", readNumber(intel, "package power"));
    const clock = GPU_CLOCK.exec(line)?.[1];
    if (clock !== undefined) gpuHertz = readNumber(clock, "GPU active frequency") * 1e6;
    const use = GPU_USE.exec(line)?.[1];
    if (use !== undefined) gpuPercent = readNumber(use, "GPU active residency");
  }
  return {
    watts,
    ...(gpuHertz === undefined ? {} : { gpuHertz }),
    ...(gpuPercent === undefined ? {} : { gpuPercent }),
  };
}

// A share below 1 may come without its zero: `.69`.
function readNumber(text: string, name: string): number {
  return parseDecimal(text.startsWith(".") ? `0${text}` : text, `${name} of powermetrics`);
}

/** What reads samplers of powermetrics(1), which needs root. */
export function powermetricsSource(
  sampler: "cpu_power" | "gpu_power",
  read: (sample: PowerSample) => SeriesValues,
): Pick<FedSubject, "command" | "question" | "createReader"> {
  return {
    command: (seconds) => ["powermetrics", "-f", "text", "--samplers", sampler, "-i", String(seconds * 1000)],
    question: ["id", "-u"],
    createReader: (user) => {
      if (user.trim() === "0") return createReader(read);
      throw new Unavailable("denied", "Cannot run powermetrics: it is for root alone", REMEDY);
    },
  };
}

// Nothing ends a sample but the next one: its numbers come an interval late, with their own time.
function createReader(read: (sample: PowerSample) => SeriesValues): LineReader {
  let startedAt: number | undefined;
  let lines: string[] = [];
  return (line, at) => {
    if (!line.startsWith(SAMPLE_START)) {
      lines.push(line);
      return undefined;
    }
    const [before, sampleAt] = [lines, startedAt];
    lines = [];
    startedAt = at;
    if (sampleAt === undefined) return undefined;
    const values = read(parsePowermetrics(before));
    if (values.size === 0) throw new SyntaxError("Cannot parse powermetrics: a sample tells nothing");
    return { values, at: sampleAt };
  };
}
