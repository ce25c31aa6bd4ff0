/** `resmon run` with an error of its own, which no input can bring about: failing_run.ts WHERE FOLDER -- COMMAND... */

import { ProcessCollector } from "../../collectors/process_linux.ts";
import { run } from "../../commands/run.ts";
import { exitLike } from "../../lib/exit.ts";
import { Recorder } from "../../lib/recorder.ts";

const FAILURES: Readonly<Record<string, () => void>> = {
  timer: () => onceStarted(() => setTimeout(fail, 20)),
  promise: () => onceStarted(() => setTimeout(() => Promise.reject(new Error("boom")), 20)),
  tick: () => Recorder.prototype.tick = fail,
  watch: () => Recorder.prototype.watch = fail,
  "signal listener": () => ProcessCollector.prototype.reapOrphans = fail,
  "end of the command": () => ProcessCollector.prototype.endCommand = fail,
  "exact totals": () => ProcessCollector.prototype.exact = fail,
};

const [where = "", output = "", , ...command] = Deno.args;
FAILURES[where]?.();
exitLike(
  await run(
    command,
    {
      output,
      interval: 0.05,
      metrics: "all",
      tag: {},
      to: [],
      report: false,
      quiet: true,
      force: true,
      adopt: true,
      forward: true,
      waitAll: false,
    },
  ),
);

function fail(): never {
  throw new Error("boom");
}

function onceStarted(action: () => void): void {
  const watch = Recorder.prototype.watch;
  Recorder.prototype.watch = function (...args): void {
    watch.apply(this, args);
    action();
  };
}
