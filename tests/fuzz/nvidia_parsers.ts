/** Parsers of what resmon's helper and nvidia-smi print about NVIDIA GPUs. */

import { parsePmonHeader, parsePmonLine } from "../../collectors/nvidia_pmon.ts";
import { parseSmiAbsence, parseSmiLine, SMI_FIELDS } from "../../collectors/nvidia_smi.ts";
import { parseNvmlLine } from "../../collectors/nvml_lines.ts";
import { fixture } from "../fixture_machine.ts";
import type { Parser } from "./parser_target.ts";

const SMI_LINE =
  "0, GPU-a, 00000000:01:00.0, 550.1, 97, 41, [N/A], [Not Supported], 2048, 8192, 81.50, 320.00, 61, N/A, " +
  "1980, 1965, 2619, 1545, 30 , 0x0000000000000004, 2, 0, NVIDIA GeForce RTX 4080";
const PMON_NAMES = ["gpu", "pid", "type", "sm", "mem", "fb", "command"];

/** The parsers with valid texts. */
export function nvidiaParsers(): Parser[] {
  const helper = fixture("laptop").read("/.resmon/tools/resmon helper nvml").trimEnd().split("\n");
  const end = '{"type":"end","state":"off","reason":"Cannot use NVML","remedy":"Reboot"}';
  const status = '{"type":"status","state":"lost","metrics":["gpu_fan_percent"],"reason":"Cannot read GPU 1"}';
  return [
    { name: "parseNvmlLine()", texts: [...helper, status, end], parse: parseNvmlLine },
    { name: "parseSmiLine()", texts: [SMI_LINE], parse: readSmiLine, open: "a name for people comes last" },
    {
      name: "parseSmiAbsence()",
      texts: ["[N/A]", "N/A", "[GPU requires reset]"],
      parse: parseSmiAbsence,
      open: "a text that says nothing known is one of the future",
    },
    {
      name: "parsePmonHeader()",
      texts: ["# gpu   pid  type  sm  command"],
      parse: parsePmonHeader,
      open: "names of columns",
    },
    {
      name: "parsePmonLine()",
      texts: ["    0  10309   C   99    7   512  gpu_burn", "    0      -   -    -    -     -  -"],
      parse: (text) => parsePmonLine(text, PMON_NAMES),
      open: "a name for people comes last",
    },
  ];
}

function readSmiLine(text: string): unknown {
  const line = parseSmiLine(text, SMI_FIELDS);
  return {
    ...line,
    values: SMI_FIELDS.map(({ read }, place) => isNumber(line.texts[place]) ? read(line.texts[place] ?? "") : null),
  };
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && parseSmiAbsence(text) === undefined;
}
