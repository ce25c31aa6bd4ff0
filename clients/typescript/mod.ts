/**
 * Marks of a program on its own timeline, for Deno and Node: they stand in the log and the report of the resmon that records the
 * program. Without one around every call does nothing.
 *
 * ```js
 * import { log, phase, Progress, tag } from "resmon";
 *
 * const epochs = new Progress(3, "training");
 * for (let epoch = 1; epoch <= 3; epoch++) {
 *   await phase("epoch", { number: epoch }, async () => {
 *     await new Promise((resolve) => setTimeout(resolve, 10));
 *   });
 *   epochs.advance();
 * }
 * epochs.complete();
 * log("info", "trained", { loss: 0.25 });
 * tag("done");
 * ```
 *
 * @module
 */

export { type Attributes, checkpoint, type Level, log, type Table, tag } from "./marks.ts";
export { Monitor, type MonitorOptions } from "./monitor.ts";
export { Phase, phase } from "./phase.ts";
export { Progress } from "./progress.ts";
