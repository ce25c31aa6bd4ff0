import { randomUUID } from "node:crypto";
import { accessSync, appendFileSync, readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { hostname } from "node:os";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import type { MarkAddress, MarkConnection, MarkSurroundings } from "../../lib/mark_surroundings.ts";

/** Node. */
export class NodeMarkSurroundings implements MarkSurroundings {
  readonly pid: number = process.pid;
  readonly parent: number = process.ppid;
  readonly host: string = hostname();

  // A thread of Linux has the number of its process where it is the first one.
  get thread(): number | undefined {
    return process.platform === "linux" && isMainThread ? process.pid : undefined;
  }

  get user(): number | undefined {
    return process.getuid?.();
  }

  newId(): string {
    return randomUUID().replaceAll("-", "");
  }

  variable(name: string): string | undefined {
    return process.env[name];
  }

  read(path: string): string | undefined {
    return attempt(() => readFileSync(path, "utf8"));
  }

  list(folder: string): readonly string[] {
    return attempt(() => readdirSync(folder)) ?? [];
  }

  append(path: string, text: string): void {
    attempt(() => {
      accessSync(path);
      appendFileSync(path, text);
    });
  }

  connect(address: MarkAddress): Promise<MarkConnection> {
    return new Promise((resolve, reject) => {
      const socket = address.kind === "unix" ? connect(address.path) : connect(address.port, address.host);
      // It stays: an error that comes later is that of a write, which tells it.
      socket.on("error", reject);
      socket.once("connect", () => {
        socket.unref();
        resolve(new NodeConnection(socket));
      });
    });
  }

  atEnd(action: () => void): void {
    process.on("exit", action);
  }
}

class NodeConnection implements MarkConnection {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(text, (error) => error ? reject(error) : resolve());
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
