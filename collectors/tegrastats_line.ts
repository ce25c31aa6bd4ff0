import { parseDecimal } from "../lib/parse.ts";
import { NOT_CONNECTED } from "./jetson_rails.ts";
import { type Bounds, POWER_BOUNDS, requirePlausible } from "./plausible.ts";

/** What a unit of the chip does: percent and hertz where the line tells them, neither while it is off. */
export interface TegraLoad {
  readonly percent?: number;
  readonly hertz?: number;
}

/** One line of tegrastats, as far as /proc does not tell it. */
export interface TegrastatsLine {
  /** Instantaneous power; a little below 0 where the offset of the sensor is larger. A name may come twice. */
  readonly rails: readonly { readonly name: string; readonly watts: number }[];
  /** Null while the block is off. */
  readonly temperatures: ReadonlyMap<string, number | null>;
  readonly gpu?: TegraLoad;
  readonly memoryController?: TegraLoad;
  /** By the name without `_FREQ`, such as `NVENC`, `VIC`, `APE`. */
  readonly engines: ReadonlyMap<string, TegraLoad>;
  /** Words that are not of the grammar, or tell what cannot be. */
  readonly unknown: readonly string[];
}

/** A line while it is being read. */
interface Draft {
  readonly rails: { name: string; watts: number }[];
  readonly temperatures: Map<string, number | null>;
  readonly engines: Map<string, TegraLoad>;
  readonly unknown: string[];
  gpu?: TegraLoad;
  memoryController?: TegraLoad;
}

type Groups = readonly (string | undefined)[];

/** A kind of token; what `take` does not take is stepped over. */
interface Rule {
  readonly pattern: RegExp;
  readonly take?: (draft: Draft, groups: Groups) => void;
  /** Whether it ends in a number, which may be a part of a larger one where it ends the line. */
  readonly isOpen?: boolean;
}

const BLANKS = /\s*/y;
const WORD = /\S+/y;
const LOAD = String.raw`(?:off|(\d+)%(?:@(\d+|\[[\d,]+\]))?|@(\d+|\[[\d,]+\])|(\d+))`;
const ENGINE = "((?:NVENC|NVDEC|NVJPG|NVDLA|MSENC|VIC|OFA|PVA|SE|APE|AVP|VDE)[0-9]*)(?:_FREQ)?";

// Shape decides and not the name: Xavier AGX calls a list, a rail and a sensor CPU. What /proc tells better is stepped over.
const RULES: readonly Rule[] = [
  { pattern: token(String.raw`\d\d-\d\d-\d{4} \d\d:\d\d:\d\d`) },
  { pattern: token(String.raw`RAM +\d+/\d+MB *\(lfb +\d+x\d+[kM]B\)`) },
  { pattern: token(String.raw`SWAP +\d+/\d+MB *\(cached +\d+MB\)`) },
  { pattern: token(String.raw`IRAM +\d+/\d+kB *\(lfb +\d+[kM]B\)`) },
  { pattern: token(String.raw`(?:CPU|cpu) +\[[^\]]*\](?:@\d+)?`) },
  { pattern: token(String.raw`MTS +fg +\d+% +bg +\d+%`) },
  { pattern: token(String.raw`EDP +limit +\d+`) },
  { pattern: token(String.raw`([A-Za-z][\w.-]*)@(-?)(\d+(?:\.\d+)?)C(?:/-?\d+(?:\.\d+)?C)?`), take: takeTemperature },
  {
    pattern: token(String.raw`(?!RAM|SWAP|IRAM)([A-Z]\w*) +(-?)(\d+)(?:mW)?/-?\d+(?:mW)?(?:/-?\d+(?:mW)?)?`),
    take: takeRail,
  },
  { pattern: token(String.raw`([A-Z]\w*) +(-?)(\d+)mW`), take: takeRail },
  { pattern: token(`EMC(?:_FREQ)? +${LOAD}`), take: takeMemoryController, isOpen: true },
  { pattern: token(`GR3D(?:_FREQ)? +${LOAD}`), take: takeGpu, isOpen: true },
  { pattern: token(`GR3D(?:2_FREQ|_PCI) +${LOAD}`) },
  { pattern: token(`${ENGINE} +${LOAD}`), take: takeEngine, isOpen: true },
];

/** Parses a line of tegrastats of any release of Jetson Linux, from TK1 to Thor. Throws SyntaxError for any other line. */
export function parseTegrastats(line: string): TegrastatsLine {
  if (!/\bRAM +\d+\/\d+MB/.test(line)) {
    throw new SyntaxError(`Cannot parse a line of tegrastats: ${JSON.stringify(line.slice(0, 80))}`);
  }
  const draft: Draft = { rails: [], temperatures: new Map(), engines: new Map(), unknown: [] };
  for (let at = endOf(BLANKS, line, 0); at < line.length; at = endOf(BLANKS, line, at)) at = takeToken(line, at, draft);
  return draft;
}

/** Gives where the token ends. */
function takeToken(line: string, at: number, draft: Draft): number {
  for (const { pattern, take, isOpen = false } of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match === null) continue;
    if (!isOpen || pattern.lastIndex < line.length || /[%\]f]$/.test(match[0])) tryTake(draft, match, take);
    return pattern.lastIndex;
  }
  const end = endOf(WORD, line, at);
  draft.unknown.push(line.slice(at, end));
  return end;
}

function tryTake(draft: Draft, [text, ...groups]: RegExpExecArray, take: Rule["take"]): void {
  try {
    take?.(draft, groups);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    draft.unknown.push(text);
  }
}

function token(pattern: string): RegExp {
  return new RegExp(`${pattern}(?!\\S)`, "y");
}

function endOf(pattern: RegExp, line: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(line);
  return pattern.lastIndex;
}

const CELSIUS_BOUNDS: Bounds = { least: -100, most: 200 };
const GATED_CELSIUS = -256;

// The chip for power tells a constant.
function takeTemperature({ temperatures }: Draft, [name = "", sign, digits]: Groups): void {
  const celsius = signed(sign, parseDecimal(digits, "temperature"));
  if (name.startsWith("PMIC")) return;
  const isOff = celsius === GATED_CELSIUS;
  temperatures.set(name, isOff ? null : requirePlausible(celsius, CELSIUS_BOUNDS, "temperature"));
}

// Always mW, also where no unit stands. The second number is the mean since the tool started, the third one the most.
function takeRail({ rails }: Draft, [name = "", sign, digits]: Groups): void {
  const watts = requirePlausible(signed(sign, parseDecimal(digits, "power")) / 1000, POWER_BOUNDS, "power");
  if (name !== NOT_CONNECTED) rails.push({ name, watts });
}

// Without root there is no clock, and the percentage is always 0.
function takeMemoryController(draft: Draft, load: Groups): void {
  const { percent, hertz } = readLoad(load);
  if (hertz !== undefined) draft.memoryController = { hertz, ...(percent === undefined ? {} : { percent }) };
}

function takeGpu(draft: Draft, load: Groups): void {
  draft.gpu = readLoad(load);
}

function takeEngine({ engines }: Draft, [name = "", ...load]: Groups): void {
  engines.set(name, readLoad(load));
}

const PERCENT_BOUNDS: Bounds = { least: 0, most: 100 };
const HERTZ_BOUNDS: Bounds = { least: 0, most: 1e11 };

function readLoad([percent, loaded, clocked, bare]: Groups): TegraLoad {
  const clock = loaded ?? clocked ?? bare;
  return {
    ...(percent === undefined
      ? {}
      : { percent: requirePlausible(parseDecimal(percent, "load"), PERCENT_BOUNDS, "load") }),
    ...(clock === undefined ? {} : { hertz: requirePlausible(readClock(clock), HERTZ_BOUNDS, "clock") }),
  };
}

// A list has a clock for each part of the unit.
function readClock(text: string): number {
  const clocks = text.replace(/[[\]]/g, "").split(",").map((clock) => parseDecimal(clock, "clock"));
  return Math.max(...clocks) * 1e6;
}

function signed(sign: string | undefined, value: number): number {
  return sign === "-" ? -value : value;
}
