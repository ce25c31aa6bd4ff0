import assert from "node:assert/strict";
import { type RunningTool, ToolError, type ToolHandlers, type Tools } from "../lib/tools.ts";

/** Tools that print and end when a test says so. */
export class FakeTools implements Tools {
  readonly pids: ReadonlySet<number> = new Set();
  readonly started: ToolHandlers[] = [];
  readonly commands: (readonly string[])[] = [];
  closed = 0;
  isBroken = false;

  find(name: string): string {
    return `/usr/bin/${name}`;
  }

  start(words: readonly string[], handlers: ToolHandlers): RunningTool {
    if (this.isBroken) throw new ToolError(words[0] ?? "", "too many processes");
    this.started.push(handlers);
    this.commands.push(words);
    return {
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    };
  }

  run(): Promise<string> {
    return Promise.reject(new ToolError("none", "not in this test"));
  }

  /** Who listens to the tool that was started last. */
  get last(): ToolHandlers {
    const handlers = this.started.at(-1);
    assert.ok(handlers !== undefined, "the tool was started");
    return handlers;
  }
}
