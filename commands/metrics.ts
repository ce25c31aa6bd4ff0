import { describeMetric, METRIC_NAMES, type MetricName } from "../lib/metrics.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { wrapText } from "../lib/wrap_text.ts";
import { writeStdout } from "./stdout.ts";

const WIDTH = 80;

/** Prints the vocabulary on stdout. */
export function printMetrics(options: { readonly json?: boolean }): Promise<ExitStatus> {
  writeStdout(options.json ? renderVocabularyJson() : renderVocabulary());
  return Promise.resolve({ code: 0 });
}

/** The vocabulary as a table for people: name, unit, kind, help. */
export function renderVocabulary(): string {
  return METRIC_NAMES.map((name) => renderMetric(name)).join("\n\n") + "\n";
}

/** The vocabulary as JSON, by name. */
export function renderVocabularyJson(): string {
  const entries = METRIC_NAMES.map((name) => [name, describeMetric(name)] as const);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function renderMetric(name: MetricName): string {
  const { unit, kind, help, labels, rateOf } = describeMetric(name);
  const spelt = labels === undefined ? name : `${name}{${labels.join(",")}}`;
  const facts = [kind, unit, rateOf === undefined ? "" : `rate of ${rateOf}`].filter((fact) => fact !== "").join(", ");
  return [`${spelt}  (${facts})`, ...wrapText(help, WIDTH - 4).map((line) => `    ${line}`)].join("\n");
}
