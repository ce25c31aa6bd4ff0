/** The parsers of power, fans, batteries and Jetson boards, with valid texts to damage. */

import { parseBatteryCharge, parseBatteryPower, parseBatteryState } from "../../collectors/battery_linux.ts";
import { parseFanDrive, parseFanSpeed } from "../../collectors/fan_linux.ts";
import { parseEmcActivity } from "../../collectors/jetson_emc_linux.ts";
import { parseGpuLoad, parseHertz } from "../../collectors/jetson_gpu_linux.ts";
import {
  parseMicrojoules,
  parseMicrowatts,
  parseMillivoltsAndMilliamperes,
  parseMilliwatts,
} from "../../collectors/power_files.ts";
import { parseTegrastats } from "../../collectors/tegrastats_line.ts";
import { fixture } from "../fixture_machine.ts";
import type { Parser } from "./parser_target.ts";

/** The parsers of power. */
export function powerParsers(): Parser[] {
  return [...fileParsers(), tegrastatsParser()];
}

function fileParsers(): Parser[] {
  const rail = (text: string): unknown => parseMillivoltsAndMilliamperes(text, "-280\n");
  const emc = (text: string): unknown => parseEmcActivity(text, "3199000000\n");
  const battery = (text: string): unknown => parseBatteryPower(text, "-1500000\n");
  return [
    { name: "parseMicrowatts()", texts: ["19780000\n", "-392000\n"], parse: parseMicrowatts, signed: "all" },
    { name: "parseMilliwatts()", texts: ["2415\n"], parse: parseMilliwatts, signed: "all" },
    { name: "parseMillivoltsAndMilliamperes()", texts: ["12008\n"], parse: rail, signed: "all" },
    { name: "parseMicrojoules()", texts: ["240422366267\n"], parse: parseMicrojoules },
    { name: "parseGpuLoad()", texts: ["435\n"], parse: parseGpuLoad },
    { name: "parseHertz()", texts: ["1300500000\n"], parse: parseHertz },
    { name: "parseEmcActivity()", texts: ["383880\n"], parse: emc },
    { name: "parseFanSpeed()", texts: ["2650\n"], parse: parseFanSpeed },
    { name: "parseFanDrive()", texts: ["128\n"], parse: parseFanDrive },
    { name: "parseBatteryCharge()", texts: ["83\n"], parse: parseBatteryCharge },
    { name: "parseBatteryState()", texts: ["Discharging\n", "Full\n", "Unknown\n"], parse: parseBatteryState },
    { name: "parseBatteryPower()", texts: ["15640000\n"], parse: battery },
  ];
}

function tegrastatsParser(): Parser {
  const machines = ["jetson_nano_l4t32", "jetson_orin_l4t36", "jetson_thor_l4t38"];
  return {
    name: "parseTegrastats()",
    texts: machines.map((name) => fixture(name).read("/.resmon/tools/tegrastats --interval").trimEnd()),
    parse: parseTegrastats,
    signed: ["watts", "temperatures"],
    open:
      "a part of a line is a line with fewer tokens, of which the last one is not taken where it may be a part itself",
  };
}
