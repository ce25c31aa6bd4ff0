/** Parsers of what the tools of macOS and Windows print, with valid texts to damage. */

import { parseAppleBattery } from "../../collectors/battery_darwin.ts";
import { parseCimLine, parseCimRows } from "../../collectors/cim_rows_windows.ts";
import { parseIostatRow } from "../../collectors/cpu_darwin.ts";
import { parseStorageDrivers } from "../../collectors/disk_darwin.ts";
import { parseSwapUsage, parseVmStat } from "../../collectors/memory_darwin.ts";
import { parseNetstat } from "../../collectors/network_darwin.ts";
import { parsePowermetrics } from "../../collectors/powermetrics_darwin.ts";
import { parseCpuTime, parsePs } from "../../collectors/process_darwin.ts";
import { readProcess } from "../../collectors/process_windows.ts";
import { TOOLS_FOLDER } from "../../lib/archive_tools.ts";
import { parseMachine } from "../../lib/machine_darwin.ts";
import { fixture } from "../fixture_machine.ts";
import type { Parser } from "./parser_target.ts";

const open = "the exit status of a tool, or the brace at its end, tells whether an output is whole";

/** The parsers of other systems than Linux. */
export function otherSystemParsers(): Parser[] {
  return [...darwinParsers(), ...windowsParsers()];
}

function darwinParsers(): Parser[] {
  const root = fixture("macbook_m2");
  const read = (tool: string): string[] => [root.read(`${TOOLS_FOLDER}/${tool}`)];
  const swap = ["total = 2048.00M  used = 1035.25M  free = 1012.75M  (encrypted)"];
  return [
    { name: "parsePs()", texts: read("ps -A"), parse: parsePs, signed: ["started"], open },
    { name: "parseCpuTime()", texts: ["0:37.91", "123:45.67", "2-03:04:05"], parse: parseCpuTime, open },
    { name: "parseMachine()", texts: read("sysctl kern.osrelease"), parse: parseMachine, open },
    { name: "parseIostatRow()", texts: read("iostat -w")[0]?.split("\n") ?? [], parse: parseIostatRow, open },
    { name: "parseVmStat()", texts: read("vm_stat"), parse: parseVmStat, open },
    { name: "parseSwapUsage()", texts: swap, parse: parseSwapUsage, open },
    { name: "parseNetstat()", texts: read("netstat -ibn"), parse: parseNetstat, open },
    {
      name: "parseStorageDrivers()",
      texts: read("ioreg -r -c IOBlockStorageDriver"),
      parse: parseStorageDrivers,
      open,
    },
    { name: "parseAppleBattery()", texts: read("ioreg -r -c AppleSmartBattery"), parse: parseAppleBattery, open },
    {
      name: "parsePowermetrics()",
      texts: ["cpu_power", "gpu_power"].flatMap((sampler) => read(`powermetrics -f text --samplers ${sampler}`)),
      parse: (text) => parsePowermetrics(text.split("\n")),
      open,
    },
  ];
}

function windowsParsers(): Parser[] {
  const line = fixture("windows_11").read(`${TOOLS_FOLDER}/powershell.exe`);
  const one = '{"ProcessId":10,"ParentProcessId":4,"Name":"node.exe","CreationDate":"\\/Date(1795253402500)\\/"}';
  const processes = (text: string): unknown => parseCimRows(text).map(readProcess);
  return [
    { name: "parseCimRows()", texts: [one, `[${one},${one}]`, ""], parse: processes, signed: ["started"], open },
    { name: "parseCimLine()", texts: [line], parse: (text) => parseCimLine(text).processes.map(readProcess), open },
  ];
}
