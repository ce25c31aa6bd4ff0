/** What resmon reads through the real calling conventions of NVML, from a library made for the test. */

import assert from "node:assert/strict";
import type { ColumnsLine, NvmlLine, ReadingLine, StatusLine } from "../collectors/nvml_lines.ts";
import { parseNvmlLine } from "../collectors/nvml_lines.ts";
import { NvmlSampler } from "../collectors/nvml_sampler.ts";
import { SystemClock } from "../lib/clock.ts";
import { Unavailable } from "../lib/contracts.ts";
import { Nvml } from "../lib/ffi/nvml.ts";
import { driver, type FakeNvml, type NvmlAge, type NvmlAnswers, wholeGpu, withFakeNvml } from "./fake_nvml.ts";

/** What a sampler told, taken apart. */
class Told {
  readonly lines: NvmlLine[] = [];

  take(line: NvmlLine): void {
    assert.deepEqual(parseNvmlLine(JSON.stringify(line)), line, "the collector reads what the helper prints");
    this.lines.push(line);
  }

  get columns(): ColumnsLine {
    return this.#last("columns");
  }

  get reading(): ReadingLine {
    return this.#last("reading");
  }

  get statuses(): StatusLine[] {
    return this.lines.filter((line) => line.type === "status");
  }

  get values(): Map<string, number | null> {
    const { values } = this.reading;
    assert.equal(values.length, this.columns.series.length);
    return new Map(this.columns.series.map((series, index) => [series, values[index] ?? null]));
  }

  #last<T extends NvmlLine["type"]>(type: T): Extract<NvmlLine, { type: T }> {
    const line = this.lines.findLast((each): each is Extract<NvmlLine, { type: T }> => each.type === type);
    assert.ok(line !== undefined, type);
    return line;
  }
}

interface Sampling {
  readonly told: Told;
  readonly sampler: NvmlSampler;
  readonly fake: FakeNvml;
}

/** Opens a sampler on a driver with these answers, and takes a sample. */
function withSampler(
  answers: NvmlAnswers,
  test: (sampling: Sampling) => void | Promise<void>,
  age?: NvmlAge,
): Promise<void> {
  return withFakeNvml(async (fake) => {
    fake.answer(answers);
    const told = new Told();
    const nvml = new Nvml(fake.library);
    try {
      const sampler = new NvmlSampler({
        nvml,
        clock: new SystemClock(),
        interval: 1,
        write: (line) => told.take(line),
      });
      await sampler.open();
      sampler.sample();
      await test({ told, sampler, fake });
    } finally {
      nvml.close();
    }
  }, age);
}

function gpu(metric: string, index: string | number, labels = ""): string {
  return `${metric}{gpu="${index}"${labels}}`;
}

Deno.test("NvmlSampler reads every number of a GPU in base units", () =>
  withSampler(driver(1, wholeGpu(0)), ({ told }) => {
    const throttle = (state: string): string => gpu("gpu_throttle", 0, `,state="${state}"`);
    assert.deepEqual(Object.fromEntries(told.values), {
      [gpu("gpu_utilization_percent", 0)]: 97,
      [gpu("gpu_memory_busy_percent", 0)]: 41,
      [gpu("gpu_encoder_percent", 0)]: 0,
      [gpu("gpu_decoder_percent", 0)]: 3,
      [gpu("gpu_memory_used_bytes", 0)]: 20 * 2 ** 30,
      [gpu("gpu_memory_total_bytes", 0)]: 80 * 2 ** 30,
      [gpu("gpu_power_watts", 0)]: 412.345,
      [gpu("gpu_power_limit_watts", 0)]: 700,
      [gpu("gpu_energy_joules_total", 0)]: 123_456_789.012,
      [gpu("gpu_temperature_celsius", 0, ',sensor="gpu"')]: 61,
      [gpu("gpu_temperature_celsius", 0, ',sensor="memory"')]: 72,
      [gpu("gpu_clock_hertz", 0, ',clock="graphics"')]: 1_980_000_000,
      [gpu("gpu_clock_hertz", 0, ',clock="sm"')]: 1_965_000_000,
      [gpu("gpu_clock_hertz", 0, ',clock="memory"')]: 2_619_000_000,
      [gpu("gpu_clock_hertz", 0, ',clock="video"')]: 1_545_000_000,
      [gpu("gpu_fan_percent", 0)]: 30,
      [throttle("applications_clocks_setting")]: 0,
      [throttle("sw_power_cap")]: 1,
      [throttle("hw_slowdown")]: 0,
      [throttle("sync_boost")]: 0,
      [throttle("sw_thermal_slowdown")]: 1,
      [throttle("hw_thermal_slowdown")]: 0,
      [throttle("hw_power_brake_slowdown")]: 0,
      [gpu("gpu_ecc_errors_total", 0, ',kind="corrected"')]: 5,
      [gpu("gpu_ecc_errors_total", 0, ',kind="uncorrected"')]: 0,
      [gpu("gpu_pcie_transmit_bytes_per_second", 0)]: 1_200_000,
      [gpu("gpu_pcie_receive_bytes_per_second", 0)]: 3_400_000,
    });
    assert.deepEqual(told.statuses, []);
    assert.deepEqual(told.lines[0], {
      type: "device",
      id: "0",
      name: "NVIDIA H100 80GB HBM3",
      attributes: { uuid: "GPU-0", bus: "00000000:0B:00.0", driver: "590.48.01" },
    });
  }));

Deno.test("NvmlSampler merges the lists of processes, and takes memory that the driver does not know as unknown", () =>
  withSampler(driver(1, wholeGpu(0)), ({ told }) => {
    assert.deepEqual(told.columns.memory, ["0"]);
    assert.deepEqual(told.reading.processes, {
      0: [
        { pid: 100, memory: 1048576, utilization: 55 },
        { pid: 200, memory: null, utilization: 0 },
        { pid: 300, memory: 2097152, utilization: 0 },
      ],
    });
  }));

Deno.test("NvmlSampler tells 0 for processes where the driver found none that did something", () =>
  withSampler(driver(1, wholeGpu(0), { "0 ProcessUtilization": "" }), ({ told }) => {
    assert.deepEqual(told.reading.processes[0]?.map(({ utilization }) => utilization), [0, 0, 0]);
  }));

Deno.test("NvmlSampler reads the processes of the first drivers of branch 535, whose structs are longer", () =>
  withSampler(
    driver(1, wholeGpu(0)),
    ({ told }) => assert.deepEqual(told.reading.processes[0]?.map(({ pid }) => pid), [100, 200, 300]),
    "EARLY_535",
  ));

Deno.test("NvmlSampler reads an old driver by its older calls", () => {
  const { "0 CurrentClocksEventReasons": reasons = "", ...answers } = wholeGpu(0);
  return withSampler(driver(1, answers, { "0 CurrentClocksThrottleReasons": reasons }), ({ told }) => {
    const { values } = told;
    // What the driver keeps for itself is a part of what the plain call tells as used.
    assert.equal(values.get(gpu("gpu_memory_used_bytes", 0)), 20.5 * 2 ** 30);
    assert.equal(values.get(gpu("gpu_throttle", 0, ',state="sw_power_cap"')), 1);
    assert.equal(values.has(gpu("gpu_energy_joules_total", 0)), false);
    assert.deepEqual(told.reading.processes[0], [
      { pid: 100, memory: 1048576, utilization: null },
      { pid: 200, memory: null, utilization: null },
    ]);
    assert.deepEqual(told.columns.utilization, []);
    assert.match(told.statuses[0]?.reason ?? "", /does not have this function \(NVML code 13\)/);
  }, "OLD");
});

Deno.test("NvmlSampler leaves out what a GPU does not support, and says so once for GPUs that are alike", () => {
  const server = { "0 FanSpeed": "!3", "1 FanSpeed": "!3", "1 TotalEccErrors.0": "!4", "1 TotalEccErrors.1": "!4" };
  return withSampler(driver(2, wholeGpu(0), wholeGpu(1), server), ({ told }) => {
    assert.ok(!told.columns.series.some((series) => series.startsWith("gpu_fan_percent")));
    assert.ok(told.columns.series.includes(gpu("gpu_ecc_errors_total", 0, ',kind="corrected"')));
    assert.ok(!told.columns.series.includes(gpu("gpu_ecc_errors_total", 1, ',kind="corrected"')));
    const [fan, ecc, ...rest] = told.statuses;
    assert.deepEqual(rest, []);
    assert.deepEqual(fan, {
      type: "status",
      state: "unsupported",
      metrics: ["gpu_fan_percent"],
      reason: "NVML does not tell it of GPU 0, 1: not supported (NVML code 3)",
    });
    assert.deepEqual([ecc?.state, ecc?.metrics], ["denied", ["gpu_ecc_errors_total"]]);
    assert.match(ecc?.remedy ?? "", /\/dev\/nvidia/);
  });
});

Deno.test("NvmlSampler probes each metric, whichever call is not supported", async () => {
  const keys = Object.keys(wholeGpu(0)).map((key) => key.slice(2)).filter((key) => !key.startsWith("PcieThroughput"));
  await withFakeNvml(async (fake) => {
    const nvml = new Nvml(fake.library);
    for (const key of keys) {
      fake.answer(driver(1, wholeGpu(0), { [`0 ${key}`]: "!3" }));
      const told = new Told();
      const sampler = new NvmlSampler({
        nvml,
        clock: new SystemClock(),
        interval: 1,
        write: (line) => told.take(line),
      });
      await sampler.open();
      sampler.sample();
      assert.ok(told.values.size >= 20, key);
      assert.deepEqual([...told.values].filter(([, value]) => value === null), [], key);
    }
    nvml.close();
  });
});

Deno.test("NvmlSampler has a gap where a call fails for a moment, or tells what cannot be", () =>
  withSampler(driver(1, wholeGpu(0)), ({ told, sampler, fake }) => {
    const absurd = {
      "0 PowerUsage": "!999",
      "0 UtilizationRates": "4294967295 200",
      "0 MemoryInfo": "18446744073709551615 18446744073709551615 0",
      "0 Temperature.0": "4294967295",
      "0 ClockInfo.1": "4000000000",
      "0 ProcessUtilization": "100:4000000000",
      "0 GraphicsRunningProcesses": "!3",
    };
    fake.answer(driver(1, wholeGpu(0), absurd));
    const { columns } = told;
    sampler.sample();
    assert.equal(told.columns, columns);
    const gaps = [...told.values].filter(([, value]) => value === null).map(([series]) => series);
    assert.deepEqual(gaps, [
      gpu("gpu_utilization_percent", 0),
      gpu("gpu_memory_busy_percent", 0),
      gpu("gpu_memory_used_bytes", 0),
      gpu("gpu_memory_total_bytes", 0),
      gpu("gpu_power_watts", 0),
      gpu("gpu_temperature_celsius", 0, ',sensor="gpu"'),
      gpu("gpu_clock_hertz", 0, ',clock="sm"'),
    ]);
    assert.deepEqual(told.reading.processes, {}, "half of the lists would be less than there is");
  }));

Deno.test("NvmlSampler goes on without a GPU that is lost half way, and ends with the last one", () =>
  withSampler(driver(3, wholeGpu(0), wholeGpu(1), wholeGpu(2)), ({ told, sampler, fake }) => {
    fake.answer(driver(3, wholeGpu(0), wholeGpu(1), wholeGpu(2), { "1 PowerUsage": "!15" }));
    sampler.sample();
    assert.deepEqual(told.columns.memory, ["0", "2"]);
    assert.ok(!told.columns.series.some((series) => series.includes('gpu="1"')));
    assert.equal(told.values.get(gpu("gpu_power_watts", 2)), 412.345);
    const [lost] = told.statuses;
    assert.equal(lost?.state, "lost");
    assert.match(lost?.reason ?? "", /Cannot read GPU 1: the GPU is lost/);
    fake.answer(driver(3, { "0 *": "!15", "2 *": "!16" }));
    assert.throws(
      () => sampler.sample(),
      (error) => error instanceof Unavailable && error.state === "lost" && error.remedy !== undefined,
    );
  }));

Deno.test("NvmlSampler ends when the driver is gone", () =>
  withSampler(driver(2, wholeGpu(0), wholeGpu(1)), ({ sampler, fake }) => {
    fake.answer(driver(2, { "0 *": "!9", "1 *": "!9" }));
    assert.throws(() => sampler.sample(), /^Unavailable: Cannot use NVML: the NVIDIA driver is not loaded/);
  }));

Deno.test("NvmlSampler begins with the GPUs that are not lost", () =>
  withSampler(driver(2, wholeGpu(1), { "0 *": "!15" }), ({ told }) => {
    assert.deepEqual(told.columns.memory, ["1"]);
    assert.equal(told.statuses[0]?.state, "lost");
  }));

Deno.test("NvmlSampler tells MIG instances as parts of their GPU, which has power and no use of its own", () => {
  const unsupported = { "0 UtilizationRates": "!3", "0 EncoderUtilization": "!3", "0 DecoderUtilization": "!3" };
  const mode = { "0 MigMode": "1", "0 MaxMigDeviceCount": "7" };
  const instances = {
    "0 MigDeviceHandleByIndex.0": "0",
    "0 MigDeviceHandleByIndex.2": "0",
    "0/mig0 Name": "NVIDIA H100 MIG 1g.10gb",
    "0/mig0 UUID": "MIG-a",
    "0/mig0 MemoryInfo": "10737418240 1073741824 0",
    "0/mig0 ComputeRunningProcesses": "100:1073741824",
    "0/mig0 GraphicsRunningProcesses": "",
    "0/mig2 MemoryInfo": "10737418240 0 0",
    "0/mig2 ComputeRunningProcesses": "!4",
  };
  return withSampler(driver(1, wholeGpu(0), unsupported, mode, instances), ({ told }) => {
    const { values } = told;
    assert.equal(values.get(gpu("gpu_memory_used_bytes", "0/mig0")), 2 ** 30);
    assert.equal(values.get(gpu("gpu_memory_used_bytes", "0/mig2")), 0);
    assert.equal(values.get(gpu("gpu_power_watts", 0)), 412.345);
    assert.ok(!values.has(gpu("gpu_utilization_percent", 0)));
    assert.deepEqual(told.columns.memory, ["0/mig0"]);
    assert.deepEqual(told.columns.utilization, []);
    assert.deepEqual(told.reading.processes, { "0/mig0": [{ pid: 100, memory: 2 ** 30, utilization: null }] });
    const reasons = told.statuses.map(({ reason }) => reason);
    assert.ok(reasons.some((reason) => /of GPU 0: not supported/.test(reason ?? "")), String(reasons));
    const names = told.lines.flatMap((line) => line.type === "device" ? [`${line.id} ${line.name}`] : []);
    assert.deepEqual(names, ["0 NVIDIA H100 80GB HBM3", "0/mig0 NVIDIA H100 MIG 1g.10gb", "0/mig2 NVIDIA GPU"]);
  });
});

Deno.test("NvmlSampler takes the instances of a GPU that is lost out with it", () => {
  const divided = {
    "0 MigMode": "1",
    "0 MaxMigDeviceCount": "1",
    "0 MigDeviceHandleByIndex.0": "0",
    "0/mig0 MemoryInfo": "10737418240 0 0",
  };
  return withSampler(driver(2, wholeGpu(0), divided, wholeGpu(1)), ({ told, sampler, fake }) => {
    fake.answer(driver(2, wholeGpu(0), divided, wholeGpu(1), { "0 FanSpeed": "!28" }));
    sampler.sample();
    assert.equal(told.values.get(gpu("gpu_power_watts", 1)), 412.345);
    assert.ok(told.columns.series.every((series) => series.includes('gpu="1"')));
  });
});

for (
  const [what, answers, message] of [
    ["the driver is not loaded", { "nvml Init": "!9" }, /not loaded \(NVML code 9\)/],
    ["the library was not found", { "nvml Init": "!12" }, /not found \(NVML code 12\)/],
    ["driver and library differ", { "nvml Init": "!18" }, /different versions \(NVML code 18\)/],
    ["there is no GPU", { "nvml Count": "0" }, /NVML lists none/],
    ["NVML supports nothing, as on Jetson", { "nvml Count": "1" }, /tells nothing of any of them/],
    ["the only GPU is lost", { "nvml Count": "1", "0 *": "!15" }, /Cannot read GPU 0/],
  ] as const
) {
  Deno.test(`NvmlSampler says why there are no numbers where ${what}`, async () => {
    await assert.rejects(withSampler(answers, () => assert.fail("it opened")), message);
  });
}
