import assert from "node:assert/strict";
import type { Fact } from "../lib/diagnosis.ts";
import { readFacts } from "../lib/facts.ts";
import { fixtureHost } from "../lib/host.ts";
import { MachineError } from "../lib/machine.ts";

/** The facts of a machine that has only the given files, by name. */
function factsOf(files: Readonly<Record<string, string>>): Map<string, Fact> {
  const text = Object.entries(files).map(([path, content]) => `${path}\t=\t${JSON.stringify(content)}\n`).join("");
  return new Map(readFacts(fixtureHost(text), new MachineError("Cannot read it")).map((fact) => [fact.name, fact]));
}

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max open files            20                   40                   files
Max address space         34359738368          unlimited            bytes
`;

Deno.test("readFacts() tells what limits stop the runtime, and how to lift them", () => {
  const facts = factsOf({ "/proc/self/limits": LIMITS });
  assert.deepEqual(facts.get("address space"), {
    topic: "runtime",
    name: "address space",
    value: "at most 32 GiB",
    trouble: "resmon's runtime reserves some 40 GiB of address space, and may not start with less",
    remedy: "ulimit -v unlimited; in a batch job do not limit virtual memory (h_vmem), but resident memory",
  });
  assert.equal(facts.get("open files")?.value, "at most 40");
  assert.equal(facts.get("open files")?.remedy, "ulimit -Hn 64");
});

Deno.test("readFacts() finds nothing wrong with limits that are wide, and nothing at all where none are told", () => {
  const wide = LIMITS.replace("40 ", "4096 ").replace("34359738368", "unlimited  ");
  const facts = factsOf({ "/proc/self/limits": wide });
  assert.deepEqual([facts.get("address space")?.value, facts.get("address space")?.trouble], ["unlimited", undefined]);
  assert.deepEqual([facts.get("open files")?.value, facts.get("open files")?.trouble], ["at most 4,096", undefined]);
  assert.equal(factsOf({}).get("open files"), undefined);
});

Deno.test("readFacts() tells of pages of 16 KiB and of musl what they mean for the runtime", () => {
  const facts = factsOf({ "/.resmon/page_size": "16384\n", "/lib/ld-musl-aarch64.so.1": "" });
  assert.match(`${facts.get("memory pages")?.value}: ${facts.get("memory pages")?.remedy}`, /^16 KiB: .*kernel8\.img/);
  assert.match(`${facts.get("C library")?.value}: ${facts.get("C library")?.remedy}`, /^musl: .*glibc/);
  assert.equal(factsOf({ "/.resmon/libc": "glibc 2.36\n" }).get("C library")?.trouble, undefined);
});

Deno.test("readFacts() knows a container by its files, its control group and its namespace", () => {
  assert.equal(factsOf({}).get("container")?.value, "none that shows");
  assert.equal(factsOf({ "/.dockerenv": "" }).get("container")?.value, "Docker");
  assert.equal(factsOf({ "/run/.containerenv": "" }).get("container")?.value, "Podman");
  assert.equal(factsOf({ "/proc/self/cgroup": "0::/kubepods/pod1\n" }).get("container")?.value, "Kubernetes");
  assert.equal(factsOf({ "/run/systemd/container": "lxc\n" }).get("container")?.value, "lxc");
  for (const [namespace, told] of [[4026531836, "none that shows"], [4026532999, "PIDs are not those of the host"]]) {
    const host = fixtureHost(`/proc/self/ns/pid\t->\tpid:[${namespace}]\n`);
    const facts = readFacts(host, new MachineError("Cannot read it"));
    assert.equal(facts.find(({ name }) => name === "container")?.value, told);
  }
});

Deno.test("readFacts() tells the user, and that /proc hides what others run", () => {
  const facts = factsOf({
    "/proc/self/status": "Name:\tresmon\nUid:\t1000\t1001\t1000\t1000\n",
    "/proc/self/mounts": "proc /proc proc rw,relatime,hidepid=invisible 0 0\n",
  });
  assert.equal(facts.get("user")?.value, "not root (uid 1001)");
  assert.deepEqual([facts.get("hidepid")?.value, facts.get("hidepid")?.remedy], [
    "invisible",
    "attach to them as root",
  ]);
  assert.equal(factsOf({ "/proc/self/mounts": "proc /proc proc rw 0 0\n" }).get("hidepid")?.value, "off");
});

Deno.test("readFacts() lists tools and libraries that are there", () => {
  const facts = factsOf({ "/.resmon/tools/tegrastats --interval": "", "/usr/lib64/libnvidia-ml.so.1": "" });
  assert.equal(facts.get("tools")?.value, "tegrastats");
  assert.equal(facts.get("libraries")?.value, "/usr/lib64/libnvidia-ml.so.1");
});

Deno.test("readFacts() warns that sources do not pass SIGUSR1 on for long", () => {
  const sources = factsOf({ "/.resmon/runtime": "Deno 2.9.6, from its sources\n" });
  assert.match(sources.get("runtime")?.value ?? "", /from its sources \(so SIGUSR1 /);
  const compiled = factsOf({ "/.resmon/runtime": "Deno 2.9.6, compiled into one file\n" });
  assert.equal(compiled.get("runtime")?.value, "Deno 2.9.6, compiled into one file");
});

Deno.test("readFacts() tells of a machine that does not tell what it is", () => {
  assert.deepEqual(factsOf({}).get("system"), {
    topic: "system",
    name: "system",
    value: "Linux",
    trouble: "Cannot read it",
  });
});
