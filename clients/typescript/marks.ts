import { sender } from "./sender.ts";
import { attributesOf, messageOf } from "./told.ts";

/** What can be told with a mark beside its name. */
export interface Attributes {
  readonly [name: string]: string | number | boolean | readonly string[];
}

/** How important a message is. */
export type Level = "debug" | "info" | "warning" | "error" | "critical";

/** A table within a log. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/**
 * Marks this instant.
 *
 * ```js
 * import { tag } from "resmon";
 *
 * tag("cache is warm");
 * tag("validated", { loss: 0.25 });
 * ```
 */
export function tag(label: string, attributes?: Attributes): void {
  sender().send(() => ({ kind: "tag", name: `${label}`, ...attributesOf(attributes) }));
}

/**
 * Marks that a step is reached, whose name has one or several parts.
 *
 * ```js
 * import { checkpoint } from "resmon";
 *
 * checkpoint("data set 1", "loaded");
 * ```
 */
export function checkpoint(...names: readonly string[]): void {
  sender().send(() => ({ kind: "checkpoint", name: names.join(" "), names: names.map((name) => `${name}`) }));
}

/**
 * Puts messages into the log of the run: texts, errors, tables, and whatever JSON can tell; 64 KiB of them.
 *
 * ```js
 * import { log } from "resmon";
 *
 * log("warning", "the loss grows", { epoch: 3, loss: [0.2, 0.4] });
 * log("info", { table: { columns: ["epoch", "loss"], rows: [[1, 0.4], [2, 0.2]] } });
 * ```
 */
export function log(level: Level, ...messages: readonly unknown[]): void {
  if (messages.length > 0) sender().send(() => ({ kind: "log", level, messages: messages.map(messageOf) }));
}
