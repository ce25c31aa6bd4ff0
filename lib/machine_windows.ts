import { ArchiveRoot } from "./archive_root.ts";
import { amountOf, decodeJson, memberOf, textOf } from "./json.ts";
import type { OwnMachine } from "./records.ts";
import type { Root } from "./root.ts";

/** Where a machine without files of its own, or its fixture, holds what the runtime knows of it. */
const MACHINE_FILE = "/.resmon/machine";

/**
 * What the runtime knows of this Windows machine, as a file: PowerShell would take a second for it, for which the command would
 * have to wait.
 */
export function runtimeRoot(): Root {
  const root = new ArchiveRoot("");
  const facts = {
    kernel: Deno.osRelease(),
    architecture: Deno.build.arch,
    cpu_model: Deno.env.get("PROCESSOR_IDENTIFIER"),
    cpus: navigator.hardwareConcurrency,
    memory_bytes: Deno.systemMemoryInfo().total,
  };
  root.write(MACHINE_FILE, `${JSON.stringify(facts)}\n`);
  return root;
}

/** Reads what a Windows machine is, see {@linkcode runtimeRoot}. Throws SystemError or SyntaxError. */
export function readMachine(root: Root): OwnMachine {
  const facts = decodeJson(root.read(MACHINE_FILE), MACHINE_FILE);
  const [kernel, model] = [textOf(memberOf(facts, "kernel")), textOf(memberOf(facts, "cpu_model"))];
  const cpus = amountOf(memberOf(facts, "cpus"));
  const memory = amountOf(memberOf(facts, "memory_bytes"));
  if (cpus === undefined || memory === undefined) {
    throw new SyntaxError(`Cannot parse ${MACHINE_FILE}: cpus or memory_bytes is missing`);
  }
  return {
    os: "windows",
    ...(kernel === undefined ? {} : { kernel }),
    architecture: textOf(memberOf(facts, "architecture")) ?? Deno.build.arch,
    ...(model === undefined ? {} : { cpu_model: model }),
    cpus,
    cpus_usable: cpus,
    memory_bytes: memory,
    memory_usable_bytes: memory,
  };
}
