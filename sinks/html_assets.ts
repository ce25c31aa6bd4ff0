import { Html, scriptText } from "./html_template.ts";

/** The parts of the page that are the same for every run. */
export interface PageAssets {
  /** JavaScript for the browser. */
  readonly client: Html;
  readonly style: Html;
  /** What the browser may load: this script and this style, and nothing from anywhere. */
  readonly policy: string;
}

/** Loads what every page carries. Throws Error where the bundle of the browser side was not made yet. */
export async function loadAssets(): Promise<PageAssets> {
  try {
    const [client, style] = await Promise.all([
      import("../report/dist/client.js.txt", { with: { type: "text" } }),
      import("../report/style.css", { with: { type: "text" } }),
    ]);
    return await prepareAssets(client.default, style.default);
  } catch (error) {
    throw new Error("Cannot load the report's script: run `deno task bundle` once", { cause: error });
  }
}

/** Makes script and style fit to stand in a page, with the policy that allows them by their hashes. */
export async function prepareAssets(clientText: string, styleText: string): Promise<PageAssets> {
  const client = scriptText(clientText);
  const style = new Html(styleText);
  const policy = `default-src 'none'; script-src ${await sourceOf(client)}; style-src ${await sourceOf(style)}; ` +
    "img-src data:; base-uri 'none'; form-action 'none'";
  return { client, style, policy };
}

// Not by node:crypto: loading it takes 14 ms of the start of every run.
async function sourceOf({ text }: Html): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(hash).toBase64()}'`;
}
