import assert from "node:assert/strict";
import { type Account, type Amounts, FIRST_IO, Ledger, noAmounts } from "../collectors/process_ledger.ts";

/** A process of a simulated tree, with only user CPU seconds and bytes written. */
class Process implements Account {
  total: Amounts = noAmounts();
  inherited: Amounts = noAmounts();
  settledTotal: Amounts = noAmounts();
  settledInherited: Amounts = noAmounts();
  ignoresChildren = false;
  reaped: Amounts | undefined;
  gone = false;

  parent: Process | undefined;

  constructor(parent?: Process) {
    this.parent = parent;
  }

  use(seconds: number, bytes = 0): void {
    const total = this.total.slice();
    total[0] = (total[0] ?? 0) + seconds;
    total[FIRST_IO] = (total[FIRST_IO] ?? 0) + bytes;
    this.total = total;
  }

  /** What the kernel does when this process waits for a child that has ended. */
  waitFor(child: Process): void {
    this.use(child.total[0] ?? 0, child.total[FIRST_IO] ?? 0);
    const inherited = this.inherited.slice();
    inherited[0] = (inherited[0] ?? 0) + (child.total[0] ?? 0);
    this.inherited = inherited;
    child.gone = true;
  }
}

function cpu(ledger: Ledger, live: readonly Process[]): number {
  return ledger.publish(live)[0] ?? 0;
}

Deno.test("Ledger counts a child once when its parent waits for it", () => {
  const ledger = new Ledger();
  const parent = new Process();
  const child = new Process(parent);
  parent.use(1);
  child.use(5, 100);
  ledger.settle([], [parent, child]);
  assert.equal(cpu(ledger, [parent, child]), 6);
  parent.waitFor(child);
  ledger.settle([child], [parent]);
  assert.equal(cpu(ledger, [parent]), 6);
  assert.equal(ledger.publish([parent])[FIRST_IO], 100);
  assert.equal(ledger.dropped[0], 0);
});

Deno.test("Ledger keeps what was seen of a child that the kernel dropped, although its siblings go on", () => {
  const ledger = new Ledger();
  const parent = new Process();
  parent.ignoresChildren = true;
  const [dropped, sibling] = [new Process(parent), new Process(parent)];
  dropped.use(3, 70);
  ledger.settle([], [parent, dropped, sibling]);
  assert.equal(cpu(ledger, [parent, dropped, sibling]), 3);
  // The sum without the dropped child is larger than before: that hides the loss from whoever compares sums.
  sibling.use(4);
  ledger.settle([dropped], [parent, sibling]);
  assert.equal(cpu(ledger, [parent, sibling]), 7);
  assert.equal(ledger.dropped[0], 3);
  assert.equal(ledger.dropped[FIRST_IO], 70);
});

Deno.test("Ledger finds a child dropped by SA_NOCLDWAIT, which no file of /proc tells", () => {
  const ledger = new Ledger();
  const parent = new Process();
  const child = new Process(parent);
  child.use(2);
  ledger.settle([], [parent, child]);
  parent.use(10);
  ledger.settle([child], [parent]);
  assert.equal(cpu(ledger, [parent]), 12);
});

Deno.test("Ledger follows a whole branch that ends between two passes up to the living grandparent", () => {
  const ledger = new Ledger();
  const grandparent = new Process();
  const parent = new Process(grandparent);
  const child = new Process(parent);
  child.use(3);
  parent.use(1);
  ledger.settle([], [grandparent, parent, child]);
  parent.waitFor(child);
  grandparent.waitFor(parent);
  // The parent was last read before it waited for the child.
  parent.total = parent.settledTotal;
  ledger.settle([parent, child], [grandparent]);
  assert.equal(cpu(ledger, [grandparent]), 4);
  assert.equal(ledger.dropped[0], 0);
});

Deno.test("Ledger counts a child once when its parent inherited it in the same pass and then went as well", () => {
  const ledger = new Ledger();
  const grandparent = new Process();
  const parent = new Process(grandparent);
  const child = new Process(parent);
  child.use(3, 30);
  parent.use(1);
  ledger.settle([], [grandparent, parent, child]);
  // The pass was read again: this time the parent shows the child's amounts, and is gone in the next reading.
  parent.waitFor(child);
  grandparent.waitFor(parent);
  ledger.settle([parent, child], [grandparent]);
  assert.equal(cpu(ledger, [grandparent]), 4);
  assert.equal(Math.max(...ledger.dropped), 0);
});

Deno.test("Ledger takes what resmon reaped instead of what was last seen", () => {
  const ledger = new Ledger();
  const orphan = new Process();
  orphan.use(2);
  ledger.settle([], [orphan]);
  orphan.reaped = Float64Array.of(2.5, 0, 0, 0, 10, 0, 0, 0);
  ledger.settle([orphan], []);
  assert.equal(cpu(ledger, []), 2.5);
  assert.equal(ledger.dropped[0], 0);
});

Deno.test("Ledger keeps the children that a reaped process did not wait for", () => {
  const ledger = new Ledger();
  const orphan = new Process();
  const child = new Process(orphan);
  orphan.use(1);
  child.use(4);
  ledger.settle([], [orphan, child]);
  orphan.reaped = Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  ledger.settle([orphan, child], []);
  assert.equal(cpu(ledger, []), 5);
  assert.equal(ledger.dropped[0], 4);
});

Deno.test("Ledger keeps the last of an orphan that went to another reaper", () => {
  const ledger = new Ledger();
  const orphan = new Process();
  orphan.use(2, 50);
  ledger.settle([], [orphan]);
  ledger.settle([orphan], []);
  assert.equal(cpu(ledger, []), 2);
  assert.equal(ledger.publish([])[FIRST_IO], 50);
});

Deno.test("Ledger never falls while a child is between its own file and its parent's", () => {
  const ledger = new Ledger();
  const parent = new Process();
  const child = new Process(parent);
  child.use(8);
  ledger.settle([], [parent, child]);
  assert.equal(cpu(ledger, [parent, child]), 8);
  // The parent was read before it waited, the child after: neither shows the 8 seconds.
  assert.equal(cpu(ledger, [parent]), 8);
  parent.waitFor(child);
  ledger.settle([child], [parent]);
  assert.equal(cpu(ledger, [parent]), 8);
});
