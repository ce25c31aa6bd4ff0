import { LineSplitter } from "./line_splitter.ts";
import { type RunningTool, TOOL_MARK, ToolError, type ToolHandlers, type Tools } from "./tools.ts";

// Ends the program when resmon does, whichever way that is: the guard reads a pipe that only resmon holds. The program leads a
// session of its own, so that neither Ctrl-C nor Ctrl-Z reach it and its own children die with it, also where it ends by itself.
const GUARD = `
trap '' INT QUIT HUP TSTP TTIN TTOU
exec 3<&0 </dev/null
if command -v setsid >/dev/null; then setsid "$@" 3<&- & else "$@" 3<&- & fi
tool=$!
{ read -r _ <&3; kill -9 -$tool; kill -9 $tool; } >/dev/null 2>&1 &
reader=$!
wait $tool
status=$?
kill -9 -$tool 2>/dev/null
kill -9 $reader
exit $status`;

const MAX_LINE_CHARACTERS = 4 * 2 ** 20;
const MAX_BYTES_PER_SECOND = 8 * 2 ** 20;
const MAX_OUTPUT_CHARACTERS = 64 * 2 ** 20;
const LAST_WORDS = 200;
const LAST_OUTPUT_SECONDS = 1;

/** The programs of this machine. */
export class SystemTools implements Tools {
  readonly #pids = new Set<number>();
  readonly #isExecutable: (path: string) => boolean;

  /** @param isExecutable Says whether there is a program at a path. A start asks dozens of times, mostly in vain. */
  constructor(isExecutable = isExecutableFile) {
    this.#isExecutable = isExecutable;
  }

  get pids(): ReadonlySet<number> {
    return this.#pids;
  }

  find(name: string, folders: readonly string[] = []): string | undefined {
    const path = Deno.env.get("PATH") ?? "";
    const isWindows = Deno.build.os === "windows";
    const candidates = [...path.split(isWindows ? ";" : ":"), ...folders].filter((folder) => folder !== "")
      .flatMap((folder) => [`${folder}/${name}`, ...(isWindows ? [`${folder}/${name}.exe`] : [])]);
    return candidates.find(this.#isExecutable);
  }

  start(words: readonly string[], handlers: ToolHandlers): RunningTool {
    const [program = ""] = words;
    try {
      return new Stream(words, handlers, this.#pids);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new ToolError(program, error.message);
    }
  }

  run(words: readonly string[], seconds: number): Promise<string> {
    const [program = ""] = words;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const lines: string[] = [];
    let length = 0;
    function finish(action: () => void): void {
      deadline.removeEventListener("abort", giveUp);
      action();
    }
    function giveUp(): void {
      finish(() => reject(new ToolError(program, `no end after ${seconds} s`)));
      tool.close().catch(reject);
    }
    const tool = this.start(words, {
      line: (text) => {
        length += text.length;
        if (length <= MAX_OUTPUT_CHARACTERS) lines.push(text);
      },
      end: (reason) =>
        finish(() => reason === SUCCESS ? resolve(lines.join("\n")) : reject(new ToolError(program, reason))),
    });
    const deadline = AbortSignal.timeout(seconds * 1000);
    deadline.addEventListener("abort", giveUp);
    return promise;
  }
}

const SUCCESS = "exit status 0";

class Stream implements RunningTool {
  readonly #process: Deno.ChildProcess;
  readonly #handlers: ToolHandlers;
  readonly #gone: Promise<void>;
  #isClosed = false;
  #inputClosed: Promise<void> | undefined;
  #second = 0;
  #bytes = 0;
  #lastWords = "";
  #misbehaviour: string | undefined;

  constructor(words: readonly string[], handlers: ToolHandlers, pids: Set<number>) {
    const [program, ...args] = Deno.build.os === "windows" ? words : ["/bin/sh", "-c", GUARD, "guard", ...words];
    this.#handlers = handlers;
    this.#process = new Deno.Command(program ?? "", {
      args,
      env: { LC_ALL: "C", [TOOL_MARK]: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { pid } = this.#process;
    pids.add(pid);
    this.#gone = this.#watch().finally(() => pids.delete(pid));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#inputClosed ??= this.#process.stdin.close();
    // On Windows nothing guards the program.
    if (Deno.build.os === "windows") this.#kill();
    return this.#gone;
  }

  async #watch(): Promise<void> {
    const readers = [this.#process.stdout.getReader(), this.#process.stderr.getReader()] as const;
    const read = Promise.all([this.#readLines(readers[0]), this.#readLastWords(readers[1])]);
    const { code, signal } = await this.#process.status;
    // What it has left behind may hold the pipes open for ever.
    await Promise.race([read, seconds(LAST_OUTPUT_SECONDS)]);
    await Promise.all(readers.map((reader) => reader.cancel()));
    await read;
    const isClosed = this.#isClosed;
    this.#inputClosed ??= this.#process.stdin.close();
    await this.#inputClosed.catch((error) => {
      // The reader of the pipe is gone already.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    });
    if (!isClosed) this.#handlers.end(this.#misbehaviour ?? describeEnd({ code, signal, said: this.#lastWords }));
  }

  async #readLines(reader: Reader): Promise<void> {
    const splitter = new LineSplitter();
    for await (const bytes of chunks(reader)) {
      for (const line of splitter.push(bytes)) this.#hand(line);
      this.#restrain(bytes.length, splitter.pending);
    }
    const rest = splitter.flush();
    if (rest !== "") this.#hand(rest);
  }

  #hand(line: string): void {
    if (!this.#isClosed && this.#misbehaviour === undefined) this.#handlers.line(line);
  }

  #restrain(bytes: number, pending: number): void {
    const second = Math.floor(performance.now() / 1000);
    this.#bytes = second === this.#second ? this.#bytes + bytes : bytes;
    this.#second = second;
    if (this.#misbehaviour !== undefined) return;
    if (pending > MAX_LINE_CHARACTERS) this.#misbehaviour = "it printed a line of more than 4 MiB";
    else if (this.#bytes > MAX_BYTES_PER_SECOND) this.#misbehaviour = "it printed more than 8 MiB in a second";
    else return;
    this.#inputClosed ??= this.#process.stdin.close();
    if (Deno.build.os === "windows") this.#kill();
  }

  async #readLastWords(reader: Reader): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of chunks(reader)) {
      this.#lastWords = (this.#lastWords + decoder.decode(bytes, { stream: true })).slice(-LAST_WORDS);
      this.#restrain(bytes.length, 0);
    }
  }

  #kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

async function* chunks(reader: Reader): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value;
}

function seconds(count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  AbortSignal.timeout(count * 1000).addEventListener("abort", () => resolve());
  return promise;
}

function describeEnd({ code, signal, said }: { code: number; signal: string | null; said: string }): string {
  const words = said.trim().split("\n").at(-1) ?? "";
  const how = signal === null ? `exit status ${code}` : `ended by ${signal}`;
  return words === "" || code === 0 ? how : `${how} (${words})`;
}

function isExecutableFile(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
