/** The functions of nvml.h that resmon calls. All are optional: a driver has those of its age. */

const PLAIN = { parameters: [], result: "i32", optional: true } as const;
const GLOBAL = { parameters: ["buffer"], result: "i32", optional: true } as const;
const GLOBAL_TEXT = { parameters: ["buffer", "u32"], result: "i32", optional: true } as const;
const BY_INDEX = { parameters: ["u32", "buffer"], result: "i32", optional: true } as const;
const OUT = { parameters: ["pointer", "buffer"], result: "i32", optional: true } as const;
const TWO_OUT = { parameters: ["pointer", "buffer", "buffer"], result: "i32", optional: true } as const;
const TEXT = { parameters: ["pointer", "buffer", "u32"], result: "i32", optional: true } as const;
const KIND_OUT = { parameters: ["pointer", "u32", "buffer"], result: "i32", optional: true } as const;
const TWO_KINDS_OUT = { parameters: ["pointer", "u32", "u32", "buffer"], result: "i32", optional: true } as const;
const SINCE = { parameters: ["pointer", "buffer", "buffer", "u64"], result: "i32", optional: true } as const;

/** Every function with its C types. */
export const NVML_SYMBOLS = {
  nvmlInit_v2: PLAIN,
  nvmlShutdown: PLAIN,
  nvmlSystemGetDriverVersion: GLOBAL_TEXT,
  nvmlDeviceGetCount_v2: GLOBAL,
  nvmlDeviceGetHandleByIndex_v2: BY_INDEX,
  nvmlDeviceGetName: TEXT,
  nvmlDeviceGetUUID: TEXT,
  nvmlDeviceGetPciInfo_v3: OUT,
  nvmlDeviceGetUtilizationRates: OUT,
  nvmlDeviceGetEncoderUtilization: TWO_OUT,
  nvmlDeviceGetDecoderUtilization: TWO_OUT,
  nvmlDeviceGetMemoryInfo_v2: OUT,
  nvmlDeviceGetMemoryInfo: OUT,
  nvmlDeviceGetPowerUsage: OUT,
  nvmlDeviceGetEnforcedPowerLimit: OUT,
  nvmlDeviceGetTotalEnergyConsumption: OUT,
  nvmlDeviceGetTemperature: KIND_OUT,
  nvmlDeviceGetTemperatureV: OUT,
  nvmlDeviceGetFieldValues: { parameters: ["pointer", "i32", "buffer"], result: "i32", optional: true },
  nvmlDeviceGetClockInfo: KIND_OUT,
  nvmlDeviceGetFanSpeed: OUT,
  nvmlDeviceGetCurrentClocksEventReasons: OUT,
  nvmlDeviceGetCurrentClocksThrottleReasons: OUT,
  nvmlDeviceGetTotalEccErrors: TWO_KINDS_OUT,
  // Blocks for 20 ms, in which the other calls must go on.
  nvmlDeviceGetPcieThroughput: { ...KIND_OUT, nonblocking: true },
  nvmlDeviceGetMigMode: TWO_OUT,
  nvmlDeviceGetMaxMigDeviceCount: OUT,
  nvmlDeviceGetMigDeviceHandleByIndex: KIND_OUT,
  nvmlDeviceGetComputeRunningProcesses_v3: TWO_OUT,
  nvmlDeviceGetComputeRunningProcesses_v2: TWO_OUT,
  nvmlDeviceGetComputeRunningProcesses: TWO_OUT,
  nvmlDeviceGetGraphicsRunningProcesses_v3: TWO_OUT,
  nvmlDeviceGetGraphicsRunningProcesses_v2: TWO_OUT,
  nvmlDeviceGetGraphicsRunningProcesses: TWO_OUT,
  nvmlDeviceGetMPSComputeRunningProcesses_v3: TWO_OUT,
  nvmlDeviceGetMPSComputeRunningProcesses_v2: TWO_OUT,
  nvmlDeviceGetMPSComputeRunningProcesses: TWO_OUT,
  nvmlDeviceGetProcessUtilization: SINCE,
  // Not called: which of them are there tells the layout of nvmlDeviceGet…RunningProcesses_v3.
  nvmlDeviceGetConfComputeMemSizeInfo: OUT,
  nvmlDeviceGetRunningProcessDetailList: OUT,
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of a library; null for one that it lacks. */
export type NvmlSymbols = Deno.StaticForeignLibraryInterface<typeof NVML_SYMBOLS>;

type Names<Definition> = {
  [Name in keyof typeof NVML_SYMBOLS]: typeof NVML_SYMBOLS[Name] extends Definition ? Name : never;
}[keyof typeof NVML_SYMBOLS];

/** The functions that tell a text of a device. */
export type TextCall = Names<typeof TEXT>;

/** The functions that tell two numbers of which the first is of interest: percent and period, a mode now and next. */
export type FirstCall = Extract<Names<typeof TWO_OUT>, `${string}${"coderUtilization" | "MigMode"}`>;

/** The functions that tell one number of 32 bits. */
export type NumberCall = `nvmlDeviceGet${"PowerUsage" | "EnforcedPowerLimit" | "FanSpeed" | "MaxMigDeviceCount"}`;
