import { InvalidArgumentError, Option } from "commander";
import { listSubjects, selectCollectors } from "../collectors/mod.ts";
import { parseDecimal } from "../lib/parse.ts";
import { PLATFORM } from "../lib/platform.ts";
import { type DestinationOptions, parseCompat, parseDestination } from "./destinations.ts";

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, "": 1 };

// Below it the runtime's timers, of about a millisecond, would tell more of themselves than of the command.
const MIN_INTERVAL = 0.01;

/** Reads `100ms`, `1s`, `2m`, `1h` or bare seconds into seconds. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|min|h|)$/.exec(text.trim());
  const factor = SECONDS[match?.[2] ?? "none"];
  if (match === null || factor === undefined) {
    throw new InvalidArgumentError(`"${text}" is no duration: write it like 100ms, 1s, 2m or 1h.`);
  }
  return parseDecimal(match[1], "duration") * factor;
}

/** Reads the time between two ticks, at least 10 ms. */
export function parseInterval(text: string): number {
  const seconds = parseDuration(text);
  if (seconds < MIN_INTERVAL) throw new InvalidArgumentError(`"${text}" is too short: the least interval is 10ms.`);
  return seconds;
}

/** Checks words of `--metrics` and gives them back. */
export function parseMetrics(words: string): string {
  try {
    selectCollectors(words, PLATFORM);
    return words;
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}

/** Adds one `key=value` to the tags so far. */
export function parseTag(text: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals <= 0) throw new InvalidArgumentError(`"${text}" is no tag: write it like model=resnet50.`);
  return { ...tags, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Reads a process id, of which there may be one. */
export function parsePid(text: string, before?: number): number {
  if (before !== undefined) throw new InvalidArgumentError("Only one process can be recorded at a time.");
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError(`"${text}" is no pid: it is a number such as 4711.`);
  return parseInt(text, 10);
}

/** The options that `run` and `attach` share, as the program hands them on. */
export interface RecordingOptions extends DestinationOptions {
  readonly interval: number;
  readonly metrics: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly tag: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly report: boolean;
  readonly sync?: number;
  readonly waitAll?: boolean;
  /** A fixture to read in place of the machine; the command's processes are the real ones. */
  readonly root?: string;
}

/** Makes the options that `run` and `attach` share. */
export function recordingOptions(): Option[] {
  const words = ["all", ...listSubjects(PLATFORM).map(({ word }) => word)];
  return [
    new Option("-i, --interval <time>", "time between two ticks: 100ms, 1s, 2m; at least 10ms")
      .default(1, "1s").argParser(parseInterval),
    new Option(
      "-m, --metrics <words>",
      `what to record, separated by commas, "-word" leaves one out: ${words.join(", ")}`,
    )
      .default("all", "all").argParser(parseMetrics),
    new Option("-o, --output <folder>", "folder for the results (default: a new one in resmon-runs)"),
    new Option("--force", "replace an earlier run in that folder"),
    new Option("--tag <key=value>", "a label to find the run by; may be repeated").default({}, "none").argParser(
      parseTag,
    ),
    new Option("--message <text>", "a note to keep with the run"),
    new Option("--no-report", "do not write report.html; `resmon report` can make it later"),
    new Option("-q, --quiet", "print nothing at the end"),
    new Option("--sync <time>", "force the log onto the disk this often, for boards that may lose power")
      .argParser(parseDuration),
    new Option("--wait-all", "go on until the whole process tree has ended, daemons included"),
    ...destinationOptions(),
    fixtureOption(),
  ].map(withVariable);
}

function destinationOptions(): Option[] {
  return [
    new Option("--to <destination>", "tell the run as it goes on: prometheus:9100 or http://HOST:PORT; may be repeated")
      .default([], "nowhere").argParser(parseDestination),
    new Option("--identifier <name>", "what to tell the server of --to http://... who speaks (default: a random one)"),
    new Option("--compat <system>", "the names and texts of another system for --to: heflwr, heflwr:cpu,power")
      .argParser(parseCompat),
  ];
}

/** Makes the option that puts a fixture in the place of the machine, as `resmon doctor --capture` writes it: for bug reports. */
export function fixtureOption(): Option {
  return new Option("--root <file>", "read a fixture in place of this machine").hideHelp();
}

/**
 * Lets `RESMON_<OPTION>` set an option: `RESMON_INTERVAL=100ms`, `RESMON_NO_REPORT=1`. A switch is off where its variable is
 * empty, `0` or `false`.
 */
export function withVariable(option: Option): Option {
  const name = `RESMON_${option.name().toUpperCase().replaceAll("-", "_")}`;
  const takesValue = option.required || option.optional;
  if (takesValue) return option.env(name);
  const value = Deno.env.get(name) ?? "";
  return ["", "0", "false"].includes(value) ? option : option.env(name);
}
