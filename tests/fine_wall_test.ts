import assert from "node:assert/strict";
import { FineWall } from "../lib/fine_wall.ts";

const STARTED = 1_795_252_353.0004;

function told(seconds: number): number {
  return Math.floor(seconds * 1000) / 1000;
}

Deno.test("FineWall tells fractions of the milliseconds that the clock tells", () => {
  const wall = new FineWall();
  for (let now = 0; now < 0.1; now += 0.00037) wall.at(now, told(STARTED + now));
  for (let now = 0.1; now < 0.2; now += 0.00037) {
    const off = wall.at(now, told(STARTED + now)) - (STARTED + now);
    assert.ok(Math.abs(off) < 0.0001, `${off} s off`);
  }
});

Deno.test("FineWall follows a clock that was set", () => {
  const wall = new FineWall();
  wall.at(0, STARTED);
  assert.equal(wall.at(1, STARTED + 3601), STARTED + 3601);
  assert.equal(wall.at(2, STARTED + 2), STARTED + 2);
});
