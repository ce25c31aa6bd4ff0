import { exitLike } from "./lib/exit.ts";
import type { ExitStatus } from "./lib/wait.ts";

if (import.meta.main) exitLike(await main(Deno.args));

async function main([word = "", ...words]: readonly string[]): Promise<ExitStatus> {
  // What resmon starts itself has to start fast, and needs no command line that is made for people.
  if (word === "helper") return await (await import("./commands/helper.ts")).helper(words);
  return await (await import("./commands/command_line.ts")).runCommandLine(Deno.args);
}
