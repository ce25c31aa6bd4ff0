import { orGap } from "./availability.ts";
import { DiskRoot } from "./disk_root.ts";
import { libc } from "./ffi/libc.ts";
import { parseCount } from "./parse.ts";

const RLIMIT_NOFILE = 7;
const WANTED = 65536;
const OWN_DESCRIPTORS = 256;
const OWN_SHARE = 0.75;

/** Descriptors that resmon needs at least: with some 40 the runtime would break down while the command runs. */
export const FEWEST_FILES = 64;

interface Limit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/**
 * The limit of open files (RLIMIT_NOFILE of getrlimit(2)): resmon raises its own, because it keeps descriptors open, and
 * gives the command the one that it would have had without resmon.
 */
export class FileLimit {
  readonly #original: Limit;
  readonly #raised: Limit;

  /** Reads the limits and raises resmon's own. */
  constructor() {
    const now = getLimit();
    this.#original = { soft: originalSoft(now), hard: now.hard };
    this.#raised = { soft: minimum(now.hard, BigInt(WANTED)), hard: now.hard };
    setLimit(this.#raised);
  }

  /** Descriptors that resmon may have in all. */
  get most(): number {
    return Number(this.#raised.soft);
  }

  /** Descriptors that resmon may keep open in /proc, beside those that it needs for itself. */
  get kept(): number {
    const limit = this.most;
    return limit - Math.min(OWN_DESCRIPTORS, Math.ceil(limit * OWN_SHARE));
  }

  /** Runs `action` under the limit that the command is to inherit. */
  withOriginal<T>(action: () => T): T {
    setLimit(this.#original);
    try {
      return action();
    } finally {
      setLimit(this.#raised);
    }
  }
}

// `deno run` raises the soft limit to the hard one before any of our code runs; the parent still has the one it gave us.
// A compiled resmon inherits it unchanged.
function originalSoft(now: Limit): bigint {
  if (Deno.build.standalone || now.soft !== now.hard) return now.soft;
  // As PID 1 we have no parent that we could see.
  const limits = orGap(() => new DiskRoot().read(`/proc/${Deno.ppid}/limits`)) ?? "";
  const row = /^Max open files +(\d+) /m.exec(limits);
  if (row === null) return now.soft;
  const soft = BigInt(parseCount(row[1], "soft limit of open files"));
  return soft < now.hard ? soft : now.soft;
}

function getLimit(): Limit {
  const limit = new BigUint64Array(2);
  if (libc().getrlimit(RLIMIT_NOFILE, new Uint8Array(limit.buffer)) !== 0) throw new Error("Cannot read RLIMIT_NOFILE");
  return { soft: limit[0] ?? 0n, hard: limit[1] ?? 0n };
}

function setLimit(limit: Limit): void {
  const words = new BigUint64Array([limit.soft, limit.hard]);
  if (libc().setrlimit(RLIMIT_NOFILE, new Uint8Array(words.buffer)) !== 0) throw new Error("Cannot set RLIMIT_NOFILE");
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
