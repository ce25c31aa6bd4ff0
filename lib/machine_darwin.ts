import { parseCount, parseKeyValues } from "./parse.ts";
import type { OwnMachine } from "./records.ts";
import type { Tools } from "./tools.ts";

const NAMES = ["kern.osrelease", "hw.machine", "machdep.cpu.brand_string", "hw.logicalcpu", "hw.memsize"] as const;
const SECONDS = 5;

/** Reads what a Mac is, by sysctl(8). Rejects with ToolError or SyntaxError. */
export async function readMachine(tools: Tools): Promise<OwnMachine> {
  const sysctl = tools.find("sysctl", ["/usr/sbin", "/sbin"]) ?? "sysctl";
  return parseMachine(await tools.run([sysctl, ...NAMES], SECONDS));
}

/** Parses what sysctl(8) prints of a machine, `name: value` in each line. Throws SyntaxError. */
export function parseMachine(text: string): OwnMachine {
  const values = parseKeyValues(`${text.trimEnd()}\n`, "sysctl");
  function word(name: typeof NAMES[number]): string | undefined {
    return values.get(name) || undefined;
  }
  const [kernel, model] = [word("kern.osrelease"), word("machdep.cpu.brand_string")];
  const cpus = parseCount(values.get("hw.logicalcpu"), "hw.logicalcpu");
  const memory = parseCount(values.get("hw.memsize"), "hw.memsize");
  return {
    os: "darwin",
    ...(kernel === undefined ? {} : { kernel }),
    architecture: word("hw.machine") ?? Deno.build.arch,
    ...(model === undefined ? {} : { cpu_model: model }),
    cpus,
    cpus_usable: cpus,
    memory_bytes: memory,
    memory_usable_bytes: memory,
  };
}
