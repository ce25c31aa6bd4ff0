import type fc from "fast-check";

/** One thing that is fuzzed: a property over damaged inputs. `deno task fuzz` and the tests run the same ones. */
export interface Target {
  /** Such as `parseProcStat()`. */
  readonly name: string;
  readonly property: () => fc.IRawProperty<unknown>;
}
