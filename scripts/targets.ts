/** What a release is built for, as `deno compile --target` names it. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/** One of {@linkcode TARGETS}. */
export type Target = (typeof TARGETS)[number];

/** Reads a target. Throws RangeError, with those that there are. */
export function parseTarget(text: string): Target {
  const target = TARGETS.find((each) => each === text);
  if (target === undefined) throw new RangeError(`Cannot build for "${text}": the targets are ${TARGETS.join(", ")}`);
  return target;
}
