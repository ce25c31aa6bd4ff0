/** A server that takes form posts as heflwr's users write one: it keeps what arrived, and can be slow, away or broken. */

/** One post that arrived. */
export interface Post {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  /** The fields of the form. */
  readonly fields: Readonly<Record<string, string>>;
}

/** How it answers: a status; `undefined` never does. */
export type Behaviour = (post: Post) => number | undefined;

/** A server on a loopback port that listens until it is disposed of. */
export class FormServer implements AsyncDisposable {
  readonly port: number;
  /** What arrived, whatever was answered. */
  readonly posts: Post[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #held: PromiseWithResolvers<void>[] = [];
  #arrived = Promise.withResolvers<void>();

  constructor({ port = 0, behave = () => 200 }: { readonly port?: number; readonly behave?: Behaviour } = {}) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => undefined }, async (request) => {
      const post = await readPost(request);
      this.posts.push(post);
      const status = behave(post);
      this.#arrived.resolve();
      if (status === undefined) await this.#hold();
      return new Response(null, { status: status ?? 200 });
    });
    this.port = this.#server.addr.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Waits until so many posts have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.posts.length < count) {
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { resolve } of this.#held) resolve();
    await this.#server.shutdown();
  }

  #hold(): Promise<void> {
    const held = Promise.withResolvers<void>();
    this.#held.push(held);
    return held.promise;
  }
}

async function readPost(request: Request): Promise<Post> {
  const body = await request.text();
  const { pathname: path } = new URL(request.url);
  return { path, headers: request.headers, body, fields: Object.fromEntries(new URLSearchParams(body)) };
}

/** A loopback port on which nothing listens now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
