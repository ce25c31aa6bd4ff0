import { ArchiveRoot } from "./archive_root.ts";
import { ArchiveTools } from "./archive_tools.ts";
import { orGap } from "./availability.ts";
import { DiskRoot } from "./disk_root.ts";
import { isExecutable, libcVersion, processCpuSeconds, systemUnits } from "./ffi/libc.ts";
import { runtimeRoot } from "./machine_windows.ts";
import { hasOwnProc, ownProgram } from "./own_process.ts";
import { parseCountFile } from "./parse.ts";
import { PLATFORM } from "./platform.ts";
import { IS_DEBUGGER_SIGNAL_BLOCKED } from "./python_launcher.ts";
import type { RecorderEnvironment } from "./recorder.ts";
import type { Root } from "./root.ts";
import { SystemTools } from "./system_tools.ts";

/** Where a fixture keeps what no file of its machine tells. */
export const HOST_FOLDER = "/.resmon";

/** How the runtime of a resmon is told that is not compiled into one file. */
export const FROM_SOURCES = "from its sources";

// The usual ones.
const PAGE_SIZE = 4096;
const CLOCK_TICKS = 100;

/** A machine, real or a fixture, as far as collectors and `doctor` look at it. */
export interface Host extends Omit<RecorderEnvironment, "interval"> {
  readonly isFixture: boolean;
  /** As `Deno.build.os` names it. */
  readonly platform: string;
  /** Such as `glibc 2.36`. */
  readonly libc?: string;
  /** resmon's own process; absent in a fixture that holds none, and where /proc does not show it by its pid. */
  readonly pid?: number;
  /** What runs resmon, and in which form: `Deno 2.9.6, from its sources`. */
  readonly runtime: string;
}

/** The machine that resmon runs on. */
export function realHost(): Host {
  return {
    ...(PLATFORM === "linux" ? linuxHost() : portableHost()),
    tools: PLATFORM === "linux" ? new SystemTools(isExecutable) : new SystemTools(),
    program: ownProgram(),
    isFixture: false,
    platform: PLATFORM,
    runtime: `Deno ${Deno.version.deno}, ${describeForm()}`,
  };
}

function describeForm(): string {
  if (Deno.build.standalone) return "compiled into one file";
  return IS_DEBUGGER_SIGNAL_BLOCKED ? "from its Python package" : FROM_SOURCES;
}

type SystemPart = Pick<Host, "root" | "pageSize" | "clockTicks" | "processCpuSeconds" | "libc" | "pid">;

function linuxHost(): SystemPart {
  const libc = libcVersion();
  const root = new DiskRoot();
  return {
    root,
    ...(hasOwnProc(root) ? { pid: Deno.pid } : {}),
    ...systemUnits(),
    processCpuSeconds,
    ...(libc === undefined ? {} : { libc }),
  };
}

// Programs tell everything there, in units of their own.
function portableHost(): SystemPart {
  return { root: runtimeRoot(), pid: Deno.pid, pageSize: PAGE_SIZE, clockTicks: CLOCK_TICKS };
}

/** A machine of which {@linkcode ArchiveRoot} reads the text. Throws SyntaxError. */
export function fixtureHost(text: string): Host {
  const root = new ArchiveRoot(text);
  const libc = readWord(root, "libc");
  const pid = readUnit(root, "pid");
  return {
    root,
    tools: new ArchiveTools(root),
    program: ["resmon"],
    pageSize: readUnit(root, "page_size") ?? PAGE_SIZE,
    clockTicks: readUnit(root, "clock_ticks") ?? CLOCK_TICKS,
    isFixture: true,
    platform: readWord(root, "platform") ?? "linux",
    ...(libc === undefined ? {} : { libc }),
    ...(pid === undefined ? {} : { pid }),
    runtime: readWord(root, "runtime") ?? "a fixture",
  };
}

/** The files of a fixture that hold what only the host itself tells. */
export function hostFiles({ platform, pageSize, clockTicks, libc, pid, runtime }: Host): Map<string, string> {
  const files = { platform, page_size: pageSize, clock_ticks: clockTicks, libc, pid, runtime };
  const known = Object.entries(files).filter(([, value]) => value !== undefined);
  return new Map(known.map(([name, value]) => [`${HOST_FOLDER}/${name}`, `${value}\n`]));
}

function readWord(root: Root, name: string): string | undefined {
  return orGap(() => root.read(`${HOST_FOLDER}/${name}`).trim()) ?? undefined;
}

function readUnit(root: Root, name: string): number | undefined {
  const path = `${HOST_FOLDER}/${name}`;
  const text = orGap(() => root.read(path));
  return text === null ? undefined : parseCountFile(text, path);
}
