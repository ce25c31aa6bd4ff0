import { describeFailure, type Failure } from "../lib/availability.ts";
import { isGone, type Root } from "../lib/root.ts";

/** The paths of what is in a folder, in the order of their numbers; none where there is no such folder. */
export function listFolders(root: Root, parent: string): string[] {
  try {
    return root.list(parent).sort(byNumber).map((name) => `${parent}/${name}`);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/**
 * The one line of a file of sysfs; undefined where there is none to read. A file that is there but cannot be read is told to
 * `onFailure`.
 */
export function readLine(root: Root, path: string, onFailure?: (failure: Failure) => void): string | undefined {
  try {
    const line = root.read(path).trim();
    return line === "" ? undefined : line;
  } catch (error) {
    const failure = describeFailure(error);
    if (failure.state !== "absent") onFailure?.(failure);
    return undefined;
  }
}

/** The last name of a path. */
export function basename(path: string): string {
  return path.split("/").filter((name) => name !== "").at(-1) ?? path;
}

/** Puts `temp10` after `temp2`. Not by localeCompare(): loading its tables takes 20 ms of the start of a run. */
export function byNumber(a: string, b: string): number {
  const [first, second] = [withPaddedNumbers(a), withPaddedNumbers(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function withPaddedNumbers(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.padStart(20, "0"));
}
