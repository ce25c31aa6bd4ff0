import assert from "node:assert/strict";
import { type PostOptions, PostQueue } from "../sinks/post_queue.ts";
import { FormServer, freePort } from "./form_server.ts";

const TEXTS = Array.from({ length: 50 }, (_, number) => `n=${number}`);

function queueTo(url: string, options: Partial<PostOptions> = {}): PostQueue {
  return new PostQueue({ url, headers: { "content-type": "application/x-www-form-urlencoded" }, ...options });
}

function bodies({ posts }: FormServer): string[] {
  return posts.map(({ body }) => body);
}

Deno.test("PostQueue posts everything in its order", async () => {
  await using server = new FormServer();
  const queue = queueTo(server.url);
  for (const text of TEXTS) queue.push(text);
  assert.equal(await queue.close(5), undefined);
  assert.deepEqual(bodies(server), TEXTS);
});

Deno.test("PostQueue loses nothing while the remote is away and back again", async () => {
  const port = freePort();
  const queue = queueTo(`http://127.0.0.1:${port}`, { onLoss: assert.fail });
  for (const text of TEXTS) queue.push(text);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await using server = new FormServer({ port });
  await server.arrived(TEXTS.length);
  assert.equal(await queue.close(5), undefined);
  assert.deepEqual(bodies(server), TEXTS);
});

Deno.test("PostQueue tries again what a broken remote answers with 500 or 429", async () => {
  const statuses = [500, 429];
  await using server = new FormServer({ behave: () => statuses.shift() ?? 204 });
  const queue = queueTo(server.url, { onLoss: assert.fail });
  queue.push("n=1");
  await server.arrived(1);
  assert.equal(await queue.close(5), undefined);
  assert.deepEqual(bodies(server), ["n=1", "n=1", "n=1"]);
});

Deno.test("PostQueue does not try again what is refused, and goes on with the next", async () => {
  const losses: string[] = [];
  await using server = new FormServer({ behave: ({ body }) => body === "n=1" || body === "n=2" ? 404 : 200 });
  const queue = queueTo(server.url, { onLoss: (reason) => losses.push(reason) });
  for (const text of ["n=1", "n=2", "n=3"]) queue.push(text);
  assert.deepEqual(await queue.close(5), { count: 2, of: 3, reason: "it answered 404" });
  assert.deepEqual(bodies(server), ["n=1", "n=2", "n=3"]);
  assert.deepEqual(losses, ["it answered 404"]);
});

Deno.test("PostQueue does not follow a remote elsewhere", async () => {
  await using server = new FormServer({ behave: () => 307 });
  const queue = queueTo(server.url);
  queue.push("n=1");
  assert.deepEqual(await queue.close(5), { count: 1, of: 1, reason: "it answered 307" });
});

Deno.test("PostQueue drops the oldest that wait beyond its limit, and counts them", async () => {
  const losses: string[] = [];
  const answer = Promise.withResolvers<void>();
  await using server = new FormServer({ behave: () => (answer.resolve(), 200) });
  const queue = queueTo(server.url, { limit: 3, onLoss: (reason) => losses.push(reason) });
  // The first one is on its way; all others come before anything can be answered.
  for (const text of TEXTS) queue.push(text);
  assert.deepEqual(await queue.close(5), { count: 47, of: 50, reason: "it has not answered yet" });
  assert.deepEqual(bodies(server), ["n=0", "n=48", "n=49"]);
  assert.deepEqual(losses, ["it has not answered yet"]);
});

Deno.test("PostQueue keeps what is on its way when it drops others, and posts it again where it was not taken", async () => {
  const statuses = [500];
  await using server = new FormServer({ behave: () => statuses.shift() ?? 200 });
  const queue = queueTo(server.url, { limit: 3 });
  for (const text of TEXTS) queue.push(text);
  assert.equal((await queue.close(5))?.count, 47);
  assert.deepEqual(bodies(server), ["n=0", "n=0", "n=48", "n=49"]);
});

Deno.test("PostQueue gives up a remote that never answers when the time is over", async () => {
  await using server = new FormServer({ behave: () => undefined });
  const queue = queueTo(server.url);
  for (const text of TEXTS) queue.push(text);
  await server.arrived(1);
  assert.deepEqual(await queue.close(0.05), { count: 50, of: 50, reason: "it has not answered yet" });
});

Deno.test("PostQueue says why a remote could not be reached", async () => {
  const queue = queueTo(`http://127.0.0.1:${freePort()}`);
  queue.push("n=1");
  assert.deepEqual(await queue.close(0.3), { count: 1, of: 1, reason: "connection refused" });
});
