import assert from "node:assert/strict";
import { SystemClock } from "../lib/clock.ts";

Deno.test("SystemClock.at() calls back once, and not before its instant", async () => {
  const clock = new SystemClock();
  for (const delay of [0, 0.0004, 0.0107]) {
    const instant = clock.now() + delay;
    const called = await new Promise<number>((resolve) => clock.at(instant, () => resolve(clock.now())));
    assert.ok(called >= instant, `${called - instant} s too early`);
  }
});

Deno.test("SystemClock.at() calls nobody back once that was taken back", async () => {
  const clock = new SystemClock();
  let calls = 0;
  clock.at(clock.now() + 0.001, () => calls++)();
  await new Promise<void>((resolve) => clock.at(clock.now() + 0.02, resolve));
  assert.equal(calls, 0);
});

/** What a program prints that does nothing but wait for the clock. */
async function printed(script: string): Promise<string> {
  const clock = `import { SystemClock } from "${new URL(
    "../lib/clock.ts",
    import.meta.url,
  )}"; const c = new SystemClock();`;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", `${clock} ${script}`] }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("SystemClock.at() keeps the program waiting, and no longer once it was taken back", async () => {
  assert.equal(await printed(`c.at(c.now() + 0.1, () => console.log("called"));`), "called\n");
  assert.equal(await printed(`const back = c.at(c.now() + 3600, () => console.log("called")); back();`), "");
});
