/** Parsers of what programs send, with valid texts to damage. */

import { parseMark } from "../../lib/mark.ts";
import { parseAddress } from "../../lib/mark_targets.ts";
import { parsePlainMark } from "../../lib/plain_mark.ts";
import { parseMeasuredValue, parsePlainValue } from "../../lib/plain_value.ts";
import type { Parser } from "./parser_target.ts";

/** The parsers of marks. */
export function markParsers(): Parser[] {
  const objects = [
    { kind: "tag", name: "warm", time: 1_795_254_872.393, pid: 7, attributes: { lr: 0.1, all: ["a"] } },
    {
      kind: "log",
      level: "info",
      messages: ["a", { table: { columns: ["x"], rows: [[1, null]] } }, { json: { y: [1] } }],
    },
    { kind: "progress", span: "p", total: 10, completed: 2 },
  ];
  const lines = ["@1795254872.393 tag warm", "phase start load data", "progress advance p 2", "log error no disk"];
  return [
    {
      name: "parseMark()",
      texts: objects.map((mark) => JSON.stringify(mark)),
      parse: parseMark,
      signed: ["time", "lr", "rows", "y", "0", "1"],
    },
    {
      name: "parseAddress()",
      texts: ["unix:/run/user/1000/resmon/run-1-2/socket", "tcp:127.0.0.1:4711/0f1e2d"],
      parse: parseAddress,
      open: "a shorter path or token is one as well",
    },
    {
      name: "parseMeasuredValue()",
      texts: ["0.810", "-3", "007", "true"],
      parse: parseMeasuredValue,
      signed: "all",
      open: "a shorter word is one as well",
    },
    {
      name: "parsePlainValue()",
      texts: ["12.5", "-3", "true", "resnet50"],
      parse: parsePlainValue,
      signed: "all",
      open: "a shorter word is one as well",
    },
    { name: "parsePlainMark()", texts: lines, parse: parsePlainMark, open: "a shorter name is a name as well" },
  ];
}
