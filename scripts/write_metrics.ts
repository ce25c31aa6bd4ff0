/**
 * Writes docs/metrics.md from the vocabulary. Usage: `deno task docs`; with `--check` it only says whether the file is up to
 * date.
 */
import { describeMetric, METRIC_NAMES, type MetricName } from "../lib/metrics.ts";

const PATH = new URL("../docs/metrics.md", import.meta.url);

const HEAD = `# What resmon records

Written by \`deno task docs\` from \`lib/metrics.ts\`; \`resmon metrics\` prints the same. A metric without a prefix is of the
command's process tree. A counter only grows: its total is the increase during the run. A rate is derived from two readings
of its counter and the real time between them. Values that a machine does not tell are absent, and the report says why.
`;

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
    return `\n## ${title}\n\n| metric | unit | kind | meaning |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  }).join("");
}

function renderRow(name: MetricName): string {
  const { unit, kind, help, labels, rateOf } = describeMetric(name);
  const spelt = labels === undefined ? name : `${name}{${labels.join(",")}}`;
  const told = rateOf === undefined ? kind : `rate of \`${rateOf}\``;
  return `| \`${spelt}\` | ${unit} | ${told} | ${help} |`;
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
