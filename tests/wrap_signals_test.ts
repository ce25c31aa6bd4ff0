/** Signals that are sent to resmon alone. What the terminal sends is in terminal_session_test.ts. */

import assert from "node:assert/strict";
import { PYTHON, readRun } from "./program.ts";
import { Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { wrap } from "./wrapping.ts";

const TELL = [PYTHON, new URL("workloads/tell_signals.py", import.meta.url).pathname];

async function commandPid(running: Running): Promise<number> {
  return parseInt((await running.line()).replace("ready ", ""), 10);
}

function ignores(pid: number, signal: number): boolean {
  return maskHas(pid, "SigIgn", signal);
}

function maskHas(pid: number, name: "SigIgn" | "SigBlk", signal: number): boolean {
  const mask = new RegExp(`^${name}:\t(\\w+)`, "m").exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return (BigInt(`0x${mask}`) >> BigInt(signal - 1) & 1n) === 1n;
}

// Only there does the runtime open its debugger for SIGUSR1. The launcher of the Python package blocks it.
function isDenoRun(pid: number): boolean {
  return /\/deno$/.test(Deno.readLinkSync(`/proc/${pid}/exe`)) && !maskHas(pid, "SigBlk", 10);
}

function debuggers(): string[] {
  const sockets = Deno.readTextFileSync("/proc/net/tcp").split("\n");
  return sockets.filter((line) => / 0100007F:240D .* 0A /.test(line));
}

function forwardedSignals(folder: string): (readonly [string, boolean])[] {
  const events = readRun(folder).records.filter(({ type, kind }) => type === "event" && kind === "signal");
  return events.map(({ attributes }) => [attributes.signal, attributes.forwarded]);
}

Deno.test("resmon run passes on each signal that is sent to it, once", () =>
  withTemporaryFolder(async (folder) => {
    await using running = new Running(wrap(folder, TELL));
    const pid = await commandPid(running);
    const signals = ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR2", "SIGQUIT", "SIGTERM"] as const;
    for (const signal of signals) {
      running.kill(signal);
      // A second one would come before the next signal.
      assert.equal(await running.line(), signal);
    }
    Deno.kill(pid, "SIGALRM");
    assert.deepEqual(await running.end(), { code: 3, signal: null, stdout: "", stderr: "" });
    assert.deepEqual(forwardedSignals(folder), signals.map((signal) => [signal, true]));
  }));

Deno.test("resmon run passes no signal on with --no-forward", () =>
  withTemporaryFolder(async (folder) => {
    await using running = new Running(wrap(folder, TELL, ["--no-forward"]));
    const pid = await commandPid(running);
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR2"] as const) running.kill(signal);
    Deno.kill(pid, "SIGUSR2");
    assert.equal(await running.line(), "SIGUSR2");
    // What the command's end overtakes is not told.
    await until(() => Deno.readTextFileSync(`${folder}/log.jsonl`).split('"kind":"signal"').length > 5);
    Deno.kill(pid, "SIGALRM");
    assert.deepEqual(await running.end(), { code: 3, signal: null, stdout: "", stderr: "" });
    const seen = forwardedSignals(folder);
    assert.ok(seen.every(([, forwarded]) => !forwarded));
    assert.deepEqual(seen.map(([signal]) => signal).sort(), ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2"]);
  }));

Deno.test("resmon run ends by the signal that was passed on, where the command dies by it", () =>
  withTemporaryFolder(async (folder) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const) {
      await using running = new Running(wrap(folder, ["sh", "-c", "echo ready; exec sleep 100"]));
      await running.line();
      running.kill(signal);
      assert.equal((await running.end()).signal, signal);
    }
  }));

Deno.test("resmon run passes SIGUSR1 on, under deno run in the first half second only", () =>
  withTemporaryFolder(async (folder) => {
    const before = debuggers();
    await using running = new Running(wrap(folder, TELL));
    const pid = await commandPid(running);
    if (!ignores(running.pid, 10)) {
      running.kill("SIGUSR1");
      assert.equal(await running.line(), "SIGUSR1");
    } else {
      console.warn("DID NOT RUN: SIGUSR1 in the first half second: resmon took longer to start");
    }
    if (isDenoRun(running.pid)) {
      await until(() => ignores(running.pid, 10));
      running.kill("SIGUSR1");
      // The runtime would open its debugger for the signal, for anyone on the machine.
      running.kill("SIGUSR2");
      assert.equal(await running.line(), "SIGUSR2");
      assert.deepEqual(debuggers(), before);
    }
    Deno.kill(pid, "SIGALRM");
    assert.equal((await running.end()).code, 3);
  }));

Deno.test("resmon run survives the hang-up that nohup protects from, and so does the command", () =>
  withTemporaryFolder(async (folder) => {
    await using running = new Running([
      "sh",
      "-c",
      'trap "" HUP; exec "$@"',
      "sh",
      ...wrap(folder, ["sh", "-c", "echo $$; exec sleep 100"]),
    ]);
    const pid = parseInt(await running.line(), 10);
    for (const target of [pid, running.pid]) Deno.kill(target, "SIGHUP");
    // The runtime would take ignored signals over once more half a second after its start.
    if (isDenoRun(running.pid)) await until(() => ignores(running.pid, 10));
    for (const target of [pid, running.pid]) Deno.kill(target, "SIGHUP");
    Deno.kill(pid, "SIGKILL");
    assert.equal((await running.end()).signal, "SIGKILL");
    assert.deepEqual(forwardedSignals(folder), []);
  }));
