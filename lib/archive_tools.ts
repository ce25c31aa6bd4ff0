import { type Root, SystemError } from "./root.ts";
import { type RunningTool, ToolError, type ToolHandlers, type Tools } from "./tools.ts";

/**
 * Where a fixture keeps what tools print: a file is called as the tool and its first arguments (`|` for `/`), its content is
 * stdout. resmon's own helpers are `resmon helper …`.
 */
export const TOOLS_FOLDER = "/.resmon/tools";

/** Where a fixture keeps how tools end that fail or stop by themselves: files of the same names, with the reason. */
export const TOOL_ENDS_FOLDER = "/.resmon/tool_ends";

/**
 * The tools of a fixture: each prints what the fixture holds under its name and most of its arguments. Where the fixture tells
 * no end, a stream then runs on in silence, and a tool that is run to its end succeeds.
 */
export class ArchiveTools implements Tools {
  readonly pids: ReadonlySet<number> = new Set();
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  find(name: string, _folders?: readonly string[]): string | undefined {
    const files = [...this.#names(TOOLS_FOLDER), ...this.#names(TOOL_ENDS_FOLDER)];
    return files.some((file) => file === name || file.startsWith(`${name} `)) ? `/usr/bin/${name}` : undefined;
  }

  start(words: readonly string[], handlers: ToolHandlers): RunningTool {
    const { output, end } = this.#read(words);
    const lines = output.split("\n");
    if (lines.at(-1) === "") lines.pop();
    let isClosed = false;
    queueMicrotask(() => {
      for (const line of lines) if (!isClosed) handlers.line(line);
      if (!isClosed && end !== undefined) handlers.end(end);
    });
    return {
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    };
  }

  async run(words: readonly string[], _seconds: number): Promise<string> {
    const { output, end } = await Promise.resolve().then(() => this.#read(words));
    if (end !== undefined) throw new ToolError(words[0] ?? "", end);
    return output;
  }

  #read(words: readonly string[]): { readonly output: string; readonly end?: string } {
    const file = this.#find(TOOLS_FOLDER, words);
    const end = this.#find(TOOL_ENDS_FOLDER, words);
    if (file === undefined && end === undefined) throw new ToolError(words[0] ?? "", "the fixture does not have it");
    return { output: file ?? "", ...(end === undefined ? {} : { end }) };
  }

  #find(folder: string, words: readonly string[]): string | undefined {
    const name = toolFile(words).split(" ");
    const known = new Set(this.#names(folder));
    for (let count = name.length; count > 0; count--) {
      const file = name.slice(0, count).join(" ");
      if (known.has(file)) return this.#output(`${folder}/${file}`);
    }
    return undefined;
  }

  #output(path: string): string {
    try {
      return this.#root.read(path);
    } catch (error) {
      throw error instanceof SystemError ? new ToolError(path, error.message) : error;
    }
  }

  // A machine of which this cannot be read is one without tools.
  #names(folder: string): string[] {
    try {
      return this.#root.list(folder);
    } catch (error) {
      if (error instanceof SystemError) return [];
      throw error;
    }
  }
}

/** The name under which a fixture keeps what a tool prints when it is started with these words. */
export function toolFile([path = "", ...args]: readonly string[]): string {
  return [path.slice(path.lastIndexOf("/") + 1), ...args.map((word) => word.replaceAll("/", "|"))].join(" ");
}
