/** Names, arguments, folders and notes that try to be HTML, a formula, an escape of the terminal or no text at all. */

import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { chromium } from "playwright-core";
import { escapeTerminal, formatCommand } from "../lib/escape.ts";
import { exists } from "./running.ts";
import { IS_COMPILED, PYTHON, readRun, RESMON, resmon } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { launch, type Launched } from "./wrapping.ts";

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const NAMED_CHILDREN = new URL("workloads/named_children.py", import.meta.url).pathname;

// Each with another begin, for a process's name ends after 15 bytes. Lone surrogates are bytes that are not UTF-8.
const ALL_HOSTILE: readonly string[] = [
  "<b>markup</b>",
  "<img src=x onerror=document.title=1>",
  "</script><script>document.title=2</script>",
  "--><svg onload=document.title=3>",
  "\" onclick='document.title=4",
  "&lt;&amp;&#60;",
  "=cmd|'/C calc'!A0",
  "+SUM(1,2)",
  "-2+3",
  "@now",
  "\t=tab",
  "\r=return",
  'a,"b";c\nd',
  "\x1b]0;owned\x07",
  "\x1b[2J\x1b[31m",
  "\u009b2J",
  "\u202egnp.exe",
  "\udcff\udcfe",
  "\udce2\udc82half",
  "${HOME}`id`$(id)",
  "__proto__",
  "日本語 🚀",
];

// The runtime of a compiled program refuses them.
const HOSTILE: readonly string[] = IS_COMPILED ? ALL_HOSTILE.filter((text) => text.isWellFormed()) : ALL_HOSTILE;

/** A text as resmon tells it: bytes that are not UTF-8 as `\xNN`. */
function told(text: string): string {
  return text.replaceAll(/[\udc80-\udcff]/g, (char) => `\\x${(char.charCodeAt(0) - 0xdc00).toString(16)}`);
}

/** The kernel's name of a process that calls itself so: 15 bytes at most. */
function processName(text: string): string {
  let bytes: number[] = [];
  for (const char of text) {
    const lone = /^[\udc80-\udcff]$/.test(char);
    bytes = [...bytes, ...(lone ? [char.charCodeAt(0) - 0xdc00] : new TextEncoder().encode(char))];
  }
  return told(decode(bytes.slice(0, 15)));
}

// What Python and a decoder that keeps every byte make of it.
function decode(bytes: readonly number[]): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const size = [1, 2, 3, 4].find((length) => isCharacter(bytes.slice(at, at + length)));
    text += size === undefined
      ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
      : new TextDecoder().decode(Uint8Array.from(bytes.slice(at, at + size)));
    at += size ?? 1;
  }
  return text;
}

function isCharacter(bytes: readonly number[]): boolean {
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  return [...text].length === 1 && !text.includes("\ufffd");
}

function assertNothingSteers(text: string): void {
  assert.equal(escapeTerminal(text.replaceAll("\n", "")), text.replaceAll("\n", ""));
}

const COMMAND: readonly string[] = [PYTHON, NAMED_CHILDREN, ...HOSTILE];
const NAMES: readonly string[] = HOSTILE.map(processName);

/** Records a command with hostile arguments, whose children have hostile names, in a hostile folder. */
async function recordHostile(folder: string): Promise<Launched & { readonly output: string }> {
  const cwd = `${folder}/<i>=1 \x1b[31m\u202e`;
  const output = `${cwd}/"out" <u>&`;
  await Deno.mkdir(cwd);
  const tags = [
    "--tag",
    "<b>=\x1b[2J",
    "--tag",
    "__proto__==1+1",
    "--message",
    "</title><script>document.title=5</script>",
  ];
  const argv = [...RESMON, "run", "-i", "100ms", "-o", output, ...tags, "--", ...COMMAND];
  return { ...await launch(argv, { cwd }), output };
}

Deno.test("No name, argument, folder or note is anything but text, in any output", () =>
  withTemporaryFolder(async (folder) => {
    const { status, stdout, stderr, output } = await recordHostile(folder);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
    assert.match(stderr, /^resmon: succeeded [^\n]*\n$/);
    assertNothingSteers(stderr);
    assertLog(output);
    await assertCsv(output);
    assertSummary(output);
    const { stdout: summary } = await resmon(["summary", output]);
    assertNothingSteers(summary);
    assert.match(summary, /succeeded/);
    await resmon(["report", output, "--force"]);
    await assertReport(`${output}/report.html`);
  }));

function assertLog(output: string): void {
  const { records } = readRun(output);
  assert.deepEqual(records[0].command, COMMAND.map(told));
  assert.deepEqual(records[0].tags, Object.fromEntries([["<b>", "\x1b[2J"], ["__proto__", "=1+1"]]));
  const names = new Set(
    records.filter(({ type }) => type === "event").map(({ attributes }) => attributes?.name as string | undefined),
  );
  assert.deepEqual(NAMES.filter((name) => !names.has(name)), []);
  const text = Deno.readTextFileSync(`${output}/log.jsonl`);
  assert.equal(/[^\P{Cc}\n\x7f-\x9f]/u.test(text), false, "no control but the ends of lines");
}

async function assertCsv(output: string): Promise<void> {
  const text = await Deno.readTextFile(`${output}/processes.csv`);
  const rows = parse<Record<string, string>>(text, { columns: true });
  const names = new Set(rows.map(({ name }) => name));
  for (const name of NAMES) {
    const formula = /^[=+\-@\t\r]/.test(name);
    assert.ok(names.has(formula ? `'${name}` : name), `${JSON.stringify(name)} in ${[...names].join("|")}`);
  }
  assert.ok(rows.every((row) => Object.values(row).every((cell) => !/^[=+@\t\r]/.test(cell) && !/^-\D/.test(cell))));
  assert.ok(parse(await Deno.readTextFile(`${output}/samples.csv`)).length > 3);
}

function assertSummary(output: string): void {
  const { run, processes } = readRun(output).summary;
  assert.deepEqual(run.command, COMMAND.map(told));
  assert.equal(run.message, "</title><script>document.title=5</script>");
  const names = new Set(processes.rows.map(({ name }) => name));
  assert.deepEqual(NAMES.filter((name) => !names.has(name)), []);
}

/** Asserts that a browser shows all of it as text, and runs, loads and draws nothing of it. */
async function assertReport(path: string): Promise<void> {
  const name = "hostile names in a browser";
  if (!exists(CHROMIUM)) return console.warn(`DID NOT RUN: ${name}: ${CHROMIUM} is missing; set CHROMIUM to its path`);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    const [requests, errors]: [string[], string[]] = [[], []];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => errors.push(message.text()));
    // A blank page's address has no name in it that could be taken for a path.
    const url = `file://${path.split("/").map(encodeURIComponent).join("/")}`;
    await page.goto(url, { waitUntil: "load" });
    const text = (await page.locator("body").innerText()) + (await page.locator("body").textContent());
    const shown = text.replaceAll(/\s+/g, " ");
    for (const part of [formatCommand(COMMAND.map(told)), ...NAMES.map(escapeTerminal)]) {
      assert.ok(shown.includes(part.replaceAll(/\s+/g, " ")), `${part} is not shown`);
    }
    assert.ok(!/^\d$/.test(await page.title()), "a script of the input has run");
    assert.deepEqual({ requests, errors }, { requests: [url], errors: [] });
    for (const markup of ["img[src=x]", "svg[onload]", "[onclick]", "[onerror]", "title b", "td b", "u"]) {
      assert.equal(await page.locator(markup).count(), 0, `${markup} is an element`);
    }
  } finally {
    await browser.close();
  }
}
