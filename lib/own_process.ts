import { parseInteger, parseKeyValues, parseMask } from "./parse.ts";
import type { Root } from "./root.ts";
import { signalsOfMask } from "./signals.ts";

/** The numbers of the signals that resmon's own process ignores now, from `SigIgn` of proc_pid_status(5). */
export function readIgnoredSignals(root: Root): number[] {
  const status = parseKeyValues(root.read("/proc/self/status"));
  return signalsOfMask(parseMask(status.get("SigIgn"), "SigIgn of /proc/self/status"));
}

/**
 * Says whether this process is in the foreground group of its terminal, so that the terminal's own signals (Ctrl-C, Ctrl-\,
 * hang-up) reach the command, which is in the same group, without resmon.
 */
export function isTerminalForeground(root: Root): boolean {
  const stat = root.read("/proc/self/stat");
  // The name may hold anything: fields 3 to 8 (state, ppid, pgrp, session, tty_nr, tpgid) follow the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return parseInteger(fields[4], "tty_nr of /proc/self/stat") !== 0 && fields[5] === fields[2];
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
