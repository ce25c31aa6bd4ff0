import assert from "node:assert/strict";
import { SystemClock } from "../lib/clock.ts";
import { MarkIntake } from "../lib/mark_intake.ts";
import { MarkSocket, type MarkSocketOptions } from "../lib/mark_socket.ts";
import type { Event } from "../lib/records.ts";
import { until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

interface Setup {
  readonly options: MarkSocketOptions;
  readonly events: Event[];
}

function setUp(): Setup {
  const clock = new SystemClock();
  const events: Event[] = [];
  const intake = new MarkIntake({
    clock,
    elapsed: () => 1,
    write: (event) => events.push(event),
    onPhase: () => undefined,
  });
  return { options: { clock, intake, maxConnections: 10 }, events };
}

const encoder = new TextEncoder();

async function send(connect: () => Promise<Deno.Conn>, lines: readonly unknown[]): Promise<void> {
  using connection = await connect();
  await connection.write(encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
}

const MARK = { kind: "tag", name: "a" };

Deno.test("MarkSocket.listenWithToken() takes marks of those who know the token, and of nobody else", async () => {
  const { options, events } = setUp();
  const socket = MarkSocket.listenWithToken(options);
  const [, port = "", token = ""] = /^tcp:127\.0\.0\.1:(\d+)\/([0-9a-f]{48})$/.exec(socket.address) ?? [];
  const connect = (): Promise<Deno.Conn> => Deno.connect({ hostname: "127.0.0.1", port: parseInt(port, 10) });
  const hello = { kind: "hello", token };
  await send(connect, [MARK]);
  await send(connect, [{ kind: "hello" }, MARK]);
  await send(connect, [{ kind: "hello", token: token.replace(/.$/, "x") }, MARK]);
  await send(connect, [{ kind: "hello", token: token.replace(/^./, "x") }, MARK]);
  await send(connect, [MARK, hello, MARK]);
  await socket.drain();
  assert.equal(events.length, 0);
  await send(connect, [hello, MARK, MARK]);
  await socket.drain();
  assert.equal(events.length, 2);
  socket.close();
});

Deno.test("MarkSocket.drain() waits for everything that was sent before, in any number of connections", async () => {
  await withTemporaryFolder(async (folder) => {
    const { options, events } = setUp();
    const path = `${folder}/socket`;
    const socket = MarkSocket.listenAt(path, options);
    assert.equal(socket.address, `unix:${path}`);
    const connect = (): Promise<Deno.Conn> => Deno.connect({ transport: "unix", path });
    for (let at = 0; at < 100; at++) await send(connect, [MARK, MARK]);
    using open = await connect();
    await open.write(encoder.encode(`${JSON.stringify(MARK)}\n`));
    await socket.drain();
    assert.equal(events.length, 201);
    socket.close();
    socket.close();
  });
});

Deno.test("MarkSocket reads no more programs at once than it may, and the others after them", async () => {
  await withTemporaryFolder(async (folder) => {
    const { options, events } = setUp();
    const path = `${folder}/socket`;
    const socket = MarkSocket.listenAt(path, options);
    const connections: Deno.Conn[] = [];
    for (let at = 0; at < 12; at++) {
      const connection = await Deno.connect({ transport: "unix", path });
      await connection.write(encoder.encode(`${JSON.stringify({ kind: "tag", name: `${at}` })}\n`));
      connections.push(connection);
    }
    await until(() => events.length >= 10);
    await socket.drain();
    assert.deepEqual(events.map(({ name }) => name).toSorted(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    for (const connection of connections.splice(0, 2)) connection.close();
    await until(() => events.length === 12);
    for (const connection of connections) connection.close();
    socket.close();
  });
});

Deno.test("MarkSocket.drain() ends where the path is gone, with what was sent before", async () => {
  const { options, events } = setUp();
  const { socket, connection } = await withTemporaryFolder(async (folder) => {
    const path = `${folder}/socket`;
    const socket = MarkSocket.listenAt(path, options);
    return { socket, connection: await Deno.connect({ transport: "unix", path }) };
  });
  await connection.write(encoder.encode(`${JSON.stringify(MARK)}\n`));
  await socket.drain();
  assert.equal(events.length, 1);
  connection.close();
  socket.close();
});

Deno.test("MarkSocket.listenAt() refuses a path that is there, and keeps the umask", async () => {
  await withTemporaryFolder(async (folder) => {
    const { options } = setUp();
    await Deno.writeTextFile(`${folder}/socket`, "");
    assert.throws(() => MarkSocket.listenAt(`${folder}/socket`, options), Deno.errors.AddrInUse);
    await Deno.writeTextFile(`${folder}/file`, "");
    assert.equal(((await Deno.stat(`${folder}/file`)).mode ?? 0) & 0o200, 0o200);
  });
});
