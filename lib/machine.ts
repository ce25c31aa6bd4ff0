import { describeFailure } from "./availability.ts";
import type { Host } from "./host.ts";
import { readMachine as readDarwin } from "./machine_darwin.ts";
import { readMachine as readLinux } from "./machine_linux.ts";
import { readMachine as readWindows } from "./machine_windows.ts";
import type { OwnMachine } from "./records.ts";
import { ToolError } from "./tools.ts";

/** A machine that does not tell its memory or CPUs, and what the user can do. */
export class MachineError extends Error {
  override readonly name = "MachineError";
}

const NEEDS: Readonly<Record<string, string>> = {
  linux: "resmon needs a /proc that shows the machine (mounted without subset=pid)",
  darwin: "resmon needs sysctl, which macOS has in /usr/sbin",
  windows: "resmon needs to know CPUs and memory",
};

/** Reads what a machine is. Rejects with {@linkcode MachineError}. */
export async function readMachine(host: Pick<Host, "platform" | "root" | "tools">): Promise<OwnMachine> {
  try {
    if (host.platform === "darwin") return await readDarwin(host.tools);
    return host.platform === "windows" ? readWindows(host.root) : readLinux(host.root);
  } catch (error) {
    const reason = error instanceof ToolError ? error.message : describeFailure(error).reason;
    throw new MachineError(`${reason}; ${NEEDS[host.platform] ?? ""}`);
  }
}
