/** A library with the ABI of NVML, built from workloads/fake_nvml.c, whose answers a test writes into a file. */

import assert from "node:assert/strict";
import { execute } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const SOURCE = new URL("workloads/fake_nvml.c", import.meta.url).pathname;

/** What the library answers: `{"0 PowerUsage": "71500", "1 *": "!15"}`, see the source. */
export type NvmlAnswers = Readonly<Record<string, string>>;

/** The age of the driver that the library is like. */
export type NvmlAge = "new" | "OLD" | "EARLY_535";

/** A built library and its answers. */
export interface FakeNvml {
  readonly folder: string;
  readonly library: string;
  /** The file that holds the answers. */
  readonly answersPath: string;
  /** Gives other answers from now on. */
  answer(answers: NvmlAnswers): void;
}

/** One GPU that tells everything: the answers, under the device's number. */
export function wholeGpu(gpu: number): NvmlAnswers {
  const answers: NvmlAnswers = {
    Name: "NVIDIA H100 80GB HBM3",
    UUID: `GPU-${gpu}`,
    PciInfo: `00000000:${gpu}B:00.0`,
    UtilizationRates: "97 41",
    EncoderUtilization: "0",
    DecoderUtilization: "3",
    MemoryInfo: "85899345920 21474836480 536870912",
    PowerUsage: "412345",
    EnforcedPowerLimit: "700000",
    TotalEnergyConsumption: "123456789012",
    "Temperature.0": "61",
    "FieldValues.82": "72",
    "ClockInfo.0": "1980",
    "ClockInfo.1": "1965",
    "ClockInfo.2": "2619",
    "ClockInfo.3": "1545",
    FanSpeed: "30",
    CurrentClocksEventReasons: "0x24",
    "TotalEccErrors.0": "5",
    "TotalEccErrors.1": "0",
    "PcieThroughput.0": "1200",
    "PcieThroughput.1": "3400",
    ComputeRunningProcesses: "100:1048576 200:max",
    GraphicsRunningProcesses: "100:1048576",
    MPSComputeRunningProcesses: "300:2097152",
    ProcessUtilization: "100:55",
  };
  return Object.fromEntries(Object.entries(answers).map(([key, answer]) => [`${gpu} ${key}`, answer]));
}

/** The answers of a driver with some GPUs. */
export function driver(count: number, ...answers: readonly NvmlAnswers[]): NvmlAnswers {
  return Object.assign({ "nvml Count": `${count}`, "nvml DriverVersion": "590.48.01" }, ...answers);
}

/** Builds the library, and runs a test with it. Its answers stand in a file of its own: test files run at once. */
export function withFakeNvml(test: (nvml: FakeNvml) => Promise<void>, age: NvmlAge = "new"): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const library = `${folder}/libnvidia-ml.so.1`;
    const answersPath = `${folder}/answers`;
    const options = ["-Wall", "-Werror", "-shared", "-fPIC", `-D${age}`, `-DANSWERS="${answersPath}"`];
    const built = await execute(["gcc", ...options, "-o", library, SOURCE]);
    assert.equal(built.code, 0, built.stderr);
    await test({
      folder,
      library,
      answersPath,
      answer: (answers) => writeWhole(answersPath, formatAnswers(answers)),
    });
  });
}

/** The answers as the library reads them. */
export function formatAnswers(answers: NvmlAnswers): string {
  return Object.entries(answers).map(([key, answer]) => `${key} ${answer}\n`).join("");
}

// The library may read it at any moment.
function writeWhole(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.new`, text);
  Deno.renameSync(`${path}.new`, path);
}
