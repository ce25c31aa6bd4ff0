import { makeMark, type Mark } from "./mark.ts";
import { cutName, LEVEL_WORDS, levelOf, readMessages, readNames, readTime, shown } from "./mark_fields.ts";
import { parseDecimal } from "./parse.ts";

const FORMS: readonly (readonly [form: RegExp, read: (words: readonly (string | undefined)[]) => Mark])[] = [
  [/^tag\s+(.+)$/s, ([, name]) => makeMark("tag", { name: cutName(name) })],
  [/^phase\s+start\s+(.+)$/s, ([, name]) => makeMark("phase_start", { name: cutName(name) })],
  [/^phase\s+end(?:\s+(.+))?$/s, ([, name]) => makeMark("phase_end", { name: cutName(name) })],
  [
    /^checkpoint\s+(.+)$/s,
    ([, name = ""]) =>
      makeMark("checkpoint", { name: cutName(name), names: readNames({ names: name.trim().split(/\s+/) }) }),
  ],
  [
    new RegExp(`^log\\s+(?:(${LEVEL_WORDS.join("|")})\\s+)?(.+)$`, "s"),
    ([, level, text = ""]) =>
      makeMark("log", { level: levelOf(level) ?? "info", messages: readMessages({ messages: [text] }) }),
  ],
  [/^progress\s+new\s+(\S+)\s+(\S+)(?:\s+(.+))?$/s, ([, span, total, name]) =>
    makeMark("progress", {
      span: cutName(span),
      total: parseDecimal(total, "the total of a progress") || undefined,
      name: cutName(name),
    })],
  [
    /^progress\s+advance\s+(\S+)(?:\s+(\S+))?$/,
    ([, span, step = "1"]) =>
      makeMark("progress", { span: cutName(span), advance: parseDecimal(step, "the step of a progress") }),
  ],
  [
    /^progress\s+update\s+(\S+)\s+(\S+)$/,
    ([, span, completed]) =>
      makeMark("progress", { span: cutName(span), completed: parseDecimal(completed, "what is done of a progress") }),
  ],
  [
    /^progress\s+(done|fail)\s+(\S+)$/,
    ([, how, span]) => makeMark("progress", { span: cutName(span), state: how === "done" ? "done" : "failed" }),
  ],
];

/**
 * Reads the form of a mark that a shell can write, such as `phase start train`, with the time before it where the shell tells
 * it: `@1795254872.393 tag warm`. Throws SyntaxError, which says what is wrong.
 */
export function parsePlainMark(line: string): Mark {
  const [, at, text = ""] = /^(?:@(\S+)\s+)?(.*)$/s.exec(line.trim()) ?? [];
  const time = at === undefined ? undefined : readTime({ time: parseDecimal(at, "the time of a mark") });
  for (const [form, read] of FORMS) {
    const words = form.exec(text);
    if (words !== null) return { ...read(words), ...(time === undefined ? {} : { time }) };
  }
  throw new SyntaxError(`${shown(text)} is no mark, such as: tag LABEL, phase start NAME, phase end NAME, log TEXT`);
}
