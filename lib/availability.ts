import { Unavailable } from "./contracts.ts";
import type { State } from "./records.ts";
import { isDenied, isGone, SystemError } from "./root.ts";

const OFF = ["EAGAIN", "ENODATA", "EOPNOTSUPP"];
const GONE = ["ENODEV", "ENXIO", "ENOTDIR"];

/** A source that did not answer: how it stands, and the sentence that says why. */
export interface Failure {
  readonly state: Exclude<State, "working">;
  readonly reason: string;
}

/** Reads the failure out of what a read or a parser threw; throws every other error again, being a defect of resmon. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof SyntaxError) return { state: "unsupported", reason: error.message };
  if (!(error instanceof SystemError)) throw error;
  return { state: stateOf(error), reason: error.message };
}

function stateOf(error: SystemError): Failure["state"] {
  if (isDenied(error)) return "denied";
  if (isGone(error) || GONE.includes(error.code)) return "absent";
  return OFF.includes(error.code) ? "off" : "unsupported";
}

/**
 * Does `open`, the first reading of a collector. Where it fails, what is open already is closed, and the failure becomes
 * {@linkcode Unavailable}, with what the user can do about it.
 */
export function openWhole<T>(collector: { close(): void }, open: () => T, remedy?: string): T {
  try {
    return open();
  } catch (error) {
    collector.close();
    if (error instanceof Unavailable) throw error;
    const { state, reason } = describeFailure(error);
    throw new Unavailable(state, reason, remedy);
  }
}

/** Does `read`, one of several readings of a collector; a failure is a gap of that reading alone. */
export function orGap<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    describeFailure(error);
    return null;
  }
}
