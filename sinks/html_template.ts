import { escapeTerminal } from "../lib/escape.ts";

/** HTML that is safe to put into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can be put into {@linkcode markup}: text and numbers are escaped, `undefined` is nothing. */
export type Content = Html | string | number | undefined | readonly Content[];

/** Makes HTML; every text put in is escaped, so that no name of a process can become markup. */
export function markup(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(strings.map((text, at) => text + render(contents[at])).join(""));
}

function render(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(render).join("");
  return escapeHtml(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes text safe inside elements and quoted attributes; characters that could reorder or hide text are shown as `\xNN`. */
export function escapeHtml(text: string): string {
  return escapeTerminal(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** JSON that can stand in a script element. */
export function jsonForScript(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

/** A script whose text cannot end its own element. */
export function scriptText(code: string): Html {
  return new Html(code.replace(/<(?=\/script|!--)/gi, "<\\"));
}
