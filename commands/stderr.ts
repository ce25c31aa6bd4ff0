import { escapeTerminal } from "../lib/escape.ts";

/** Tells the user a sentence on stderr. Where that cannot be written (a full disk) nobody is left to be told, and nothing fails. */
export function tell(sentence: string): void {
  try {
    console.error(`resmon: ${escapeTerminal(sentence)}`);
  } catch (error) {
    // Nothing of resmon's own may change the exit status of the command.
    if (!(error instanceof Error)) throw error;
  }
}
