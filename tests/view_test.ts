import assert from "node:assert/strict";
import fc from "fast-check";
import { View } from "../report/view.ts";

function rangeOf({ from, to }: View): [number, number] {
  return [from, to];
}

Deno.test("View keeps the time under the mouse where it is while it zooms", () => {
  const view = new View(100, 1);
  view.zoom(0.5, 20);
  assert.deepEqual(rangeOf(view), [10, 60]);
  view.zoom(0.5);
  assert.deepEqual(rangeOf(view), [22.5, 47.5]);
  view.point(40);
  view.zoom(2);
  assert.deepEqual(rangeOf(view), [5, 55]);
});

Deno.test("View stays within the run and above the shortest range, whatever is asked for", () => {
  const step = fc.record({
    action: fc.constantFrom("show", "zoom", "pan"),
    a: fc.double({ min: -500, max: 500, noNaN: true }),
    b: fc.double({ min: 0.001, max: 500, noNaN: true }),
  });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const view = new View(100, 2);
    for (const { action, a, b } of steps) {
      if (action === "show") view.show(a, b);
      else if (action === "zoom") view.zoom(b, a);
      else view.pan(a);
      assert.ok(view.from >= 0 && view.to <= 100 + 1e-9 && view.to - view.from >= 2 - 1e-9, `${rangeOf(view)}`);
    }
    view.reset();
    assert.ok(view.isWhole);
  }));
});

Deno.test("View pans only as far as there is something to see", () => {
  const view = new View(100, 1);
  view.show(40, 60);
  view.pan(15);
  assert.deepEqual(rangeOf(view), [55, 75]);
  view.pan(1000);
  assert.deepEqual(rangeOf(view), [80, 100]);
  view.pan(-1000);
  assert.deepEqual(rangeOf(view), [0, 20]);
});

Deno.test("View tells its listeners of ranges and of cursors apart", () => {
  const view = new View(10, 1);
  const heard: string[] = [];
  view.onRange(() => heard.push("range"));
  view.onCursor(() => heard.push("cursor"));
  view.point(3);
  view.show(1, 2);
  view.select([1, 2]);
  view.point(-5);
  assert.equal(view.cursor, 0);
  assert.deepEqual(heard, ["cursor", "range", "cursor", "cursor"]);
});

Deno.test("View of a run of no length shows it", () => {
  const view = new View(0, 1);
  view.zoom(0.5, 0);
  assert.deepEqual(rangeOf(view), [0, 0]);
});
