import { toolFile } from "./archive_tools.ts";
import { type RunningTool, ToolError, type ToolHandlers, type Tools } from "./tools.ts";

// Enough for a whole list of devices, and for some readings of a stream.
const MOST_CHARACTERS = 512 * 1024;

/** What a tool printed, and how it ended where it did not just run on or succeed. */
export interface ToolNote {
  readonly output: string;
  readonly end?: string;
}

/** Tools that take note of what is found and what it prints, under the names of a fixture's files. */
export class NotingTools implements Tools {
  readonly notes = new Map<string, ToolNote>();
  readonly #tools: Tools;
  readonly #program: readonly string[];

  /** @param program The words that start this program: a fixture knows it as `resmon`. */
  constructor(tools: Tools, program: readonly string[]) {
    this.#tools = tools;
    this.#program = program;
  }

  get pids(): ReadonlySet<number> {
    return this.#tools.pids;
  }

  find(name: string, folders?: readonly string[]): string | undefined {
    const path = this.#tools.find(name, folders);
    if (path !== undefined && !this.#knows(name)) this.notes.set(name, { output: "" });
    return path;
  }

  start(words: readonly string[], handlers: ToolHandlers): RunningTool {
    const note = { output: "" };
    this.#put(words, note);
    return this.#tools.start(words, {
      line: (text) => {
        if (note.output.length + text.length < MOST_CHARACTERS) note.output += `${text}\n`;
        this.#put(words, note);
        handlers.line(text);
      },
      end: (reason) => {
        this.#put(words, { ...note, end: reason });
        handlers.end(reason);
      },
    });
  }

  async run(words: readonly string[], seconds: number): Promise<string> {
    try {
      const output = await this.#tools.run(words, seconds);
      this.#put(words, { output: output.slice(0, MOST_CHARACTERS) });
      return output;
    } catch (error) {
      if (error instanceof ToolError) this.#put(words, { output: "", end: error.reason });
      throw error;
    }
  }

  // A tool that is started again and has not said anything yet does not take the place of what it said before.
  #put(words: readonly string[], note: ToolNote): void {
    const isOwn = this.#program.every((word, index) => words[index] === word);
    const [program = "", ...args] = isOwn ? ["resmon", ...words.slice(this.#program.length)] : words;
    // Paths may be of this one run, and lines of a script would break those of a fixture; a tool is found by its first words too.
    const special = args.findIndex((word) => /[/\t\n]/.test(word));
    const name = toolFile([program, ...args.slice(0, special < 0 ? undefined : special)]);
    if (note.output !== "" || note.end !== undefined || !this.notes.has(name)) this.notes.set(name, note);
  }

  #knows(name: string): boolean {
    return [...this.notes.keys()].some((file) => file === name || file.startsWith(`${name} `));
  }
}
