import assert from "node:assert/strict";
import { Latest } from "../collectors/latest.ts";
import { Poll } from "../collectors/poll.ts";
import { Unavailable } from "../lib/contracts.ts";
import { parseCount } from "../lib/parse.ts";
import { ToolError } from "../lib/tools.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeTools } from "./fake_tools.ts";

/** Programs that answer when a test says so. */
class SlowTools extends FakeTools {
  readonly runs: { readonly words: readonly string[]; readonly answer: PromiseWithResolvers<string> }[] = [];

  override run(words: readonly string[] = []): Promise<string> {
    const answer = Promise.withResolvers<string>();
    this.runs.push({ words, answer });
    return answer.promise;
  }

  async answer(text: string): Promise<void> {
    this.runs.at(-1)?.answer.resolve(text);
    await settle();
  }

  async fail(reason: string): Promise<void> {
    this.runs.at(-1)?.answer.reject(new ToolError("meter", reason));
    await settle();
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function setUp(commands: readonly (readonly string[])[] = [["meter"]], period = 1): {
  poll: Poll;
  tools: SlowTools;
  clock: FakeClock;
  taken: number[];
} {
  const [tools, clock, taken] = [new SlowTools(), new FakeClock(), [] as number[]];
  const poll = new Poll({
    tools,
    clock,
    commands,
    period,
    accept: (texts) => {
      if (texts[0] === "nothing there") throw new Unavailable("absent", "There is no meter");
      taken.push(...texts.map((text) => parseCount(text, "meter")));
    },
  });
  poll.start();
  return { poll, tools, clock, taken };
}

Deno.test("Poll runs its programs in each period, one after the other, and never two at once", async () => {
  const { poll, tools, clock, taken } = setUp([["a"], ["b"]]);
  assert.equal(poll.check(clock.now()), false);
  clock.advance(5);
  await tools.answer("1");
  assert.deepEqual(tools.runs.map(({ words }) => words), [["a"], ["b"]]);
  await tools.answer("2");
  assert.ok(poll.check(clock.now()));
  clock.advance(1);
  assert.equal(tools.runs.length, 3);
  await tools.answer("3");
  await tools.answer("4");
  assert.deepEqual(taken, [1, 2, 3, 4]);
  await poll.close();
});

Deno.test("Poll.start() asks once more behind a run that is under way", async () => {
  const { poll, tools } = setUp();
  poll.start();
  poll.start();
  assert.equal(tools.runs.length, 1);
  await tools.answer("1");
  assert.equal(tools.runs.length, 2);
  await tools.answer("2");
  assert.equal(tools.runs.length, 2);
  await poll.close();
});

Deno.test("Poll gives up programs that never gave numbers, and tells why", async () => {
  const { poll, tools, clock } = setUp();
  await tools.fail("exit status 1");
  assert.equal(poll.check(clock.now()), false);
  await tools.answer("a text for people");
  const gone = (error: unknown): boolean =>
    error instanceof Unavailable && error.state === "unsupported" && /a text for people/.test(error.message);
  assert.throws(() => poll.check(clock.now()), gone);
  await assert.rejects(poll.ready(), gone);
  assert.equal(tools.runs.length, 2);
});

Deno.test("Poll takes a program at its word that there is nothing to tell", async () => {
  const { poll, tools, clock } = setUp();
  await tools.answer("nothing there");
  assert.throws(() => poll.check(clock.now()), (error) => error instanceof Unavailable && error.state === "absent");
  assert.equal(tools.runs.length, 1);
});

Deno.test("Poll leaves gaps while programs fail or hang that gave numbers before, and goes on with the next ones", async () => {
  const { poll, tools, clock, taken } = setUp();
  await tools.answer("1");
  clock.advance(1);
  await tools.fail("ended by SIGKILL");
  assert.ok(poll.check(clock.now()));
  clock.advance(3);
  assert.throws(() => poll.check(clock.now()), /^Error: Cannot tell what meter reads: .*ended by SIGKILL for 4\.0 s$/);
  await tools.answer("2");
  assert.ok(poll.check(clock.now()));
  assert.deepEqual(taken, [1, 2]);
  await poll.close();
});

Deno.test("Poll does not give up programs that gave numbers once, however often they fail", async () => {
  const { poll, tools, clock } = setUp();
  await tools.answer("1");
  for (let count = 0; count < 5; count++) {
    clock.advance(1);
    await tools.fail("exit status 1");
  }
  assert.throws(() => poll.check(clock.now()), (error) => !(error instanceof Unavailable));
  await poll.close();
});

Deno.test("Poll counts periods from the start of a run, and takes long ones into account", async () => {
  const { poll, tools, clock } = setUp([["meter"]], 10);
  clock.advance(4);
  await tools.answer("1");
  clock.advance(6);
  assert.equal(tools.runs.length, 2);
  clock.advance(20);
  assert.ok(poll.check(clock.now()), "26 s are less than three periods");
  clock.advance(5);
  assert.throws(() => poll.check(clock.now()));
  await tools.answer("2");
  await poll.close();
});

Deno.test("Poll.close() takes no further answer and runs nothing more", async () => {
  const { poll, tools, clock, taken } = setUp();
  const closed = poll.close();
  await tools.answer("1");
  await closed;
  clock.advance(10);
  assert.deepEqual([taken, tools.runs.length], [[], 1]);
});

Deno.test("Latest takes no number that cannot be, and new columns when others come", () => {
  const latest = new Latest();
  latest.update(new Map([["system_cpu_percent", 70_000], ["system_load1", 2]]), 5);
  assert.deepEqual(latest.reading, { values: [null, 2], at: 5 });
  const { series } = latest;
  latest.update(new Map([["system_cpu_percent", 70], ["system_load1", null]]), 6);
  assert.equal(latest.series, series);
  assert.deepEqual(latest.reading, { values: [70, null], at: 6 });
  latest.update(new Map([["system_load1", 1]]), 7);
  assert.deepEqual(latest.series, ["system_load1"]);
});
