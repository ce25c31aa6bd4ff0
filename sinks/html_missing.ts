import { IMPORT } from "../lib/imported_run.ts";
import type { Status } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { type Html, markup } from "./html_template.ts";

/** What people look for in a machine: the collectors that read it, and the series by which a run has it all the same. */
interface Kind {
  readonly word: string;
  readonly collectors: RegExp;
  readonly series: RegExp;
}

const KINDS: readonly Kind[] = [
  { word: "GPU", collectors: /gpu|nvidia|amd_smi|drm/, series: /^gpu_/ },
  { word: "power sensor", collectors: /power|rapl|tegrastats/, series: /^power_/ },
  { word: "battery", collectors: /battery/, series: /^battery_/ },
  { word: "temperature sensor", collectors: /temperature/, series: /^system_temperature_/ },
  { word: "fan", collectors: /^fan$/, series: /^system_fan_/ },
];

/** What was not recorded, why, and what can be done about it; undefined where there is nothing to tell. */
export function missingSection({ unavailable, metrics }: Summary): Html | undefined {
  if (unavailable.length === 0) return undefined;
  const [lacks, troubles] = [unavailable.filter(isLack), unavailable.filter((status) => !isLack(status))];
  return markup`<section><h2>What was not recorded</h2>
${troubles.length === 0 ? undefined : missingList(troubles)}
${lacks.length === 0 ? undefined : lacksOf(lacks, Object.keys(metrics))}</section>`;
}

// Most machines lack most vendors' hardware: that is no news.
function isLack({ state, collector }: Status): boolean {
  return state === "absent" && collector !== IMPORT;
}

function lacksOf(lacks: readonly Status[], series: readonly string[]): Html {
  const whole = lacks.filter(({ metrics }) => metrics === undefined);
  const words = KINDS.filter((kind) =>
    whole.some(({ collector }) => kind.collectors.test(collector)) && !series.some((name) => kind.series.test(name))
  ).map(({ word }) => word);
  const told = words.length === 0 ? "What other machines have" : `What this machine does not have: ${words.join(", ")}`;
  return markup`<details><summary>${told}</summary>
${missingList(lacks)}</details>`;
}

function missingList(unavailable: readonly Status[]): Html {
  const items = unavailable.map(({ collector, state, metrics, reason, remedy }) =>
    markup`<li><strong>${collector}</strong> <span class="state">${state}</span>
<p>${reason ?? "The reason was not told"}${metrics && markup`; concerns ${metrics.join(", ")}`}</p>
${remedy && markup`<p class="remedy">${remedy}</p>`}</li>`
  );
  return markup`<ul class="missing">${items}</ul>`;
}
