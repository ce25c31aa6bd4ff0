/** The C library of Linux (glibc): the only `Deno.dlopen` of it. Numbers and structs are those of x86_64 and arm64. */

import { PLATFORM } from "../platform.ts";

const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // ssize_t as i32: a buffer of resmon is never 2 GiB, and i32 is no BigInt.
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  sysconf: { parameters: ["i32"], result: "i32" },
  gnu_get_libc_version: { parameters: [], result: "pointer", optional: true },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },

  posix_spawnp: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "pointer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  sigemptyset: { parameters: ["buffer"], result: "i32" },
  sigaddset: { parameters: ["buffer", "i32"], result: "i32" },
  environ: { type: "pointer" },

  kill: { parameters: ["i32", "i32"], result: "i32" },
  raise: { parameters: ["i32"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  sigprocmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  sigwaitinfoBlocking: {
    name: "sigwaitinfo",
    parameters: ["buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  usleep: { parameters: ["u32"], result: "i32" },
  getpid: { parameters: [], result: "i32" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  waitidBlocking: {
    name: "waitid",
    parameters: ["i32", "u32", "buffer", "i32"],
    result: "i32",
    nonblocking: true,
  },
  getpidBlocking: { name: "getpid", parameters: [], result: "i32", nonblocking: true },
  // pidfd_open(2) has no wrapper before glibc 2.36.
  pidfd_open: { name: "syscall", parameters: ["i64", "i32", "u32"], result: "i32" },
  pollBlocking: { name: "poll", parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  getrusage: { parameters: ["i32", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const library = PLATFORM === "linux" ? Deno.dlopen("libc.so.6", SYMBOLS) : undefined;

/** The functions of libc. Throws where there is none (macOS and Windows are read by platform tools). */
export function libc(): NonNullable<typeof library>["symbols"] {
  if (library === undefined) throw new Error(`Cannot use libc on ${PLATFORM}: only Linux is read by FFI`);
  return library.symbols;
}

/** The error number of the failing call that came directly before. */
export function errno(): number {
  const pointer = libc().__errno_location();
  if (pointer === null) throw new Error("Cannot read errno: __errno_location gave no address");
  return new Deno.UnsafePointerView(pointer).getInt32();
}

/** A NUL-terminated C string; the text must not hold NUL. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** Bytes of a page and clock ticks in a second, by sysconf(3). */
export function systemUnits(): { pageSize: number; clockTicks: number } {
  const SC_CLK_TCK = 2;
  const SC_PAGESIZE = 30;
  return { pageSize: libc().sysconf(SC_PAGESIZE), clockTicks: libc().sysconf(SC_CLK_TCK) };
}

/** The C library and its version, such as `glibc 2.36`, by gnu_get_libc_version(3); undefined for any other one. */
export function libcVersion(): string | undefined {
  const pointer = libc().gnu_get_libc_version?.() ?? null;
  return pointer === null ? undefined : `glibc ${new Deno.UnsafePointerView(pointer).getCString()}`;
}

const AT_FDCWD = -100;
const STATX_TYPE_AND_MODE = 3;
const STX_MODE_OFFSET = 28;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IXALL = 0o111;
const statxBuffer = new Uint8Array(256);
const statxView = new DataView(statxBuffer.buffer);

/** Whether there is a file at a path that somebody may execute, by statx(2). */
export function isExecutable(path: string): boolean {
  if (libc().statx(AT_FDCWD, cString(path), 0, STATX_TYPE_AND_MODE, statxBuffer) < 0) return false;
  const mode = statxView.getUint16(STX_MODE_OFFSET, true);
  return (mode & S_IFMT) === S_IFREG && (mode & S_IXALL) !== 0;
}

const timespec = new Uint8Array(16);
const timespecView = new DataView(timespec.buffer);

/** The wall clock in Unix seconds, finer than the milliseconds of the runtime: CLOCK_REALTIME of clock_gettime(2). */
export function realSeconds(): number {
  const CLOCK_REALTIME = 0;
  libc().clock_gettime(CLOCK_REALTIME, timespec);
  return Number(timespecView.getBigInt64(0, true)) + Number(timespecView.getBigInt64(8, true)) / 1e9;
}

/**
 * CPU seconds of a whole process, ended threads included, to the nanosecond; undefined once it is gone. Any process may be
 * asked, and a zombie still answers. See clock_getcpuclockid(3), whose clock id this is.
 */
export function processCpuSeconds(pid: number): number | undefined {
  const CPUCLOCK_SCHED = 2;
  if (libc().clock_gettime((~pid << 3) | CPUCLOCK_SCHED, timespec) !== 0) return undefined;
  return Number(timespecView.getBigInt64(0, true)) + Number(timespecView.getBigInt64(8, true)) / 1e9;
}
