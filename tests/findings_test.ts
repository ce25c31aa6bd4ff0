import assert from "node:assert/strict";
import { findingsOf } from "../lib/findings.ts";
import type { Summary } from "../lib/summary.ts";
import { bareSummary, counter, gauge } from "./sample_run.ts";

const GIB = 1024 ** 3;

function told(parts: Partial<Summary>): string[] {
  return findingsOf(bareSummary(parts)).map(({ lead, evidence }) => `${lead}: ${evidence}`);
}

Deno.test("findingsOf() finds nothing in a bare summary", () => {
  assert.deepEqual(told({}), []);
});

Deno.test("findingsOf() tells kills for want of memory", () => {
  const metrics = { cgroup_oom_kills_total: counter(2), cgroup_memory_limit_bytes: gauge(4 * GIB) };
  assert.deepEqual(told({ metrics }), [
    "Out of memory, 2 processes killed: its cgroup had no more than 4 GiB",
  ]);
  assert.deepEqual(told({ metrics: { cgroup_oom_kills_total: counter(0) } }), []);
});

Deno.test("findingsOf() tells throttling from more than 1 % of the periods on", () => {
  const throttled = (periods: number) => ({
    cgroup_cpu_periods_total: counter(100),
    cgroup_cpu_throttled_periods_total: counter(periods),
    cgroup_cpu_throttled_seconds_total: counter(4.5),
  });
  assert.deepEqual(told({ metrics: throttled(1) }), []);
  assert.deepEqual(told({ metrics: throttled(34) }), [
    "Throttled in 34 % of the periods: by its CPU quota, 4.5 s in all",
  ]);
});

Deno.test("findingsOf() tells memory within 10 % of the limit, of the tree or of its control group", () => {
  assert.deepEqual(told({ metrics: { memory_rss_bytes: gauge(14 * GIB) } }), []);
  assert.deepEqual(told({ metrics: { memory_rss_bytes: gauge(15.2 * GIB) } }), [
    "Memory was nearly used up, 95 % at the peak: it may use 16 GiB",
  ]);
  assert.deepEqual(told({ exact: { memory_peak_bytes: 16 * GIB, sources: {} } }), [
    "Memory was nearly used up, 100 % at the peak: it may use 16 GiB",
  ]);
  const metrics = { cgroup_memory_working_set_bytes: gauge(3.8 * GIB), cgroup_memory_limit_bytes: gauge(4 * GIB) };
  assert.deepEqual(told({ metrics }), ["Memory was nearly used up, 95 % at the peak: it may use 4 GiB"]);
});

Deno.test("findingsOf() does not take the sum of RSS for the peak where PSS is known", () => {
  assert.deepEqual(told({ metrics: { memory_rss_bytes: gauge(20 * GIB), memory_pss_bytes: gauge(GIB) } }), []);
});

Deno.test("findingsOf() tells swapping and pressure", () => {
  assert.deepEqual(told({ metrics: { memory_swap_bytes: gauge(0, { max: 2 * GIB }) } }), [
    "Up to 2 GiB swapped out: memory that has to come back from storage",
  ]);
  const pressure = (resource: string, mean: number) => ({
    metrics: { [`system_pressure_percent{resource="${resource}",kind="some"}`]: gauge(mean) },
  });
  assert.deepEqual(told(pressure("memory", 12)), [
    "The machine ran short of memory 12 % of the time: tasks stood still for it",
  ]);
  assert.deepEqual(told(pressure("io", 23)), [
    "The machine waited for storage 23 % of the time: tasks stood still",
  ]);
  assert.deepEqual(told(pressure("io", 9)), []);
});

Deno.test("findingsOf() tells other programs that keep the machine busy, of a command that wants to compute", () => {
  const run = bareSummary().run;
  const busy = (own: number, all: number, pressure: number) => ({
    run: { ...run, wall_seconds: 100 },
    exact: { cpu_seconds: own, sources: {} },
    machine: { ...bareSummary().machine, cpus: 8, cpus_usable: 8 },
    metrics: {
      system_cpu_percent: gauge(all),
      'system_pressure_percent{resource="cpu",kind="some"}': gauge(pressure),
    },
  });
  assert.deepEqual(told(busy(100, 780, 60)), [
    "Other programs used 6.8 of 8 cores (85 %): tasks waited for a CPU 60 % of the time: alone it may be faster",
  ]);
  assert.deepEqual(told(busy(700, 790, 60)), [], "it is the command itself");
  assert.deepEqual(told(busy(1, 780, 60)), [], "it does not compute");
  assert.deepEqual(told(busy(100, 600, 60)), [], "there were free cores");
  assert.deepEqual(told(busy(100, 780, 5)), [], "nobody waited");
});

Deno.test("findingsOf() names the phases that ended without a start", () => {
  assert.deepEqual(told({ phase_troubles: { ends_without_start: 1, unmatched_names: ["y"] } }), [
    "1 end of a phase that had not begun: y",
  ]);
  assert.deepEqual(told({ phase_troubles: { ends_without_start: 2 } }), [
    "2 ends of phases that had not begun: no phase was open",
  ]);
});

Deno.test("findingsOf() tells one busy core among several", () => {
  const metrics = { cpu_percent: gauge(99, { p95: 101 }) };
  assert.deepEqual(told({ metrics }), [
    "It kept one of 8 cores busy: CPU use 99 % (median), 101 % (p95)",
  ]);
  assert.deepEqual(told({ metrics: { cpu_percent: gauge(99, { p95: 380 }) } }), []);
  assert.deepEqual(told({ metrics: { cpu_percent: gauge(99, { count: 4 }) } }), []);
});

Deno.test("findingsOf() tells all cores busy, and the only one", () => {
  assert.deepEqual(told({ metrics: { cpu_percent: gauge(790) } }), [
    "All of its 8 cores were busy: median CPU use 790 % of 800 %",
  ]);
  const machine = { ...bareSummary().machine, cpus_usable: 1 };
  assert.deepEqual(told({ machine, metrics: { cpu_percent: gauge(99) } }), [
    "Its one core was the limit: median CPU use 99 % of 100 %",
  ]);
});

Deno.test("findingsOf() tells many major faults", () => {
  assert.deepEqual(told({ exact: { major_faults: 99, sources: {} } }), []);
  assert.deepEqual(told({ exact: { major_faults: 12_345, sources: {} } }), [
    "12,345 major page faults: each waited for a read from storage",
  ]);
});

Deno.test("findingsOf() tells CPU time between two ticks from 5 % and 0.1 s on", () => {
  const share = (short_lived_cpu_percent: number, cpu_seconds: number) => ({
    exact: { cpu_seconds, sources: {} },
    processes: { seen: 150, short_lived_cpu_percent, rows: [] },
  });
  assert.deepEqual(told(share(38, 10)), [
    "38 % of the CPU time fell between two ticks: processes shorter than 1 s, and the last moments of others; a shorter " +
    "--interval tells it apart",
  ]);
  assert.deepEqual(told(share(4.9, 10)), []);
  assert.deepEqual(told(share(38, 0.26)), []);
});

Deno.test("findingsOf() tells what sampling could not see", () => {
  const exact = (sampled_cpu_seconds: number) => ({ exact: { cpu_seconds: 10, sampled_cpu_seconds, sources: {} } });
  assert.deepEqual(told(exact(9.2)), [
    "Sampling saw 9.2 s of 10 s of CPU time: the totals are exact, the charts are not",
  ]);
  assert.deepEqual(told(exact(9.95)), []);
});

Deno.test("findingsOf() keeps quiet about a gap below the clock's resolution", () => {
  assert.deepEqual(told({ exact: { cpu_seconds: 0.03, sampled_cpu_seconds: 0.02, sources: {} } }), []);
});

Deno.test("findingsOf() tells skipped ticks from more than 1 % on", () => {
  assert.deepEqual(told({ monitor: { ticks: 990, ticks_skipped: 9 } }), []);
  assert.deepEqual(told({ monitor: { ticks: 990, ticks_skipped: 110 } }), [
    "10 % of the ticks came too late: they were left out; the machine was too busy for an --interval of 1 s",
  ]);
});

Deno.test("findingsOf() tells which output is incomplete", () => {
  const incomplete = [{ output: "samples.csv", reason: "no space left on device" }];
  assert.deepEqual(told({ incomplete }), ["Incomplete output samples.csv: no space left on device"]);
});

Deno.test("findingsOf() says in each lead alone what a line of 80 columns can hold", () => {
  const findings = findingsOf(bareSummary({
    exact: { cpu_seconds: 1e6, sampled_cpu_seconds: 9e5, major_faults: 123_456_789, sources: {} },
    processes: { seen: 150, short_lived_cpu_percent: 38, rows: [] },
    metrics: {
      cgroup_oom_kills_total: counter(12_345),
      cgroup_memory_limit_bytes: gauge(4 * GIB),
      cgroup_memory_working_set_bytes: gauge(4 * GIB),
      cgroup_cpu_periods_total: counter(100),
      cgroup_cpu_throttled_periods_total: counter(99),
      memory_swap_bytes: gauge(2 * GIB),
      cpu_percent: gauge(790),
      'system_pressure_percent{resource="memory",kind="some"}': gauge(99),
      'system_pressure_percent{resource="io",kind="some"}': gauge(99),
    },
  }));
  assert.equal(findings.length, 10);
  assert.deepEqual(findings.filter(({ lead }) => lead.length > 66 || !/\d/.test(lead)), []);
});
