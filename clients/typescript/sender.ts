import { MarkSender } from "../../lib/mark_sender.ts";
import type { MarkSurroundings } from "../../lib/mark_surroundings.ts";

let create: (() => MarkSurroundings) | undefined;
let surroundings: MarkSurroundings | undefined;
let common: MarkSender | undefined;

/** Says what runtime the program runs on; each entry of the package does so once. */
export function useRuntime(createSurroundings: () => MarkSurroundings): void {
  create = createSurroundings;
}

/** The runtime that the program runs on. */
export function runtime(): MarkSurroundings {
  if (create === undefined) throw new Error("Cannot send marks: import deno.ts or node.ts, which know the runtime");
  return surroundings ??= create();
}

/** The sender of this program's marks, which all of the package share. */
export function sender(): MarkSender {
  return common ??= new MarkSender(runtime());
}
