/**
 * The command `resmon` of the npm package: starts Deno with the program. npm stands between the terminal and the command, so that
 * this is for trying out.
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { ownProgram } from "./own_program.ts";

// Ctrl-C and Ctrl-\ the terminal sends to resmon itself.
const OF_TERMINAL = ["SIGINT", "SIGQUIT"] as const;
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
const OWN_FAILURE = 125;
const NO_DENO = "its package `deno` is not there, or has no Deno for this machine. npm brings it where resmon is " +
  "installed as a package: from a folder do `npm pack` there, then `npm install <the .tgz>`";

await main();

async function main(): Promise<void> {
  const [deno, ...words] = await ownProgram() ?? [];
  if (deno === undefined) return fail(NO_DENO);
  const child = spawn(deno, [...words, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of OF_TERMINAL) process.on(signal, () => undefined);
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? OWN_FAILURE);
    for (const each of [...OF_TERMINAL, ...FORWARDED]) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

function fail(reason: string): void {
  console.error(`resmon: Cannot start: ${reason}`);
  process.exitCode = OWN_FAILURE;
}
