/** Every parser of kernel text and of options, with valid texts to damage. */

import { InvalidArgumentError } from "commander";
import {
  parseCpuStatV1,
  parseCpuStatV2,
  parseMemoryStatV1,
  parseMemoryStatV2,
} from "../../collectors/cgroup_files_linux.ts";
import { parseAffectedCpus, parseScalingFrequency } from "../../collectors/cpu_frequency_linux.ts";
import { parseSystemStat } from "../../collectors/cpu_linux.ts";
import { parseDiskstats } from "../../collectors/disk_linux.ts";
import { parseLoadavg } from "../../collectors/load_linux.ts";
import { parseMeminfo, parseVmstat } from "../../collectors/memory_linux.ts";
import { parseDefaultRoutes, parseNetDev } from "../../collectors/network_linux.ts";
import { parsePressure } from "../../collectors/pressure_linux.ts";
import { parseMillidegrees } from "../../collectors/temperature_linux.ts";
import { parseCompat, parseDestination } from "../../commands/destinations.ts";
import { parseDuration, parseInterval, parseMetrics, parsePid, parseTag } from "../../commands/options.ts";
import { parseCgroupLines, parseMountinfo } from "../../lib/cgroup.ts";
import { parseCpuMax, parseLimit } from "../../lib/cgroup_limits.ts";
import { parseCpuUsage, parseIoStat } from "../../lib/cgroup_totals.ts";
import { parseCpuModel } from "../../lib/machine_linux.ts";
import {
  parseCount,
  parseCounters,
  parseCountFile,
  parseCpuList,
  parseDecimal,
  parseInteger,
  parseIntegerFile,
  parseKeyValues,
  parseKibibytes,
  parseMask,
  parseScientific,
  splitLines,
} from "../../lib/parse.ts";
import {
  parseChildren,
  parseCommandLine,
  parseProcIo,
  parseProcStat,
  parseProcStatus,
  parseProportionalMemory,
  parseThreadSwitches,
} from "../../lib/proc_files.ts";
import { parseSeries } from "../../lib/series.ts";
import { laptop } from "../fixture_machine.ts";
import { FixtureProcesses } from "../fixture_processes.ts";
import { acceleratorParsers } from "./accelerator_parsers.ts";
import { markParsers } from "./mark_parsers.ts";
import { importParsers } from "./import_parsers.ts";
import { otherSystemParsers } from "./other_systems.ts";
import { type Parser, parserTarget } from "./parser_target.ts";
import { nvidiaParsers } from "./nvidia_parsers.ts";
import { powerParsers } from "./power_parsers.ts";
import type { Target } from "./target.ts";

const IO_STAT = "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2\n7:1 7:0 259:0 rbytes=100 wbytes=0 rios=1 wios=0\n";

const DESTINATIONS = ["prometheus:9100", "prometheus:[::1]:0", "http://ada:p%40ss@host:5000/base?simple=false"];
const ONE_WORD = "one word: its reader sees to it that the line is whole";

/** The parsers as targets. */
export function parserTargets(): Target[] {
  const parsers = [
    processParsers,
    machineParsers,
    deviceParsers,
    cgroupParsers,
    powerParsers,
    acceleratorParsers,
    nvidiaParsers,
    wordParsers,
    otherSystemParsers,
    importParsers,
    markParsers,
  ];
  return parsers.flatMap((make) => make()).map(parserTarget);
}

function processParsers(): Parser[] {
  const root = new FixtureProcesses();
  root.put({
    pid: 42,
    name: "a (b) c",
    user: 123,
    childUser: 45,
    rss: 5000,
    written: 678,
    switches: 9,
    children: [43, 44],
  });
  root.put({ pid: 43, name: "z", state: "Z", exitStatus: 256 });
  const both = (name: string): string[] => [42, 43].map((pid) => root.read(`/proc/${pid}/${name}`));
  const cannot = "a program may write over its arguments and their ends";
  return [
    {
      name: "parseProcStat()",
      texts: both("stat"),
      parse: parseProcStat,
      signed: ["childUserTicks", "childSystemTicks"],
    },
    { name: "parseProcStatus()", texts: both("status"), parse: parseProcStatus },
    { name: "parseThreadSwitches()", texts: both("status"), parse: parseThreadSwitches },
    { name: "parseProcIo()", texts: both("io"), parse: parseProcIo },
    { name: "parseProportionalMemory()", texts: both("smaps_rollup"), parse: parseProportionalMemory },
    { name: "parseChildren()", texts: [root.read("/proc/42/task/42/children"), ""], parse: parseChildren },
    { name: "parseCommandLine()", texts: ["ls\0-l\0a b\0", ""], parse: parseCommandLine, open: cannot },
  ];
}

function machineParsers(): Parser[] {
  const root = laptop();
  const read = (path: string): string[] => [root.read(path)];
  return [
    { name: "parseSystemStat()", texts: read("/proc/stat"), parse: parseSystemStat },
    { name: "parseLoadavg()", texts: read("/proc/loadavg"), parse: parseLoadavg },
    { name: "parseMeminfo()", texts: read("/proc/meminfo"), parse: parseMeminfo },
    { name: "parseVmstat()", texts: read("/proc/vmstat"), parse: parseVmstat },
    { name: "parsePressure()", texts: read("/proc/pressure/io"), parse: parsePressure },
    { name: "parseCpuModel()", texts: read("/proc/cpuinfo"), parse: parseCpuModel, open: "a name for people" },
    { name: "parseMillidegrees()", texts: ["38850\n", "-256000\n"], parse: parseMillidegrees, signed: "all" },
    { name: "parseScalingFrequency()", texts: ["2400000\n", "<unknown>\n"], parse: parseScalingFrequency },
    { name: "parseAffectedCpus()", texts: ["0 1 12 \n", "\n"], parse: parseAffectedCpus },
  ];
}

function deviceParsers(): Parser[] {
  const root = laptop();
  const diskstats = (text: string): unknown => parseDiskstats(text, () => true);
  return [
    { name: "parseDiskstats()", texts: [root.read("/proc/diskstats")], parse: diskstats },
    { name: "parseNetDev()", texts: [root.read("/proc/net/dev")], parse: parseNetDev },
    { name: "parseDefaultRoutes()", texts: [root.read("/proc/net/route")], parse: parseDefaultRoutes },
  ];
}

function cgroupParsers(): Parser[] {
  const root = laptop();
  const group = "/sys/fs/cgroup/user.slice/training.scope";
  const read = (name: string): string => root.read(`${group}/${name}`);
  const v1 = "nr_periods 400\nnr_throttled 30\nthrottled_time 2500000000\n";
  const lines = ["0::/user.slice/a:b\n", "4:cpu,cpuacct:/x\n1:name=systemd:/\n"];
  return [
    { name: "parseCgroupLines()", texts: lines, parse: parseCgroupLines },
    { name: "parseMountinfo()", texts: [root.read("/proc/self/mountinfo")], parse: parseMountinfo },
    { name: "parseCpuMax()", texts: ["150000 100000\n", "max 100000\n"], parse: parseCpuMax },
    { name: "parseLimit()", texts: ["6442450944\n", "max\n"], parse: (text) => parseLimit(text, "limit") },
    { name: "parseCpuStatV1()", texts: [v1], parse: parseCpuStatV1 },
    { name: "parseCpuStatV2()", texts: [read("cpu.stat")], parse: parseCpuStatV2 },
    { name: "parseCpuUsage()", texts: [read("cpu.stat")], parse: parseCpuUsage },
    {
      name: "parseIoStat()",
      texts: [IO_STAT],
      parse: (text) => parseIoStat(text, () => false),
      open: "a sum of lines",
    },
    { name: "parseMemoryStatV1()", texts: ["total_inactive_file 77\ntotal_swap 88\n"], parse: parseMemoryStatV1 },
    { name: "parseMemoryStatV2()", texts: [read("memory.stat")], parse: parseMemoryStatV2 },
  ];
}

function wordParsers(): Parser[] {
  const series = ['disk_read_bytes_total{disk="nvme0n1"}', 'x{a="q\\"\\\\\\n",b=""}', "cpu_percent"];
  const option = { error: InvalidArgumentError, open: ONE_WORD };
  return [
    {
      name: "parseInteger()",
      texts: ["-123", "7"],
      parse: (text) => parseInteger(text, "it"),
      signed: "all",
      open: ONE_WORD,
    },
    {
      name: "parseDecimal()",
      texts: ["1.25", "7"],
      parse: (text) => parseDecimal(text, "it"),
      open: ONE_WORD,
    },
    {
      name: "parseScientific()",
      texts: ["1.25", "1e-05", "7"],
      parse: (text) => parseScientific(text, "it"),
      open: ONE_WORD,
    },
    { name: "parseCount()", texts: ["123"], parse: (text) => parseCount(text, "it"), open: ONE_WORD },
    { name: "parseCountFile()", texts: ["12\n"], parse: (text) => parseCountFile(text, "it") },
    { name: "parseKibibytes()", texts: ["1234 kB"], parse: (text) => parseKibibytes(text, "it") },
    { name: "parseMask()", texts: ["0000000000010001"], parse: (text) => parseMask(text, "it"), open: ONE_WORD },
    { name: "parseKeyValues()", texts: ["a: 1\nb:\t2 kB\n"], parse: (text) => parseKeyValues(text, "it") },
    { name: "splitLines()", texts: ["a\nb\n"], parse: (text) => splitLines(text, "it") },
    { name: "parseIntegerFile()", texts: ["-12\n"], parse: (text) => parseIntegerFile(text, "it"), signed: "all" },
    { name: "parseCounters()", texts: ["a 1\nb 2\n"], parse: (text) => parseCounters(text, "it") },
    { name: "parseCpuList()", texts: ["0-3,8", "0"], parse: (text) => parseCpuList(text, "it"), open: ONE_WORD },
    { name: "parseSeries()", texts: series, parse: parseSeries, open: "a name alone is a series as well" },
    { name: "parseDuration()", texts: ["100ms", "1.5s", "2m", "1h"], parse: parseDuration, ...option },
    { name: "parseInterval()", texts: ["100ms", "1.5s", "2m", "1h"], parse: parseInterval, ...option },
    { name: "parseMetrics()", texts: ["cpu,memory", "all,-disk"], parse: parseMetrics, ...option },
    { name: "parsePid()", texts: ["4711"], parse: parsePid, ...option },
    { name: "parseDestination()", texts: DESTINATIONS, parse: (text) => parseDestination(text), ...option },
    { name: "parseCompat()", texts: ["heflwr", "heflwr:cpu,power"], parse: parseCompat, ...option },
    { name: "parseTag()", texts: ["model=resnet50"], parse: (text) => parseTag(text, { a: "b" }), ...option },
  ];
}
