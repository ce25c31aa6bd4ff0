import { orGap } from "./availability.ts";
import { parseInteger, parseKeyValues, parseMask } from "./parse.ts";
import type { Root } from "./root.ts";
import { signalsOfMask } from "./signals.ts";

/** The numbers of the signals that resmon's own process ignores now, from `SigIgn` of proc_pid_status(5). */
export function readIgnoredSignals(root: Root): number[] {
  const status = parseKeyValues(root.read("/proc/self/status"), "/proc/self/status");
  return signalsOfMask(parseMask(status.get("SigIgn"), "SigIgn of /proc/self/status"));
}

/** Why nothing can be told of processes where {@linkcode hasOwnProc} is false, and what to do. */
export const FOREIGN_PROC = {
  reason: "/proc shows the processes of another PID namespace",
  remedy: "mount one of its own, as unshare --mount-proc does, or run resmon outside of the namespace",
} as const;

/** Whether processes have the pids in /proc that they have for resmon, see pid_namespaces(7). */
export function hasOwnProc(root: Root): boolean {
  return orGap(() => root.readLink("/proc/self")) === String(Deno.pid);
}

/** Where this process stands in its controlling terminal: in the foreground group or behind it, or that it has no terminal. */
export type TerminalPlace = "foreground" | "background" | "none";

/** Reads the place from `/proc/self/stat`, see proc_pid_stat(5). */
export function readTerminalPlace(root: Root): TerminalPlace {
  const stat = root.read("/proc/self/stat");
  // The name may hold anything: fields 3 to 8 (state, ppid, pgrp, session, tty_nr, tpgid) follow the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (parseInteger(fields[4], "tty_nr of /proc/self/stat") === 0) return "none";
  return fields[5] === fields[2] ? "foreground" : "background";
}

/**
 * The arguments of this process as the kernel has them, byte for byte: the runtime's own list replaces bytes that are not
 * UTF-8. From /proc/self/cmdline, see proc_pid_cmdline(5).
 */
export function readArgumentBytes(): Uint8Array<ArrayBuffer>[] {
  const bytes = Deno.readFileSync("/proc/self/cmdline");
  const list: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    list.push(bytes.slice(start, end < 0 ? bytes.length : end));
    start = (end < 0 ? bytes.length : end) + 1;
  }
  return list;
}

/**
 * The words that start this program once more, in whatever form it runs: compiled into one file, or from its sources by the
 * same runtime.
 */
export function ownProgram(): readonly string[] {
  const runtime = Deno.execPath();
  if (Deno.build.standalone) return [runtime];
  // A bundle needs no configuration, and must not find that of a project around it.
  const configuration = Deno.mainModule.endsWith(".js") ? ["--no-config"] : [];
  return [runtime, "run", "-A", "--quiet", "--no-prompt", ...configuration, Deno.mainModule];
}
