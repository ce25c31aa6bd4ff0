import assert from "node:assert/strict";
import { Feed } from "../collectors/feed.ts";
import { Unavailable } from "../lib/contracts.ts";
import { parseInteger } from "../lib/parse.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeTools } from "./fake_tools.ts";

interface Setup {
  readonly feed: Feed;
  readonly tools: FakeTools;
  readonly clock: FakeClock;
  readonly values: number[];
}

function setUp(tools = new FakeTools()): Setup {
  const clock = new FakeClock();
  const values: number[] = [];
  const feed = new Feed({
    tools,
    clock,
    words: ["/usr/bin/meter", "--fast"],
    interval: 1,
    accept: (line) => {
      if (line === "header") return false;
      if (line === "no such device") throw new Unavailable("absent", "There is no device");
      values.push(parseInteger(line, "meter"));
      return true;
    },
  });
  feed.start();
  return { feed, tools, clock, values };
}

Deno.test("Feed.check() knows numbers only from the first line that brings some", async () => {
  const { feed, tools, clock, values } = setUp();
  assert.equal(feed.check(clock.now()), false);
  tools.last.line("header");
  assert.equal(feed.check(clock.now()), false);
  clock.advance(0.5);
  tools.last.line("7");
  assert.equal(feed.check(clock.now()), true);
  assert.equal(feed.at, clock.now());
  assert.deepEqual(values, [7]);
  await feed.ready();
});

Deno.test("Feed.check() throws a gap while the tool is silent, and numbers are welcome again", () => {
  const { feed, tools, clock } = setUp();
  tools.last.line("7");
  clock.advance(3);
  assert.equal(feed.check(clock.now()), true);
  clock.advance(0.1);
  assert.throws(() => feed.check(clock.now()), /^Error: Cannot tell what meter reads: no answer for 3.1 s$/);
  tools.last.line("8");
  assert.equal(feed.check(clock.now()), true);
});

Deno.test("Feed says of text that is no data what was wrong with it", () => {
  const { feed, tools, clock } = setUp();
  tools.last.line("7");
  tools.last.line("permission denied");
  clock.advance(4);
  assert.throws(() => feed.check(clock.now()), /reads: .*"permission denied".* for 4.0 s$/);
});

Deno.test("Feed starts a tool that ends soon again, each time after a longer pause", () => {
  const { feed, tools, clock } = setUp();
  for (const pause of [1, 2, 4]) {
    tools.last.line("7");
    const before = tools.started.length;
    tools.last.end("exit status 1");
    clock.advance(pause - 0.01);
    assert.equal(tools.started.length, before);
    clock.advance(0.02);
    assert.equal(tools.started.length, before + 1);
  }
  tools.last.end("exit status 1");
  clock.advance(7.99);
  assert.equal(tools.started.length, 4);
  clock.advance(0.02);
  assert.equal(tools.started.length, 5);
  assert.throws(() => feed.check(clock.now()), /it ended \(exit status 1\)/);
});

Deno.test("Feed starts a tool again soon where it had gone on for longer than the pause before", () => {
  const { tools, clock } = setUp();
  tools.last.line("7");
  tools.last.end("exit status 1");
  clock.advance(1.01);
  clock.advance(2.01);
  tools.last.line("8");
  tools.last.end("exit status 1");
  clock.advance(1.01);
  assert.equal(tools.started.length, 3);
});

Deno.test("Feed gives a tool up that ended three times without a number", async () => {
  const { feed, tools, clock } = setUp();
  for (let start = 1; start <= 3; start++) {
    tools.last.end("exit status 9 (no driver)");
    clock.advance(10);
  }
  assert.deepEqual([tools.started.length, tools.closed], [3, 1]);
  assert.throws(() => feed.check(clock.now()), Unavailable);
  await assert.rejects(feed.ready(), /^Unavailable: Cannot read numbers from meter: exit status 9 \(no driver\)$/);
});

Deno.test("Feed gives a tool up at once that says itself that there is nothing", async () => {
  const { feed, tools, clock } = setUp();
  tools.last.line("no such device");
  assert.throws(() => feed.check(clock.now()), /There is no device/);
  await assert.rejects(feed.ready(), Unavailable);
  clock.advance(100);
  assert.deepEqual([tools.started.length, tools.closed], [1, 1]);
});

Deno.test("Feed abandons a tool that hangs, tries another one, and does not hear the first any more", () => {
  const { feed, tools, clock, values } = setUp();
  const hanging = tools.last;
  clock.advance(12);
  assert.deepEqual([tools.closed, tools.started.length], [1, 2]);
  tools.last.line("7");
  hanging.line("8");
  hanging.end("killed");
  assert.deepEqual(values, [7]);
  assert.equal(feed.check(clock.now()), true);
  clock.advance(9);
  tools.last.line("9");
  clock.advance(9);
  assert.equal(tools.started.length, 2, "it spoke in time");
});

Deno.test("Feed.ready() rejects when the tool has been silent once, though others are still tried", async () => {
  const { feed, tools, clock } = setUp();
  clock.advance(10);
  await assert.rejects(feed.ready(), /^Unavailable: Cannot read numbers from meter: none for 10 s$/);
  clock.advance(1);
  tools.last.line("7");
  assert.equal(feed.check(clock.now()), true);
});

Deno.test("Feed survives that the tool cannot be started", () => {
  const tools = new FakeTools();
  tools.isBroken = true;
  const { feed, clock } = setUp(tools);
  assert.equal(feed.check(clock.now()), false);
  tools.isBroken = false;
  clock.advance(1);
  tools.last.line("7");
  assert.equal(feed.check(clock.now()), true);
});

Deno.test("Feed.close() ends the tool and starts none again", async () => {
  const { feed, tools, clock } = setUp();
  tools.last.line("7");
  await feed.close();
  tools.last.end("killed");
  clock.advance(1000);
  assert.deepEqual([tools.started.length, tools.closed], [1, 1]);
});

Deno.test("Feed waits a minute at most before it starts a tool again", () => {
  const { tools, clock } = setUp();
  for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
    const before = tools.started.length;
    tools.last.line("7");
    tools.last.end("exit status 1");
    clock.advance(pause + 0.001);
    assert.equal(tools.started.length, before + 1);
  }
});

Deno.test("Feed is patient with a tool that prints seldom", () => {
  const [tools, clock] = [new FakeTools(), new FakeClock()];
  new Feed({ tools, clock, words: ["/usr/bin/meter"], interval: 60, accept: () => true }).start();
  clock.advance(299);
  assert.equal(tools.started.length, 1);
  clock.advance(3);
  assert.equal(tools.started.length, 2);
});

Deno.test("Feed waits longer for the first numbers of a tool that takes long to start, and for no others", () => {
  const [tools, clock] = [new FakeTools(), new FakeClock()];
  const accept = (line: string): boolean => line === "7";
  new Feed({ tools, clock, words: ["/usr/bin/meter"], interval: 1, patience: 30, accept }).start();
  clock.advance(29);
  assert.equal(tools.started.length, 1);
  tools.last.line("7");
  clock.advance(12);
  assert.equal(tools.started.length, 2);
  clock.advance(29);
  assert.equal(tools.started.length, 2);
  clock.advance(3);
  assert.equal(tools.started.length, 3);
});

Deno.test("Feed does not take the time in which resmon itself was stopped for silence of the tool", () => {
  const { feed, tools, clock } = setUp();
  tools.last.line("7");
  clock.jump(3600);
  clock.advance(0);
  assert.equal(tools.started.length, 1);
  tools.last.line("8");
  assert.equal(feed.check(clock.now()), true);
  clock.jump(3600);
  clock.advance(0);
  clock.advance(11);
  assert.equal(tools.started.length, 2, "it is silent");
});
