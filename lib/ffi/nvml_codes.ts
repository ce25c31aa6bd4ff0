/**
 * What a return code of NVML means for the reader: `unsupported`, this call will never answer; `denied`, not this user; `later`, no
 * number this time; `lost`, the GPU is gone; `off`, the whole driver is.
 */
export type Consequence = "unsupported" | "denied" | "later" | "lost" | "off";

interface Code {
  readonly text: string;
  readonly consequence: Consequence;
  /** What the user can do about it. */
  readonly remedy?: string;
}

const RESET = "Reset it (nvidia-smi --gpu-reset), or reboot";
const PERMIT = "Let this user open /dev/nvidia*; a container needs the GPUs (docker run --gpus all)";

/** `nvmlReturn_t` of nvml.h (API 13). */
const CODES: Readonly<Record<number, Code>> = {
  1: { text: "NVML is not initialized", consequence: "off" },
  2: { text: "invalid argument", consequence: "unsupported" },
  3: { text: "not supported", consequence: "unsupported" },
  4: { text: "no permission", consequence: "denied", remedy: PERMIT },
  6: { text: "not found", consequence: "later" },
  7: { text: "insufficient size", consequence: "later" },
  9: {
    text: "the NVIDIA driver is not loaded",
    consequence: "off",
    remedy: "Load it (modprobe nvidia); dmesg tells why it does not load",
  },
  10: { text: "timeout", consequence: "later" },
  12: { text: "the NVML library was not found", consequence: "off" },
  13: { text: "the library does not have this function", consequence: "unsupported" },
  15: { text: "the GPU is lost: it has fallen off the bus", consequence: "lost", remedy: RESET },
  16: { text: "the GPU needs a reset", consequence: "lost", remedy: RESET },
  17: {
    text: "the operating system blocks it, such as a control group of devices",
    consequence: "denied",
    remedy: PERMIT,
  },
  18: {
    text: "the driver and its library have different versions",
    consequence: "off",
    remedy: "Reboot, so that both are of one version",
  },
  19: { text: "in use", consequence: "later" },
  20: { text: "insufficient memory", consequence: "later" },
  21: { text: "no data", consequence: "later" },
  23: { text: "insufficient resources", consequence: "later" },
  25: { text: "the driver does not know this version of the structure", consequence: "unsupported" },
  26: { text: "deprecated", consequence: "unsupported" },
  27: { text: "not ready", consequence: "later" },
  28: { text: "the GPU is not there any more", consequence: "lost" },
};

/** The return code for a list that was longer than the room for it. */
export const INSUFFICIENT_SIZE = 7;
/** The return code for something that is not there, or not now. */
export const NOT_FOUND = 6;
/** The return code for a function that an older library lacks. */
export const FUNCTION_NOT_FOUND = 13;

/** A call of NVML that failed: `Cannot call nvmlDeviceGetFanSpeed: not supported (NVML code 3)`. */
export class NvmlError extends Error {
  override readonly name = "NvmlError";
  readonly code: number;

  constructor(call: string, code: number) {
    super(`Cannot call ${call}: ${describeCode(code)}`);
    this.code = code;
  }

  /** What is to be done about it. */
  get consequence(): Consequence {
    return consequenceOf(this.code);
  }
}

/** What a return code means for the reader. */
export function consequenceOf(code: number): Consequence {
  return CODES[code]?.consequence ?? "later";
}

/** What the user can do about a return code, if anything. */
export function remedyOfCode(code: number): string | undefined {
  return CODES[code]?.remedy;
}

/** Names a return code: `not supported (NVML code 3)`. */
export function describeCode(code: number): string {
  return `${CODES[code]?.text ?? "unknown error"} (NVML code ${code})`;
}
