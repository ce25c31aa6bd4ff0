import assert from "node:assert/strict";
import type { Collector } from "../lib/contracts.ts";
import { describeCollector, describeMetrics, describeUnknown } from "../lib/diagnosis.ts";
import type { Examined } from "../lib/examination.ts";
import type { MetricName } from "../lib/metrics.ts";

function examined(
  name: string,
  metrics: readonly MetricName[],
  { values = [], ...rest }: Partial<Omit<Examined, "values">> & { readonly values?: [string, number | null][] } = {},
): Examined {
  const collector: Collector = {
    name,
    metrics,
    sources: ["/a/file"],
    series: [],
    open: () => undefined,
    collect: () => ({ values: [] }),
    close: () => undefined,
  };
  return {
    collector,
    state: "working",
    parts: [],
    devices: [],
    values: new Map(values),
    isBackground: false,
    ...rest,
  };
}

Deno.test("describeMetrics() tells of a metric with a value that it works, and of rates by their counters", () => {
  const metrics = describeMetrics([examined("load", ["system_forks_total"], { values: [["system_forks_total", 1]] })]);
  assert.deepEqual(metrics.system_forks_total, { state: "working", collectors: ["load"] });
  assert.deepEqual(metrics.system_forks_per_second, {
    state: "working",
    collectors: ["load"],
    from: "system_forks_total",
  });
  assert.equal(metrics.system_load1, undefined);
});

Deno.test("describeMetrics() gives the reason of the part, of the collector, or that nothing was found", () => {
  const part = { state: "denied", metrics: ["system_load1"], reason: "Cannot read it", remedy: "be root" } as const;
  assert.deepEqual(describeMetrics([examined("load", ["system_load1"], { parts: [part] })]).system_load1, {
    state: "denied",
    collectors: ["load"],
    reason: "Cannot read it",
    remedy: "be root",
  });
  assert.deepEqual(
    describeMetrics([examined("load", ["system_load1"], { state: "off", reason: "Cannot wake it" })]).system_load1,
    { state: "off", collectors: ["load"], reason: "Cannot wake it" },
  );
  const whole = { state: "lost", reason: "It is gone" } as const;
  assert.deepEqual(describeMetrics([examined("load", ["system_load1"], { parts: [whole] })]).system_load1, {
    state: "lost",
    collectors: ["load"],
    reason: "It is gone",
  });
  assert.equal(
    describeMetrics([examined("load", ["system_load1"])]).system_load1?.reason,
    "Cannot find it in /a/file",
  );
  assert.equal(
    describeMetrics([examined("load", ["system_load1"], { values: [["system_load1", null]] })]).system_load1?.reason,
    "Cannot read a value at the moment from /a/file",
  );
});

Deno.test("describeMetrics() takes the collector that works, else the failure of a source that is there", () => {
  const absent = examined("a", ["gpu_power_watts"], { state: "absent", reason: "Cannot find it" });
  const denied = examined("b", ["gpu_power_watts"], { state: "denied", reason: "Cannot read it" });
  const working = examined("c", ["gpu_power_watts"], { values: [['gpu_power_watts{gpu="0"}', 30]] });
  assert.deepEqual(describeMetrics([absent, denied, working]).gpu_power_watts, {
    state: "working",
    collectors: ["c"],
  });
  assert.deepEqual(describeMetrics([absent, denied]).gpu_power_watts, {
    state: "denied",
    collectors: ["a", "b"],
    reason: "Cannot read it",
  });
  assert.deepEqual(describeMetrics([working]).gpu_energy_joules_total, {
    state: "working",
    collectors: ["c"],
    from: "gpu_power_watts",
  });
});

Deno.test("describeUnknown() tells of what neither a collector gives nor can be computed from what it gives", () => {
  const { collector } = examined("rail", ["power_watts", "disk_reads_total"]);
  const unknown = describeUnknown([collector], "macOS");
  for (const name of ["power_watts", "power_energy_joules_total", "disk_reads_per_second"] as const) {
    assert.equal(unknown[name], undefined, name);
  }
  assert.deepEqual(unknown.disk_writes_per_second, {
    state: "unsupported",
    collectors: [],
    reason: "Cannot find it on macOS: resmon knows no source of it there",
  });
});

Deno.test("describeCollector() marks what a tool tells in the background", () => {
  const place = { subject: "cpu", alternative: false };
  assert.equal(describeCollector(examined("a", [], { isBackground: true }), place).background, true);
  assert.ok(!("background" in describeCollector(examined("a", []), place)));
});
