import { NvmlSampler, unusable } from "../collectors/nvml_sampler.ts";
import type { EndLine, NvmlLine } from "../collectors/nvml_lines.ts";
import { SystemClock } from "../lib/clock.ts";
import { Unavailable } from "../lib/contracts.ts";
import { NvmlError } from "../lib/ffi/nvml_codes.ts";
import { Nvml } from "../lib/ffi/nvml.ts";
import { parseCount } from "../lib/parse.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { USAGE } from "./exit_status.ts";

// What the loader of the system finds, where the file that resmon found is for another kind of machine.
const SONAME = "libnvidia-ml.so.1";

/**
 * `resmon helper nvml <milliseconds> <library>`, which resmon starts itself: reads the GPUs through a library that may hang, and
 * prints them as lines of `collectors/nvml_lines.ts` until nobody reads these any more.
 */
export async function helper([what, milliseconds, library = SONAME]: readonly string[]): Promise<ExitStatus> {
  if (what !== "nvml") return { code: USAGE };
  const interval = parseCount(milliseconds, "milliseconds") / 1000;
  try {
    const sampler = new NvmlSampler({ nvml: openLibrary(library), clock: new SystemClock(), interval, write: print });
    await sampler.open();
    await sampleForever(sampler, interval);
  } catch (error) {
    if (error instanceof Unavailable) print(describeEnd(error));
    // resmon has gone.
    else if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  return { code: 0 };
}

/** Throws {@linkcode Unavailable}: `unsupported` where the library is no use, `off` where the driver is not there. */
function openLibrary(path: string): Nvml {
  const failures: string[] = [];
  for (const candidate of new Set([path, SONAME])) {
    try {
      return new Nvml(candidate);
    } catch (error) {
      if (error instanceof NvmlError) throw unusable(error);
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Unavailable("unsupported", `Cannot load ${path}: ${failures[0]}`);
}

/** Never resolves: rejects with what ends it. A sample that is late is left out. */
function sampleForever(sampler: NvmlSampler, interval: number): Promise<never> {
  const clock = new SystemClock();
  const origin = clock.now();
  return new Promise((_, reject) => {
    function sample(): void {
      try {
        sampler.sample();
        const passed = Math.floor((clock.now() - origin) / interval);
        clock.at(origin + (passed + 1) * interval, sample);
      } catch (error) {
        reject(error);
      }
    }
    sample();
  });
}

function describeEnd({ state, message: reason, remedy }: Unavailable): EndLine {
  return { type: "end", state, reason, ...(remedy === undefined ? {} : { remedy }) };
}

function print(line: NvmlLine): void {
  let bytes: Uint8Array = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}
