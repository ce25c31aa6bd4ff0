/** The package's entry for Node and what is like it. */

import { NodeMarkSurroundings } from "./node_surroundings.ts";
import { useRuntime } from "./sender.ts";

useRuntime(() => new NodeMarkSurroundings());

export * from "./mod.ts";
