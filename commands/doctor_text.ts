import { type CollectorFinding, CORE, type Diagnosis, type Fact } from "../lib/diagnosis.ts";
import { escapeTerminal } from "../lib/escape.ts";
import { formatSeconds } from "../lib/format.ts";
import { METRIC_NAMES, type MetricName } from "../lib/metrics.ts";
import type { Device, State } from "../lib/records.ts";
import { wrapText } from "../lib/wrap_text.ts";

/** How a diagnosis is written. */
export interface DoctorStyle {
  /** Lines are broken here, but for words that are longer. */
  readonly columns: number;
  readonly color: boolean;
  /** Whether characters beyond ASCII can be shown. */
  readonly unicode: boolean;
  /** Whether every metric is told, and not only what is missing. */
  readonly all: boolean;
}

// The attributes of SGR, see console_codes(4).
const LOOKS = { heading: "1", good: "1;32", bad: "1;31", unsure: "1;33", dim: "2" } as const;

type Look = keyof typeof LOOKS;

/** A text that is broken into lines behind its indent and label. */
interface Row {
  readonly indent: number;
  readonly label?: string;
  readonly text: string;
  readonly look?: Look;
}

const INDENT = 2;
const LABEL_WIDTH = 20;
const BLANK: Row = { indent: 0, text: "" };

/** Tells a diagnosis to people: what works, what is missing and what to do about it, and what kind of machine it is. */
export function renderDiagnosis(diagnosis: Diagnosis, style: DoctorStyle): string {
  const { collectors, facts } = diagnosis;
  // Those of the whole machine may explain the others.
  const troubles = [...facts.flatMap(troubleOfFact), ...collectors.flatMap(troublesOf)];
  const working = workingSubjects(diagnosis);
  const rows = [
    headline(diagnosis),
    ...section("Works", workingRows(diagnosis, style)),
    ...section(
      "Missing, and what to do",
      missingRows(troubles.filter((trouble) => isWorthTelling(trouble, working)), style),
    ),
    ...section(
      "Not on this machine, off or not needed",
      absentRows(troubles.filter((trouble) => !isWorthTelling(trouble, working)), style),
    ),
    ...section("This machine", facts.map(({ name, value }) => labelled(name, value))),
    ...(style.all ? section("Metrics", METRIC_NAMES.flatMap((name) => metricRows(name, diagnosis))) : []),
  ];
  return rows.flatMap((row) => layOut(row, style)).join("\n") + "\n";
}

function headline({ version, works, collectors }: Diagnosis): Row {
  const working = collectors.filter(({ state }) => state === "working").length;
  const core = works ? "the core works" : "the core does not work, so that nothing can be recorded";
  const sources = `${working} of ${count(collectors.length, "source")} give numbers`;
  return { indent: 0, text: `resmon ${version}: ${core}; ${sources}`, look: works ? "good" : "bad" };
}

function section(title: string, rows: readonly Row[]): Row[] {
  return rows.length === 0 ? [] : [BLANK, { indent: 0, text: title, look: "heading" }, ...rows];
}

function labelled(label: string, text: string): Row {
  return { indent: INDENT, label: `${label.padEnd(LABEL_WIDTH - 1)} `, text };
}

function workingRows({ collectors, metrics }: Diagnosis, style: DoctorStyle): Row[] {
  const working = collectors.filter(({ state }) => state === "working");
  const cost = working.reduce((sum, { read_microseconds: each = 0 }) => sum + each, 0);
  const total = {
    indent: INDENT,
    text: `One reading of all of them takes ${microseconds(cost)}.`,
    look: "dim",
  } as const;
  const rows = working.flatMap((finding) => {
    const read = Object.values(metrics).filter(({ state, from, collectors }) =>
      state === "working" && from === undefined && collectors.includes(finding.name)
    );
    const text = [count(read.length, "metric"), ...describeWorking(finding, style)].join(", ");
    const sources: Row = { ...labelled("", `from ${finding.sources.join(", ")}`), look: "dim" };
    return [labelled(finding.name, text), ...(style.all ? [sources] : [])];
  });
  return cost > 0 ? [...rows, total] : rows;
}

function* describeWorking(finding: CollectorFinding, { unicode }: DoctorStyle): Generator<string> {
  const { values, devices, read_microseconds: cost, period_seconds: period, background = false } = finding;
  yield `${values} series`;
  if (devices.length > 0) yield deviceNames(devices, unicode ? "×" : "x");
  if (background) yield "read in the background";
  else if (cost !== undefined) yield `${microseconds(cost)} a reading`;
  if (period !== undefined) yield `every ${formatSeconds(period)}`;
}

function microseconds(count: number): string {
  return formatSeconds(count / 1e6);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function deviceNames(devices: readonly Device[], times: string): string {
  const counts = new Map<string, number>();
  for (const { name } of devices) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Array.from(counts, ([name, number]) => number === 1 ? name : `${number} ${times} ${name}`).join(", ");
}

/** Something that is not as it could be. */
interface Trouble {
  readonly name: string;
  readonly finding?: CollectorFinding;
  readonly state?: State;
  readonly reason?: string | undefined;
  readonly remedy?: string | undefined;
}

function troublesOf(finding: CollectorFinding): Trouble[] {
  const { name, subject, state, reason, remedy, parts } = finding;
  const full = subject === name ? name : `${subject}: ${name}`;
  if (state !== "working") return [{ name: full, finding, state, reason, remedy }];
  return parts.map(({ metrics = [], state, reason, remedy }) => {
    const what = metrics.length > 1 ? `${metrics.length} metrics` : metrics[0];
    return { name: what === undefined ? full : `${full}, ${what}`, finding, state, reason, remedy };
  });
}

function troubleOfFact({ name, value, trouble, remedy }: Fact): Trouble[] {
  return trouble === undefined ? [] : [{ name: `${name}: ${value}`, reason: trouble, remedy }];
}

// What a machine simply does not have is no trouble, unless every run needs it or something can be done about it. What a
// collector beside the main one of its subject lacks, most machines do not have; a vendor's second source may be off.
function isWorthTelling({ finding, state, remedy }: Trouble, working: ReadonlySet<string>): boolean {
  if (finding === undefined || state === "denied" || state === "lost") return true;
  if (finding.state === "working") return remedy !== undefined;
  if (finding.alternative && state === "off") return !working.has(finding.subject);
  if (state !== "absent" || CORE.includes(finding.name)) return true;
  return remedy !== undefined && finding.name === finding.subject;
}

function workingSubjects({ collectors }: Diagnosis): ReadonlySet<string> {
  return new Set(collectors.filter(({ state }) => state === "working").map(({ subject }) => subject));
}

function missingRows(troubles: readonly Trouble[], { unicode }: DoctorStyle): Row[] {
  const alike = Map.groupBy(troubles, ({ name, state, remedy }) => JSON.stringify([name, state, remedy]));
  return [...alike.values()].flatMap((group): Row[] => {
    const [{ name, state, remedy } = { name: "" }] = group;
    return [
      { indent: INDENT, text: state === undefined ? name : `${name} (${state})`, look: "unsure" },
      ...group.flatMap(({ reason }) => reason === undefined ? [] : [{ indent: 2 * INDENT, text: reason }]),
      ...remedyRow({ remedy }, unicode),
    ];
  });
}

function remedyRow({ remedy }: Pick<Trouble, "remedy">, unicode: boolean): Row[] {
  if (remedy === undefined) return [];
  return [{ indent: 2 * INDENT, label: unicode ? "→ " : "> ", text: remedy, look: "heading" }];
}

// Of vendors that a machine does not have the names are enough.
function absentRows(troubles: readonly Trouble[], { all, unicode }: DoctorStyle): Row[] {
  if (all) {
    return troubles.flatMap((
      trouble,
    ) => [absentRow(trouble.name, trouble.reason ?? ""), ...remedyRow(trouble, unicode)]);
  }
  const vendors = troubles.filter(({ finding }) => finding?.alternative);
  const bySubject = Map.groupBy(vendors, ({ finding }) => finding?.subject ?? "");
  const hint = { indent: INDENT, text: "resmon doctor --all tells what each of these needs.", look: "dim" as const };
  return [
    ...troubles.filter((trouble) => !vendors.includes(trouble)).map(({ name, reason = "" }) => absentRow(name, reason)),
    ...Array.from(bySubject, ([subject, group]) => absentRow(subject, namesOf(group))),
    ...(troubles.length > 0 ? [hint] : []),
  ];
}

function namesOf(troubles: readonly Trouble[]): string {
  return [...new Set(troubles.map(({ finding }) => finding?.name))].join(", ");
}

function absentRow(name: string, reason: string): Row {
  return name.length < LABEL_WIDTH
    ? { ...labelled(name, reason), look: "dim" }
    : { indent: INDENT, text: `${name}: ${reason}`, look: "dim" };
}

function metricRows(name: MetricName, { metrics }: Diagnosis): Row[] {
  const finding = metrics[name];
  if (finding === undefined) return [];
  const { state, collectors, from, reason } = finding;
  const source = from === undefined ? collectors.join(", ") : `computed from ${from}`;
  return [
    { indent: INDENT, text: `${name}: ${state === "working" ? source : state}` },
    ...(reason === undefined ? [] : [{ indent: 2 * INDENT, text: reason, look: "dim" as const }]),
  ];
}

function layOut({ indent, label = "", text, look }: Row, { columns, color }: DoctorStyle): string[] {
  const start = `${" ".repeat(indent)}${label}`;
  const lines = wrapText(escapeTerminal(text), Math.max(LABEL_WIDTH, columns - start.length));
  return lines.map((line, index) => {
    const painted = color && look !== undefined ? `\x1b[${LOOKS[look]}m${line}\x1b[0m` : line;
    return `${index === 0 ? start : " ".repeat(start.length)}${painted}`.trimEnd();
  });
}
