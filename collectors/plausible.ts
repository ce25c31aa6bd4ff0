/** The numbers between which a quantity of a machine lies; what is beyond is an error of its sensor or driver. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Watts of one rail or device: a rack draws no more, and a sensor's offset makes less than nothing of very little. */
export const POWER_BOUNDS: Bounds = { least: -100, most: 100_000 };

/** Gives the value. Throws SyntaxError where it is out of bounds; `what` names it in the error. */
export function requirePlausible(value: number, { least, most }: Bounds, what: string): number {
  if (value >= least && value <= most) return value;
  throw new SyntaxError(`Cannot believe ${what}: it is not between ${least} and ${most}`);
}
