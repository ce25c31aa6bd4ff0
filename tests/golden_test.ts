/**
 * What resmon tells of whole machines, against files that were reviewed: `UPDATE_GOLDEN=1 deno test -A tests/golden_test.ts`
 * writes them anew.
 */

import assert from "node:assert/strict";
import { diagnose } from "../commands/doctor.ts";
import { renderDiagnosis } from "../commands/doctor_text.ts";
import type { CollectorFinding, Diagnosis } from "../lib/diagnosis.ts";
import type { Examined } from "../lib/examination.ts";
import { fixtureHost } from "../lib/host.ts";

const FIXTURES = new URL("fixtures/", import.meta.url);
const GOLDEN = new URL("golden/", import.meta.url);
const STYLE = { columns: 80, color: false, unicode: true, all: false };

// What a reading costs is measured, how often a slow source is read follows from it, and the version is that of the release.
function withoutMeasures(diagnosis: Diagnosis): Diagnosis {
  return { ...diagnosis, version: "VERSION", collectors: diagnosis.collectors.map(withoutCost) };
}

function withoutCost(
  { read_microseconds: _cost, period_seconds: _period, ...finding }: CollectorFinding,
): CollectorFinding {
  return finding;
}

// One line for each thing that is told, so that a change of one of them is one line.
function linesOf({ machine, facts, collectors, metrics, ...rest }: Diagnosis): string {
  const lines = [rest, machine ?? null, ...facts, ...collectors, ...Object.entries(metrics)];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function valuesOf(examined: readonly Examined[]): string {
  const lines = examined.flatMap(({ values }) => [...values].map(([series, value]) => `${series} ${value ?? "-"}`));
  return `${lines.join("\n")}\n`;
}

function assertGolden(name: string, text: string): void {
  const file = new URL(name, GOLDEN);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") Deno.writeTextFileSync(file, text);
  assert.equal(text, Deno.readTextFileSync(file), `tests/golden/${name}`);
}

function namesOfMachines(): string[] {
  return Array.from(Deno.readDirSync(FIXTURES), ({ name }) => name).filter((name) => name.endsWith(".tree"))
    .map((name) => name.slice(0, -".tree".length)).sort();
}

for (const name of namesOfMachines()) {
  Deno.test(`resmon doctor tells of ${name} and reads from it what the golden files say`, async () => {
    const host = fixtureHost(await Deno.readTextFile(new URL(`${name}.tree`, FIXTURES)));
    const { diagnosis, examined } = await diagnose(host);
    const golden = withoutMeasures(diagnosis);
    assertGolden(`${name}.txt`, renderDiagnosis(golden, STYLE));
    assertGolden(`${name}.jsonl`, linesOf(golden));
    assertGolden(`${name}.series`, valuesOf(examined));
  });
}
