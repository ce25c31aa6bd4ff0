/**
 * Writes docs/metrics.md from the vocabulary. Usage: `deno task docs`; with `--check` it only says whether the file is up to
 * date.
 */
import { createCollectors } from "../collectors/mod.ts";
import { MonitorCollector } from "../collectors/monitor_linux.ts";
import { PortableMonitorCollector } from "../collectors/monitor_portable.ts";
import { PsSource } from "../collectors/process_darwin.ts";
import { ProcessCollector } from "../collectors/process_linux.ts";
import { CimSource } from "../collectors/process_windows.ts";
import { SampledProcessCollector } from "../collectors/sampled_processes.ts";
import type { Collector } from "../lib/contracts.ts";
import { describeMetric, METRIC_NAMES, type MetricName } from "../lib/metrics.ts";

const PATH = new URL("../docs/metrics.md", import.meta.url);

const HEAD = `# What resmon records

Written by \`deno task docs\` from \`lib/metrics.ts\`; \`resmon metrics\` prints the same. A metric without a prefix is of the
command's process tree. A counter only grows: its total is the increase during the run. A rate is derived from two readings
of its counter and the real time between them, an integral from readings of its gauge. Values that a machine does not
tell are absent, and the report says why; \`resmon doctor\` tells which ones yours has.

"From" names the sources by platform, the best one first; "its counter" and "its gauge" are what it is derived from where
no source tells it.
`;

const STATISTICS = { ticks: 0, skipped: 0, gaps: 0, tickSeconds: undefined };
const PLATFORMS: readonly (readonly [name: string, collectors: readonly Collector[]])[] = [
  ["Linux", [
    new ProcessCollector({ startsCommand: true, adopts: true, maxOpenFiles: 0 }),
    ...createCollectors("linux"),
    new MonitorCollector(() => STATISTICS),
  ]],
  ["macOS", [
    new SampledProcessCollector(new PsSource(), { startsCommand: true }),
    ...createCollectors("darwin"),
    new PortableMonitorCollector(() => undefined, () => STATISTICS),
  ]],
  ["Windows", [
    new SampledProcessCollector(new CimSource(), { startsCommand: true }),
    ...createCollectors("windows"),
    new PortableMonitorCollector(() => undefined, () => STATISTICS),
  ]],
];

const SUBJECTS: readonly (readonly [title: string, matches: RegExp])[] = [
  ["The command's process tree", /^(?!system_|disk_|network_|gpu_|neuron_|power_|battery_|cgroup_|monitor_)/],
  ["The machine", /^system_/],
  ["Disks", /^disk_/],
  ["Network interfaces", /^network_/],
  ["GPUs", /^gpu_/],
  ["AWS Neuron", /^neuron_/],
  ["Power and energy", /^(?:power|battery)_/],
  ["The container (control group)", /^cgroup_/],
  ["resmon itself", /^monitor_/],
];

function render(): string {
  return HEAD + SUBJECTS.map(([title, matches]) => {
    const rows = METRIC_NAMES.filter((name) => matches.test(name)).map(renderRow);
    return `\n## ${title}\n\n| metric | unit | kind | meaning | from |\n| --- | --- | --- | --- | --- |\n${
      rows.join("\n")
    }\n`;
  }).join("");
}

function renderRow(name: MetricName): string {
  const { unit, kind, help, labels, rateOf } = describeMetric(name);
  const spelt = labels === undefined ? name : `${name}{${labels.join(",")}}`;
  const told = rateOf === undefined ? kind : `rate of \`${rateOf}\``;
  return `| \`${spelt}\` | ${unit} | ${told} | ${help} | ${sourcesOf(name)} |`;
}

function sourcesOf(name: MetricName): string {
  const told = PLATFORMS.flatMap(([platform, collectors]) => {
    const sources = collectors.filter(({ metrics }) => metrics.includes(name)).flatMap(({ sources }) => sources);
    return sources.length === 0 ? [] : [`**${platform}** ${[...new Set(sources)].map(escapeCell).join("; ")}`];
  });
  const { rateOf, integralOf, isForeign } = describeMetric(name);
  if (isForeign === true) return "files of other systems";
  if (told.length === 0 && rateOf === undefined) throw new Error(`No collector gives ${name}`);
  if (rateOf !== undefined) told.push(`its counter`);
  if (integralOf !== undefined) told.push(`its gauge \`${integralOf}\``);
  return told.join("<br>");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*");
}

function isCurrent(): boolean {
  try {
    return Deno.readTextFileSync(PATH) === render();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (!Deno.args.includes("--check")) {
  Deno.writeTextFileSync(PATH, render());
} else if (!isCurrent()) {
  console.error("docs/metrics.md is not what lib/metrics.ts says: run deno task docs");
  Deno.exit(1);
}
