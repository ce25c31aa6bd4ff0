import assert from "node:assert/strict";
import { FineWall } from "../lib/fine_wall.ts";

const STARTED = 1_795_252_353.0004;

function told(seconds: number): number {
  return Math.floor(seconds * 1000) / 1000;
}

Deno.test("FineWall tells fractions of the milliseconds that the clock tells, also where reading it takes long at times", () => {
  const wall = new FineWall();
  for (let now = 0; now < 0.1; now += 0.00037) wall.at(told(STARTED + now), now);
  for (let now = 0.1; now < 0.2; now += 0.00037) {
    const delay = Math.floor(now * 1e5) % 10 === 0 ? 0.02 : 0;
    const off = wall.at(told(STARTED + now - delay), now) - (STARTED + now);
    assert.ok(Math.abs(off) < 0.0001, `${off} s off`);
  }
});

Deno.test("FineWall follows a clock that was set", () => {
  const wall = new FineWall();
  wall.at(STARTED, 0);
  assert.equal(wall.at(STARTED + 3601, 1), STARTED + 3601);
  assert.equal(wall.at(STARTED + 2, 2), STARTED + 2);
});

Deno.test("FineWall follows a clock that is slow", () => {
  const wall = new FineWall();
  for (let now = 0; now < 1000; now++) wall.at(told(STARTED + now * 0.99995), now);
  const off = wall.at(told(STARTED + 999.95), 1000) - (STARTED + 999.95);
  assert.ok(Math.abs(off) < 0.001, `${off} s off`);
});
