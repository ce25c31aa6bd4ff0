import { listSubjects } from "../collectors/mod.ts";
import { ProcessCollector } from "../collectors/process_linux.ts";
import { orGap } from "../lib/availability.ts";
import type { Collector, Target } from "../lib/contracts.ts";
import { describeCollector, describeMetrics, type Diagnosis, DIAGNOSIS_SCHEMA } from "../lib/diagnosis.ts";
import { examine, type Examined } from "../lib/examination.ts";
import { readFacts } from "../lib/facts_linux.ts";
import type { Host } from "../lib/host.ts";
import { readMachine } from "../lib/machine_linux.ts";
import { parseCount } from "../lib/parse.ts";
import { VERSION } from "../lib/version.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { describeTerminal } from "../sinks/terminal.ts";
import { captureMachine } from "./capture.ts";
import { renderDiagnosis } from "./doctor_text.ts";
import { FAILURE } from "./exit_status.ts";
import { openHost } from "./machine_host.ts";
import { writeStdout } from "./stdout.ts";

// A tool may take some seconds to start, and a Feed up to ten to be given up.
const PATIENCE_SECONDS = 15;
const INTERVAL_SECONDS = 1;
const FILES_KEPT = 64;

/** What every run needs. */
const CORE = ["process", "cpu", "memory"];

/** The options of `resmon doctor`. */
export interface DoctorOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  /** Where to write the machine as a fixture. */
  readonly capture?: string;
  /** A fixture to look at in place of this machine. */
  readonly root?: string;
}

/** Tells of every number that resmon can record whether it is there, and why not. Status 1 where the core does not work. */
export async function doctor({ json = false, all = false, capture, root }: DoctorOptions): Promise<ExitStatus> {
  const host = openHost(root, FAILURE);
  const diagnosis = capture === undefined ? (await diagnose(host)).diagnosis : await captureMachine(host, capture);
  const terminal = describeTerminal(Deno.stdout, (name) => Deno.env.get(name));
  writeStdout(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : renderDiagnosis(diagnosis, { ...terminal, all }));
  return { code: diagnosis.works ? 0 : FAILURE };
}

/** Examines a machine: what is told of it, and what its collectors read. */
export async function diagnose(
  host: Host,
): Promise<{ readonly diagnosis: Diagnosis; readonly examined: readonly Examined[] }> {
  const target = ownProcess(host);
  const members = membersOf(host.platform, target);
  const examined = await examine(members.map(({ collector }) => collector), {
    environmentOf: () => ({ ...host, interval: INTERVAL_SECONDS }),
    target,
    patience: PATIENCE_SECONDS,
    now: () => performance.now() / 1000,
    // A fixture stands still.
    pause: () => new Promise((resolve) => setTimeout(resolve, host.isFixture ? 0 : INTERVAL_SECONDS * 1000)),
  });
  const findings = examined.map((each, index) => describeCollector(each, members[index]?.subject ?? ""));
  const machine = host.platform === "linux" ? orGap(() => readMachine(host.root)) ?? undefined : undefined;
  const core = findings.filter(({ name }) => CORE.includes(name));
  const diagnosis = {
    schema: DIAGNOSIS_SCHEMA,
    version: VERSION,
    platform: host.platform,
    works: core.length > 0 && core.every(({ state }) => state === "working"),
    ...(machine === undefined ? {} : { machine }),
    facts: readFacts(host, machine),
    collectors: findings,
    metrics: describeMetrics(examined),
  };
  return { diagnosis, examined };
}

/** resmon's own process, which stands for the command: absent in a fixture that holds no process. */
function ownProcess({ root }: Host): Target | undefined {
  const pid = orGap(() => root.readLink("/proc/self"));
  return pid === null ? undefined : { pid: parseCount(pid, "/proc/self") };
}

interface Member {
  readonly subject: string;
  readonly collector: Collector;
}

function membersOf(platform: string, target: Target | undefined): Member[] {
  const ofMachine = listSubjects(platform).flatMap(({ word, create }) =>
    create().map((collector) => ({ subject: word, collector }))
  );
  if (target === undefined) return ofMachine;
  const process = new ProcessCollector({ startsCommand: false, adopts: false, maxOpenFiles: FILES_KEPT });
  return [{ subject: "process", collector: process }, ...ofMachine];
}
