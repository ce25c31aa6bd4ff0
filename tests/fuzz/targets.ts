import { logTargets } from "./logs.ts";
import { parserTargets } from "./parsers.ts";
import type { Target } from "./target.ts";

/** Everything that is fuzzed. */
export const TARGETS: readonly Target[] = [...parserTargets(), ...logTargets()];
