/** Parsers of what drivers and tools of GPUs and Neuron devices tell. */

import { readAmdSmi, readRocmSmi } from "../../collectors/amd_smi_output.ts";
import { parseDpmClock } from "../../collectors/amdgpu_linux.ts";
import { parseUevent } from "../../collectors/drm_cards_linux.ts";
import { parseDrmClient } from "../../collectors/drm_fdinfo_linux.ts";
import { readIntelGpuTop } from "../../collectors/intel_gpu_top.ts";
import { readNeuronReport } from "../../collectors/neuron_report.ts";
import { parseNeuronPower } from "../../collectors/neuron_sysfs_linux.ts";
import { decodeJson } from "../../lib/json.ts";
import { fixture } from "../fixture_machine.ts";
import type { Parser } from "./parser_target.ts";

const AMD_CLIENT = [
  "pos:\t0",
  "drm-driver:\tamdgpu",
  "drm-client-id:\t7",
  "drm-pdev:\t0000:03:00.0",
  "drm-resident-vram:\t544428 KiB",
  "drm-resident-gtt:\t22 MiB",
  "drm-memory-vram:\t544428 KiB",
  "drm-engine-gfx:\t39456116802 ns",
  "drm-engine-capacity-video:\t2",
  "",
].join("\n");
const XE_CLIENT = [
  "drm-driver:\txe",
  "drm-client-id:\t42",
  "drm-pdev:\t0000:07:00.0",
  "drm-resident-vram0:\t23992 KiB",
  "drm-cycles-rcs:\t28257900",
  "drm-total-cycles-rcs:\t7655183225",
  "",
].join("\n");

/** The parsers with valid texts. */
export function acceleratorParsers(): Parser[] {
  const workstation = fixture("workstation_amd");
  const device = "/sys/class/drm/card0/device";
  return [
    { name: "parseUevent()", texts: [workstation.read(`${device}/uevent`)], parse: parseUevent },
    {
      name: "parseDpmClock()",
      texts: [workstation.read(`${device}/pp_dpm_sclk`)],
      parse: parseDpmClock,
      open: "a table without its star says that no clock is current",
    },
    { name: "parseDrmClient()", texts: [AMD_CLIENT, XE_CLIENT], parse: parseDrmClient },
    {
      name: "parseNeuronPower()",
      texts: ["POWER_STATUS_VALID,1789180860,12.00,55.50,31.25\n", "POWER_STATUS_INVALID,0,0.00,0.00,0.00\n"],
      parse: parseNeuronPower,
    },
    jsonParser("readNeuronReport()", toolText("trainium", "neuron-monitor"), readNeuronReport),
    jsonParser("readRocmSmi()", toolText("rocm_smi_only", "rocm-smi"), readRocmSmi),
    jsonParser("readAmdSmi()", '{"gpu": 0, "power": {"socket_power": {"value": 10, "unit": "W"}}}', readAmdSmi),
    jsonParser("readIntelGpuTop()", '{"engines": {"Render/3D/0": {"busy": 96.5, "unit": "%"}}}', readIntelGpuTop),
  ];
}

function jsonParser(name: string, text: string, read: (output: unknown) => unknown): Parser {
  return { name, texts: [text], parse: (json) => read(decodeJson(json, name)) };
}

function toolText(machine: string, tool: string): string {
  const text = fixture(machine).read(`/.resmon/tools/${tool}`);
  return text.slice(text.indexOf("{")).trimEnd();
}
