/**
 * What a process used, in the order of {@linkcode CONSERVED}: CPU seconds, faults, bytes. The kernel hands these amounts to
 * whoever waits for the process, so that over a tree they are conserved.
 */
export type Amounts = Float64Array<ArrayBuffer>;

/** The conserved counters, in the order of {@linkcode Amounts}. */
export const CONSERVED = [
  "cpu_user_seconds_total",
  "cpu_system_seconds_total",
  "minor_faults_total",
  "major_faults_total",
  "syscall_read_bytes_total",
  "syscall_write_bytes_total",
  "storage_read_bytes_total",
  "storage_write_bytes_total",
] as const;

/** The first of them that `/proc/<pid>/io` holds, where the kernel does not tell own from inherited amounts. */
export const FIRST_IO = 4;

/** Amounts of nothing. */
export function noAmounts(): Amounts {
  return new Float64Array(CONSERVED.length);
}

/** A process as the ledger sees it. */
export interface Account {
  /** What it used and what it got from the children that it waited for, as last read. */
  total: Amounts;
  /** The part of `total` that it got from children; 0 in the I/O counters, where that is unknown. */
  inherited: Amounts;
  /** `total` and `inherited` when the ledger was last settled. */
  settledTotal: Amounts;
  settledInherited: Amounts;
  /** Its parent where that is in the tree. */
  parent: Account | undefined;
  /** Whether it ignores SIGCHLD, so that the kernel drops what its children used. */
  ignoresChildren: boolean;
  /** What it had used in the end, if resmon reaped it. */
  reaped: Amounts | undefined;
  gone: boolean;
}

/**
 * Sums a tree whose members come and go, so that no counter falls and none counts twice: what live processes used and
 * inherited, plus what resmon reaped, plus what the kernel dropped because nobody waited for it.
 */
export class Ledger {
  readonly #reaped = noAmounts();
  readonly #dropped = noAmounts();
  readonly #published = noAmounts();

  /** What vanished without being inherited by anyone: only sampling saw it. */
  get dropped(): Readonly<Amounts> {
    return this.#dropped;
  }

  /** Everything that resmon itself reaped. */
  get reaped(): Readonly<Amounts> {
    return this.#reaped;
  }

  /** Adds what a process used that was never read but reaped by resmon. */
  addReaped(amounts: Amounts): void {
    addTo(this.#reaped, amounts);
  }

  /**
   * Accounts for processes that are gone, given in the order in which they were found (parents first). Their parents must
   * have been read after they went.
   */
  settle(gone: readonly Account[], live: Iterable<Account>): void {
    const expected = new Map<Account, Amounts>();
    for (const account of gone.toReversed()) this.#settleGone(account, expected);
    for (const account of live) {
      if (expected.has(account)) addTo(this.#dropped, missing(account, expected));
      account.settledTotal = account.total;
      account.settledInherited = account.inherited;
    }
  }

  /** The sum now; of each counter at least what it was before. */
  publish(live: Iterable<Account>): Amounts {
    const sum = noAmounts();
    addTo(sum, this.#reaped);
    addTo(sum, this.#dropped);
    for (const account of live) addTo(sum, account.total);
    for (const [index, value] of sum.entries()) {
      this.#published[index] = Math.max(this.#published[index] ?? 0, value);
    }
    return this.#published;
  }

  // What a process left goes to its heir: resmon, a live parent, or a parent that is gone as well and left it to its own.
  #settleGone(account: Account, expected: Map<Account, Amounts>): void {
    const left = account.total.slice();
    // What it had not inherited when it was last read, it may have inherited afterwards; but not if it ignored its children.
    addTo(account.ignoresChildren ? this.#dropped : left, missing(account, expected));
    if (account.reaped !== undefined) {
      addTo(this.#reaped, account.reaped);
      addTo(this.#dropped, shortfall(left, account.reaped));
    } else if (account.parent === undefined) {
      addTo(this.#dropped, left);
    } else {
      const amounts = expected.get(account.parent) ?? noAmounts();
      addTo(amounts, left);
      expected.set(account.parent, amounts);
    }
  }
}

/** What of the expected amounts an account has not inherited since it was last settled. */
function missing(account: Account, expected: ReadonlyMap<Account, Amounts>): Amounts {
  const amounts = expected.get(account);
  if (amounts === undefined) return noAmounts();
  if (account.ignoresChildren) return amounts;
  const inherited = noAmounts();
  for (const index of inherited.keys()) {
    const now = index < FIRST_IO ? account.inherited : account.total;
    const before = index < FIRST_IO ? account.settledInherited : account.settledTotal;
    inherited[index] = (now[index] ?? 0) - (before[index] ?? 0);
  }
  return shortfall(amounts, inherited);
}

/** Adds `amounts` to `sum`. */
export function addTo(sum: Amounts, amounts: Readonly<Amounts>): void {
  for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (amounts[index] ?? 0);
}

function shortfall(expected: Amounts, found: Amounts): Amounts {
  const amounts = noAmounts();
  for (const [index, value] of expected.entries()) {
    // Rounded to the microseconds of the kernel: differences of decimals leave 1e-16.
    amounts[index] = Math.round(Math.max(0, value - (found[index] ?? 0)) * 1e6) / 1e6;
  }
  return amounts;
}
