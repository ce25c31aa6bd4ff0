/** resmon that adds a byte to a file before it takes a tick, so that a test knows how many there were: counted_run.ts FILE ARGUMENTS... */

import { createProgram } from "../../commands/program.ts";
import { exitLike } from "../../lib/exit.ts";
import { Recorder } from "../../lib/recorder.ts";
import type { ExitStatus } from "../../lib/wait.ts";

const [path = "", ...args] = Deno.args;
const counter = Deno.openSync(path, { create: true, append: true });
const tick = Recorder.prototype.tick;
Recorder.prototype.tick = function (): void {
  counter.writeSync(Uint8Array.of(1));
  tick.call(this);
};

const results: Promise<ExitStatus>[] = [];
createProgram((result) => results.push(result)).parse(args, { from: "user" });
exitLike(await results[0] ?? { code: 1 });
