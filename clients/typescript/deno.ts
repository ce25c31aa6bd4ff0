/** The package's entry for Deno. */

import { DenoMarkSurroundings } from "../../lib/mark_surroundings_deno.ts";
import { useRuntime } from "./sender.ts";

useRuntime(() => new DenoMarkSurroundings());

export * from "./mod.ts";
