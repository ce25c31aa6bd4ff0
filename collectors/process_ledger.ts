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
    add(this.#reaped, amounts);
  }

  /**
   * Accounts for processes that are gone, given in the order in which they were found (parents first). Their parents must
   * have been read after they went.
   */
  settle(gone: readonly Account[], live: Iterable<Account>): void {
    const expected = new Map<Account, Amounts>();
    for (const account of gone.toReversed()) this.#settleGone(account, expected);
    for (const account of live) {
      const amounts = expected.get(account);
      if (amounts !== undefined) this.#settleHeir(account, amounts);
      account.settledTotal = account.total;
      account.settledInherited = account.inherited;
    }
  }

  /** The sum now; of each counter at least what it was before. */
  publish(live: Iterable<Account>): Amounts {
    const sum = noAmounts();
    add(sum, this.#reaped);
    add(sum, this.#dropped);
    for (const account of live) add(sum, account.total);
    for (const [index, value] of sum.entries()) {
      this.#published[index] = Math.max(this.#published[index] ?? 0, value);
    }
    return this.#published;
  }

  // What a process left goes to its heir: resmon, a live parent, or a parent that is gone as well and left it to its own.
  #settleGone(account: Account, expected: Map<Account, Amounts>): void {
    const left = noAmounts();
    add(left, account.total);
    const fromChildren = expected.get(account);
    if (fromChildren !== undefined) add(left, fromChildren);
    if (account.reaped !== undefined) {
      add(this.#reaped, account.reaped);
      addShortfall(this.#dropped, left, account.reaped);
    } else if (account.parent === undefined) {
      add(this.#dropped, left);
    } else {
      const amounts = expected.get(account.parent) ?? noAmounts();
      add(amounts, left);
      expected.set(account.parent, amounts);
    }
  }

  #settleHeir(heir: Account, expected: Amounts): void {
    if (heir.ignoresChildren) return add(this.#dropped, expected);
    const inherited = noAmounts();
    for (const index of inherited.keys()) {
      const now = index < FIRST_IO ? heir.inherited : heir.total;
      const before = index < FIRST_IO ? heir.settledInherited : heir.settledTotal;
      inherited[index] = (now[index] ?? 0) - (before[index] ?? 0);
    }
    addShortfall(this.#dropped, expected, inherited);
  }
}

/** Adds `amounts` to `sum`. */
export function add(sum: Amounts, amounts: Readonly<Amounts>): void {
  for (const [index, value] of amounts.entries()) sum[index] = (sum[index] ?? 0) + value;
}

function addShortfall(sum: Amounts, expected: Amounts, found: Amounts): void {
  for (const [index, value] of expected.entries()) {
    sum[index] = (sum[index] ?? 0) + Math.max(0, value - (found[index] ?? 0));
  }
}
