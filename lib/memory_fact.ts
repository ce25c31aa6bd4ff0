import { formatBytes, formatPercent } from "./format.ts";
import type { Fact } from "./story.ts";
import type { ExactSummary, Summary } from "./summary.ts";
import { isPeakMissed, treePeak } from "./tree_memory.ts";

/** A peak of memory that is known to lie between two numbers of bytes, mostly the same. */
interface Peak {
  /** Absent where only the upper bound is known. */
  readonly atLeast: number | undefined;
  readonly atMost: number;
  readonly note: string;
  /** What follows the bytes in a sentence. */
  readonly meaning: string;
  readonly isPss?: boolean;
}

// A bound that is hardly above what was sampled says nothing new.
const TELLING_BOUND = 1.1;

/**
 * The memory to size a job by, against what the command may use: the larger of the peak of all processes together and the
 * peak of the largest one, saying which it is and whether it was sampled.
 */
export function memoryFact(summary: Summary): Fact | undefined {
  const tree = treePeaks(summary);
  const process = processPeak(summary.exact);
  // Where PSS was read, but not at its peak, the sum of RSS would tell pages that all processes share as those of each.
  const isShared = summary.metrics["memory_pss_bytes"] !== undefined && tree[0]?.isPss !== true;
  const isTreeFirst = process === undefined || (!isShared && process.atMost <= (tree[0]?.atMost ?? 0));
  const processes = process === undefined ? [] : [process];
  const [first, ...rest] = isTreeFirst ? [...tree, ...processes] : [...processes, ...tree];
  if (first === undefined) return undefined;
  const sentences = [first, ...rest].map((peak) => `${formatPeak(peak)} ${peak.meaning}`);
  const source = summary.exact.sources.memory_peak_bytes;
  if (isPeakMissed(summary)) sentences.push("sampling missed the peak of all processes together");
  return {
    subject: "memory",
    label: "Memory",
    figure: formatShare(first, summary.machine.memory_usable_bytes),
    note: first.note,
    detail: `${sentences.join("; ")}.`,
    ...(source !== undefined && { source }),
  };
}

// The sum of RSS counts shared pages several times, so it comes first only where PSS is unknown.
function treePeaks(summary: Summary): Peak[] {
  const pss = treePeak(summary, "memory_pss_bytes");
  const rss = treePeak(summary, "memory_rss_bytes");
  const peaks: Peak[] = [];
  if (pss !== undefined) {
    const meaning = "at the peak of all processes (PSS, sampled)";
    peaks.push({ atLeast: pss, atMost: pss, note: "all processes, sampled", meaning, isPss: true });
  }
  if (rss !== undefined) {
    const meaning = "at the peak of RSS, which counts shared pages once for each process (sampled)";
    peaks.push({ atLeast: rss, atMost: rss, note: "sum of RSS, sampled", meaning });
  }
  return peaks;
}

function processPeak(
  { memory_peak_bytes: known, memory_peak_limit_bytes: bound, sources }: ExactSummary,
): Peak | undefined {
  const isSampled = sources.memory_peak_bytes?.includes("sampled") ?? false;
  const source = isSampled ? "sampled" : "kept by the kernel";
  if (bound !== undefined && bound > TELLING_BOUND * (known ?? 0)) {
    const how = known === undefined ? "" : `${source}, and `;
    const meaning = `in the largest process (${how}a bound by the kernel: sampling may have missed its peak)`;
    return { atLeast: known, atMost: bound, note: "largest process", meaning };
  }
  if (known === undefined) return undefined;
  const note = isSampled ? "largest process, sampled" : "largest process";
  return { atLeast: known, atMost: known, note, meaning: `in the largest process (${source})` };
}

/** Tells a part of a whole, such as `11.2 of 16 GiB (70 %)`; a small or uncertain one with its unit: `3 to 22 MiB of 16 GiB`. */
function formatShare(peak: Peak, whole: number | undefined): string {
  const told = formatPeak(peak);
  if (whole === undefined) return told;
  const [total, unit] = formatBytes(whole).split(" ");
  const [number, ownUnit] = told.split(" ");
  if (peak.atLeast !== peak.atMost || ownUnit !== unit || whole === 0) return `${told} of ${total} ${unit}`;
  return `${number} of ${total} ${unit} (${formatPercent(100 * peak.atMost / whole)})`;
}

function formatPeak({ atLeast, atMost }: Peak): string {
  const most = formatBytes(atMost);
  if (atLeast === undefined) return `< ${most}`;
  if (atLeast === atMost) return most;
  const [number, unit] = formatBytes(atLeast).split(" ");
  return most.endsWith(` ${unit}`) ? `${number} to ${most}` : `${number} ${unit} to ${most}`;
}
