import type { CommandListener, Launcher, LaunchOptions, OutputName, WrappedCommand } from "./launcher.ts";
import { isSignalName, signalNumber } from "./signals.ts";
import { SpawnError } from "./spawn.ts";
import type { Ended } from "./wait.ts";

const FORWARDED: readonly Deno.Signal[] = ["SIGTERM", "SIGUSR1", "SIGUSR2"];
const OUTPUTS: readonly OutputName[] = ["stdout", "stderr"];
// For so long a process that the command has left running may go on to write.
const GRACE_SECONDS = 0.5;
const OF_TERMINAL: readonly Deno.Signal[] = ["SIGINT", "SIGQUIT", "SIGHUP"];
// All that Windows has: the console tells Ctrl-C and Ctrl-Break to every program on it.
const OF_CONSOLE: readonly Deno.Signal[] = ["SIGINT", "SIGBREAK"];

// What the runtime can do, which tests of another system's path do not change.
const IS_WINDOWS = Deno.build.os === "windows";

/** Starts a command by the runtime, on systems of whose C library resmon does not know enough. */
export class PortableLauncher implements Launcher {
  readonly words: readonly string[];
  readonly keptFiles = 0;
  readonly outputs = OUTPUTS;
  readonly #options: LaunchOptions;

  constructor(words: readonly string[], options: LaunchOptions) {
    this.words = words;
    this.#options = options;
  }

  launch(listener: CommandListener): Promise<WrappedCommand> {
    return Promise.resolve().then(() => new PortableChild(this.words, this.#options, listener));
  }
}

/** A command with resmon's own input, output, terminal and process group, started and waited for by the runtime. */
class PortableChild implements WrappedCommand {
  readonly ended: Promise<boolean>;
  readonly #process: Deno.ChildProcess;
  readonly #options: LaunchOptions;
  readonly #listener: CommandListener;
  readonly #handlers = new Map<Deno.Signal, () => void>();
  readonly #hasTerminal: boolean;
  readonly #output: Promise<readonly OutputName[]>;
  #status: Deno.CommandStatus | undefined;

  constructor(words: readonly string[], options: LaunchOptions, listener: CommandListener) {
    this.#options = options;
    this.#listener = listener;
    this.#hasTerminal = [Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal());
    listener.onSpawn();
    this.#process = spawn(words, this.#isPassedOn ? "piped" : "inherit");
    this.#output = this.#passOutputOn();
    // Afterwards: a signal that resmon listens to is not ignored any more, and the command would inherit that.
    this.#listen();
    this.ended = this.#process.status.then((status) => {
      this.#status = status;
      return true;
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  reap(): Ended | undefined {
    if (this.#status === undefined) return undefined;
    const { code, signal } = this.#status;
    return { status: isSignalName(signal) ? { signal: signalNumber(signal) } : { code } };
  }

  finishOutput(): Promise<readonly OutputName[]> {
    return this.#output;
  }

  // Without pseudo-terminals, what goes to a terminal is left alone unless all has to pass through resmon.
  get #isPassedOn(): boolean {
    return this.#listener.output?.onlyTerminals === false;
  }

  async #passOutputOn(): Promise<readonly OutputName[]> {
    if (!this.#isPassedOn) return [];
    const { stdout, stderr } = this.#process;
    const ended = [this.#passOn("stdout", stdout, Deno.stdout), this.#passOn("stderr", stderr, Deno.stderr)];
    await this.#process.status;
    const grace = new Promise<"open">((resolve) => {
      AbortSignal.timeout(GRACE_SECONDS * 1000).onabort = () => resolve("open");
    });
    const results = await Promise.all(ended.map((end) => Promise.race([end, grace])));
    return OUTPUTS.filter((_, index) => results[index] === "open");
  }

  async #passOn(
    name: OutputName,
    source: ReadableStream<Uint8Array<ArrayBuffer>>,
    target: { write(bytes: Uint8Array): Promise<number> },
  ): Promise<"ended"> {
    try {
      for await (const bytes of source) {
        this.#listener.output?.onBytes(name, bytes);
        for (let at = 0; at < bytes.length;) at += await target.write(bytes.subarray(at));
      }
    } catch (error) {
      // Leaving the loop has closed the command's output: it is told as it would be by whoever read it.
      if (!(error instanceof Error)) throw error;
      if (!(error instanceof Deno.errors.BrokenPipe)) this.#listener.output?.onFailure(name, error.message);
    }
    return "ended";
  }

  close(): void {
    for (const [signal, handler] of this.#handlers) Deno.removeSignalListener(signal, handler);
    this.#handlers.clear();
  }

  #listen(): void {
    for (const signal of IS_WINDOWS ? OF_CONSOLE : [...FORWARDED, ...OF_TERMINAL]) {
      const handler = (): void => this.#onSignal(signal);
      Deno.addSignalListener(signal, handler);
      this.#handlers.set(signal, handler);
    }
  }

  // What the terminal sends, it sends to the command as well.
  #onSignal(signal: Deno.Signal): void {
    const isTold = IS_WINDOWS || (this.#hasTerminal && OF_TERMINAL.includes(signal));
    const forwarded = this.#options.forward && !isTold;
    if (forwarded) this.#send(signal);
    this.#listener.onSignal(signal, forwarded);
  }

  #send(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

function spawn([program = "", ...args]: readonly string[], output: "piped" | "inherit"): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args, stdin: "inherit", stdout: output, stderr: output }).spawn();
  } catch (error) {
    throw spawnError(program, error);
  }
}

function spawnError(program: string, error: unknown): SpawnError {
  const shown = JSON.stringify(program);
  if (error instanceof Deno.errors.NotFound) {
    const hint = IS_WINDOWS ? "; a script needs its interpreter: resmon run -- cmd /c ..." : "";
    const where = /[/\\]/.test(program) ? "no such file" : "not found in PATH";
    return new SpawnError(`Cannot run ${shown}: ${where}${hint}`, 127);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new SpawnError(`Cannot run ${shown}: permission denied`, 126);
  }
  return new SpawnError(`Cannot run ${shown}: ${error instanceof Error ? error.message : String(error)}`, 126);
}
