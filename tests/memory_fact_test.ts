import assert from "node:assert/strict";
import { memoryFact } from "../lib/memory_fact.ts";
import type { Fact } from "../lib/story.ts";
import type { ExactSummary, MetricSummary } from "../lib/summary.ts";
import { bareSummary, gauge } from "./sample_run.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** What is told of a tree's sampled peaks and of what is known of its largest process, on 16 GiB. */
function told(metrics: Record<string, MetricSummary>, exact: ExactSummary = { sources: {} }): Partial<Fact> {
  const { figure = "", note = "", detail = "" } = memoryFact(bareSummary({ metrics, exact })) ?? {};
  return { figure, note, detail };
}

Deno.test("memoryFact() is absent where nothing is known", () => {
  assert.equal(memoryFact(bareSummary()), undefined);
});

Deno.test("memoryFact() leads with all processes where they were larger together, and says that this was sampled", () => {
  const metrics = { memory_pss_bytes: gauge(11 * GIB), memory_rss_bytes: gauge(14 * GIB) };
  assert.deepEqual(told(metrics, { memory_peak_bytes: 4 * GIB, sources: { memory_peak_bytes: "ru_maxrss" } }), {
    figure: "11 of 16 GiB (69 %)",
    note: "all processes, sampled",
    detail:
      "11 GiB at the peak of all processes (PSS, sampled); 14 GiB at the peak of RSS, which counts shared pages " +
      "once for each process (sampled); 4 GiB in the largest process (kept by the kernel).",
  });
});

Deno.test("memoryFact() takes the sum of RSS where PSS is unknown", () => {
  assert.equal(told({ memory_rss_bytes: gauge(2 * GIB) }).note, "sum of RSS, sampled");
});

Deno.test("memoryFact() leads with the largest process where sampling missed its peak, and says whether it was sampled", () => {
  const metrics = { memory_pss_bytes: gauge(GIB), memory_rss_bytes: gauge(GIB) };
  const peakBy = (source: string) => ({ memory_peak_bytes: 3 * GIB, sources: { memory_peak_bytes: source } });
  const { figure, note } = told(metrics, peakBy("ru_maxrss"));
  assert.deepEqual([figure, note], ["3 of 16 GiB (19 %)", "largest process"]);
  assert.equal(told(metrics, peakBy("sampled VmHWM")).note, "largest process, sampled");
});

Deno.test("memoryFact() calls nothing the peak of all processes that is below the peak of one", () => {
  const exact = { memory_peak_bytes: 390 * MIB, sources: { memory_peak_bytes: "ru_maxrss" } };
  const missed = told({ memory_pss_bytes: gauge(4 * MIB), memory_rss_bytes: gauge(9 * MIB) }, exact);
  assert.equal(
    missed.detail,
    "390 MiB in the largest process (kept by the kernel); sampling missed the peak of all processes together.",
  );
  const nearly = told({ memory_pss_bytes: gauge(350 * MIB), memory_rss_bytes: gauge(389 * MIB) }, exact);
  assert.equal(nearly.detail, "390 MiB in the largest process (kept by the kernel).");
});

Deno.test("memoryFact() leads with the largest process, and not with the sum of RSS, where PSS was read too seldom", () => {
  const exact = { memory_peak_bytes: 420 * MIB, sources: { memory_peak_bytes: "ru_maxrss" } };
  const { figure, detail = "" } = told(
    { memory_pss_bytes: gauge(380 * MIB), memory_rss_bytes: gauge(652 * MIB) },
    exact,
  );
  assert.equal(figure, "420 MiB of 16 GiB");
  assert.match(detail, /^420 MiB in the largest process .*; 652 MiB at the peak of RSS/);
});

Deno.test("memoryFact() tells a sampled peak and its bound as a range from 10 % apart on", () => {
  const exact = (memory_peak_limit_bytes: number) => ({
    memory_peak_bytes: 20 * MIB,
    memory_peak_limit_bytes,
    sources: { memory_peak_bytes: "sampled VmHWM" },
  });
  assert.equal(told({}, exact(22 * MIB)).figure, "20 MiB of 16 GiB");
  assert.deepEqual(told({ memory_pss_bytes: gauge(3 * MIB) }, exact(60 * MIB)), {
    figure: "20 to 60 MiB of 16 GiB",
    note: "largest process",
    detail: "20 to 60 MiB in the largest process (sampled, and a bound by the kernel: sampling may have missed " +
      "its peak); sampling missed the peak of all processes together.",
  });
  assert.equal(told({}, exact(2 * GIB)).figure, "20 MiB to 2 GiB of 16 GiB");
  assert.equal(told({ memory_pss_bytes: gauge(GIB) }, exact(60 * MIB)).note, "all processes, sampled");
});

Deno.test("memoryFact() tells a bound without a sample as such", () => {
  assert.equal(told({}, { memory_peak_limit_bytes: 22 * MIB, sources: {} }).figure, "< 22 MiB of 16 GiB");
});

Deno.test("memoryFact() gives a share where part and whole have the same unit", () => {
  assert.equal(told({ memory_pss_bytes: gauge(11.2 * GIB) }).figure, "11.2 of 16 GiB (70 %)");
  assert.equal(told({ memory_pss_bytes: gauge(320 * MIB) }).figure, "320 MiB of 16 GiB");
});
