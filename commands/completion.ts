import type { Command } from "commander";
import type { ExitStatus } from "../lib/wait.ts";
import { renderBash } from "./completion_bash.ts";
import { renderFish } from "./completion_fish.ts";
import { readCommands, readOptions } from "./completion_tree.ts";
import { renderZsh } from "./completion_zsh.ts";
import type { SHELLS } from "./program.ts";
import { writeStdout } from "./stdout.ts";

const RENDERERS = { bash: renderBash, zsh: renderZsh, fish: renderFish } as const satisfies Record<
  (typeof SHELLS)[number],
  unknown
>;

/** Prints the completion of the whole program for a shell. */
export function completion(shell: keyof typeof RENDERERS, program: Command): Promise<ExitStatus> {
  writeStdout(RENDERERS[shell](readCommands(program), readOptions(program)));
  return Promise.resolve({ code: 0 });
}
