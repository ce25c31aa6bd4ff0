import assert from "node:assert/strict";
import {
  costOf,
  cpuFact,
  networkFact,
  outcomeOf,
  processesFact,
  ranked,
  storageFact,
  tellStory,
} from "../lib/story.ts";
import { bareSummary, counter, gauge, trainingSummary } from "./sample_run.ts";

const GIB = 1024 ** 3;

Deno.test("tellStory() says nothing that a bare summary does not carry", () => {
  assert.deepEqual(tellStory(bareSummary()), {
    outcome: { state: "succeeded", text: "succeeded" },
    duration: "10 s",
    lasted: "in 10 s",
    facts: [{ subject: "processes", label: "Processes", figure: "1 seen" }],
    findings: [],
    missing: [],
    cost: "12 ticks.",
  });
});

Deno.test("tellStory() tells a whole run", () => {
  const { outcome, lasted, facts, findings } = tellStory(trainingSummary());
  assert.equal(`${outcome.text} ${lasted}`, "succeeded in 3 min 20 s");
  assert.deepEqual(facts.map(({ label, figure, note }) => [label, figure, note]), [
    ["CPU", "3.2 of 8 cores (40 %)", "10 min 40 s of CPU"],
    ["Memory", "7.9 of 16 GiB (49 %)", "all processes, sampled"],
    ["Storage", "read 7.2 GiB, wrote 2.8 GiB", undefined],
    ["Network", "received 40.1 MiB, sent 3.2 MiB", "eth0, all programs"],
    ["Processes", "17 seen", "at most 5 at once, up to 41 threads"],
  ]);
  assert.deepEqual(findings.map(({ lead }) => lead), ["Throttled in 5.9 % of the periods"]);
});

Deno.test("tellStory() counts as missing what the user could change, not what the machine does not have", () => {
  const states = ["working", "unsupported", "denied", "absent", "off", "lost"] as const;
  const { missing } = tellStory(bareSummary({ unavailable: states.map((state) => ({ collector: state, state })) }));
  assert.deepEqual(missing.map(({ collector }) => collector), ["denied", "off", "lost"]);
});

Deno.test("tellStory() gives no verdict on a process that it only attached to", () => {
  const end_unknown = "attach does not start the process";
  const { exit_code: _, ...run } = { ...bareSummary().run, mode: "attach" as const, wall_seconds: 4.4, end_unknown };
  const { outcome, lasted } = tellStory(bareSummary({ run }));
  assert.deepEqual(outcome, { state: "recorded", text: "recorded", note: end_unknown });
  assert.equal(lasted, "for 4.4 s");
});

Deno.test("outcomeOf() tells every way to end", () => {
  const mode = "run";
  assert.deepEqual(outcomeOf({ mode, exit_code: 0 }), { state: "succeeded", text: "succeeded" });
  assert.deepEqual(outcomeOf({ mode, exit_code: 7 }), { state: "failed", text: "failed with exit code 7" });
  assert.deepEqual(outcomeOf({ mode, signal: "SIGKILL" }), { state: "killed", text: "killed by SIGKILL" });
  const note = "The end of the command is not known";
  assert.deepEqual(outcomeOf({ mode }), { state: "unknown", text: "recorded", note });
  assert.deepEqual(outcomeOf({ mode, end_unknown: "the log ends before the command did" }), {
    state: "unknown",
    text: "recorded",
    note: `${note}: the log ends before the command did`,
  });
});

Deno.test("cpuFact() divides the exact CPU seconds by wall seconds and says its source", () => {
  const exact = { cpu_seconds: 32, cpu_user_seconds: 30, cpu_system_seconds: 2, sources: { cpu_seconds: "wait4" } };
  assert.deepEqual(cpuFact(bareSummary({ exact })), {
    subject: "cpu",
    label: "CPU",
    figure: "3.2 of 8 cores (40 %)",
    note: "32 s of CPU",
    detail: "32 s of CPU time: 30 s in its own code and 2 s in the kernel (exact, by the kernel's accounts).",
    source: "wait4",
  });
});

Deno.test("cpuFact() falls back to the sampled counter and says so", () => {
  const fact = cpuFact(bareSummary({ metrics: { cpu_seconds_total: counter(8) } }));
  assert.equal(fact?.figure, "0.8 of 8 cores (10 %)");
  assert.equal(fact?.detail, "8 s of CPU time (sampled).");
});

Deno.test("cpuFact() is absent for a run without duration", () => {
  const { run } = bareSummary();
  const exact = { cpu_seconds: 0, sources: {} };
  assert.equal(cpuFact(bareSummary({ exact, run: { ...run, wall_seconds: 0 } })), undefined);
});

Deno.test("storageFact() tells what is known of both directions", () => {
  assert.equal(storageFact(bareSummary()), undefined);
  assert.equal(storageFact(bareSummary({ exact: { storage_write_bytes: 0, sources: {} } }))?.figure, "wrote 0 B");
  const exact = { storage_read_bytes: 512, syscall_read_bytes: 2 * GIB, sources: {} };
  const fact = storageFact(bareSummary({ exact, metrics: { storage_write_bytes_total: counter(1024) } }));
  assert.equal(fact?.figure, "read 512 B, wrote 1 KiB");
  assert.equal(fact?.detail, "By system calls, cached or not, it read 2 GiB.");
});

Deno.test("networkFact() is silent about less than 1 MiB and about the loopback", () => {
  const received = (name: string, bytes: number) => ({
    metrics: { [`network_receive_bytes_total{interface="${name}"}`]: counter(bytes) },
  });
  assert.equal(networkFact(bareSummary(received("eth0", 1024 ** 2 - 1))), undefined);
  assert.equal(networkFact(bareSummary(received("lo", GIB))), undefined);
  assert.equal(networkFact(bareSummary(received("eth0", GIB)))?.figure, "received 1 GiB, sent 0 B");
});

Deno.test("processesFact() counts processes and threads", () => {
  const metrics = { processes: gauge(1), threads: gauge(1) };
  assert.equal(processesFact(bareSummary({ metrics }))?.note, "at most 1 at once, up to 1 thread");
  assert.equal(processesFact(bareSummary({ processes: { seen: 0, rows: [] } })), undefined);
});

Deno.test("costOf() tells resmon's own use in one sentence", () => {
  assert.equal(
    costOf(trainingSummary().monitor, 200),
    "resmon itself used 620 ms of CPU time (0.3 % of one core) and 58 MiB of memory for 206 ticks of 1.1 ms " +
      "(99 % within 4.2 ms), 1 skipped.",
  );
  assert.equal(costOf({ ticks: 1, ticks_skipped: 0 }, 1), "1 tick.");
  const short = { cpu_seconds: 0.08, ticks: 2, ticks_skipped: 0 };
  assert.equal(costOf(short, 0.004), "resmon itself used 80 ms of CPU time for 2 ticks.");
});

Deno.test("ranked() adds up the counters of each label value and begins with the largest", () => {
  const metrics = {
    'disk_read_bytes_total{disk="sda"}': counter(70),
    'disk_write_bytes_total{disk="sdb"}': counter(60),
    'disk_read_bytes_total{disk="sdb"}': counter(50),
    'disk_read_bytes_total{disk="sdc"}': counter(0),
  };
  assert.deepEqual(ranked(metrics, ["disk_read_bytes_total", "disk_write_bytes_total"], "disk"), ["sdb", "sda"]);
  assert.equal(ranked(metrics, ["disk_write_bytes_total"], "disk")[0], "sdb");
  assert.deepEqual(ranked(metrics, ["network_receive_bytes_total"], "interface"), []);
});
