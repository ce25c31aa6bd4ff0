import type { MarkAddress, MarkConnection, MarkSurroundings } from "./mark_surroundings.ts";

/** Deno: whatever is not permitted is as if it were not there. */
export class DenoMarkSurroundings implements MarkSurroundings {
  readonly pid = Deno.pid;
  readonly parent = Deno.ppid;

  // A thread of Linux has the number of its process where it is the first one.
  get thread(): number | undefined {
    return Deno.build.os === "linux" && !("WorkerGlobalScope" in globalThis) ? Deno.pid : undefined;
  }

  get user(): number | undefined {
    return isPermitted({ name: "sys", kind: "uid" }) ? Deno.uid() ?? undefined : undefined;
  }

  get host(): string | undefined {
    return isPermitted({ name: "sys", kind: "hostname" }) ? Deno.hostname() : undefined;
  }

  newId(): string {
    return crypto.randomUUID().replaceAll("-", "");
  }

  variable(name: string): string | undefined {
    return isPermitted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined;
  }

  read(path: string): string | undefined {
    return attempt("read", path, () => Deno.readTextFileSync(path));
  }

  list(folder: string): readonly string[] {
    return attempt("read", folder, () => Array.from(Deno.readDirSync(folder), ({ name }) => name)) ?? [];
  }

  append(path: string, text: string): void {
    attempt("write", path, () => Deno.writeTextFileSync(path, text, { append: true, create: false }));
  }

  async connect(address: MarkAddress): Promise<MarkConnection> {
    if (address.kind === "tcp") {
      const { host: hostname, port } = address;
      requirePermission({ name: "net", host: `${hostname}:${port}` });
      return new DenoConnection(await Deno.connect({ hostname, port }));
    }
    const { path } = address;
    requirePermission({ name: "read", path }, { name: "write", path }, { name: "net", host: `unix:${path}` });
    return new DenoConnection(await Deno.connect({ transport: "unix", path }));
  }

  atEnd(action: () => void): void {
    globalThis.addEventListener("unload", action);
  }
}

class DenoConnection implements MarkConnection {
  readonly #connection: Deno.TcpConn | Deno.UnixConn;
  readonly #encoder = new TextEncoder();

  constructor(connection: Deno.TcpConn | Deno.UnixConn) {
    this.#connection = connection;
    connection.unref();
  }

  async write(text: string): Promise<void> {
    let rest = this.#encoder.encode(text);
    while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
  }

  close(): void {
    this.#connection.close();
  }
}

function isPermitted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

function requirePermission(...permissions: readonly Deno.PermissionDescriptor[]): void {
  const missing = permissions.find((permission) => !isPermitted(permission));
  if (missing !== undefined) throw new Error(`the program has no permission (--allow-${missing.name})`);
}

// Even with a permission Deno refuses some files of /proc, and it knows no permission for an empty path.
function attempt<T>(name: "read" | "write", path: string, action: () => T): T | undefined {
  try {
    return isPermitted({ name, path }) ? action() : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
