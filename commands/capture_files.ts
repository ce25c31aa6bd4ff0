import type { OutputName } from "../lib/launcher.ts";
import { OutputFile } from "../lib/output_file.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";

/** The files that `run --capture` may write. */
export const CAPTURE_FILES: readonly string[] = ["stdout.log", "stderr.log", "output.log"];

/** Where captured output goes. */
export interface CapturePlace {
  readonly folder: string;
  readonly force: boolean;
  readonly onFailure: (what: string, reason: string) => void;
}

/** Opens the file that keeps an output of the command. Throws {@linkcode CommandError}. */
export function openCaptureFile(name: OutputName, { folder, force, onFailure }: CapturePlace): OutputFile {
  try {
    return new OutputFile(`${folder}/${name}.log`, { force, onFailure: (reason) => onFailure("capture", reason) });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), OWN_FAILURE);
  }
}
