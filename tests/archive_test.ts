import assert from "node:assert/strict";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { ArchiveTools } from "../lib/archive_tools.ts";
import { SystemError } from "../lib/root.ts";
import { machine } from "./fixture_machine.ts";

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SystemError) return error.code;
    throw error;
  }
  return "none";
}

Deno.test("ArchiveRoot reads files, links, errors and folders from lines, and passes over comments", () => {
  const root = new ArchiveRoot([
    "# a machine",
    '/sys/a/file\t=\t"text\\n"',
    "/sys/link\t->\ta",
    "/sys/a/locked\t!\tEACCES",
    "/sys/empty\t/",
    "",
  ].join("\n"));
  assert.equal(root.read("/sys/link/file"), "text\n");
  assert.equal(root.readLink("/sys/link"), "a");
  assert.equal(codeOf(() => root.read("/sys/a/locked")), "EACCES");
  assert.deepEqual(root.list("/sys").sort(), ["a", "empty", "link"]);
  assert.deepEqual(root.list("/sys/empty"), []);
  assert.equal(root.size("/sys/a"), 2);
});

Deno.test("ArchiveRoot fails as the kernel does where a path is of another kind", () => {
  const root = machine({ "/sys/a/file": "" });
  assert.equal(codeOf(() => root.list("/sys/a/file")), "ENOTDIR");
  assert.equal(codeOf(() => root.read("/sys/a")), "EISDIR");
  assert.equal(codeOf(() => root.readLink("/sys/a")), "EINVAL");
  assert.equal(codeOf(() => root.readLink("/sys/a/file")), "EINVAL");
  assert.equal(codeOf(() => root.readLink("/sys/b")), "ENOENT");
});

Deno.test("ArchiveRoot says which line is no line of a fixture", () => {
  assert.throws(() => new ArchiveRoot('/a\t=\t""\nsys'), { message: "Cannot parse archive line 2: no path" });
  assert.throws(() => new ArchiveRoot("/a\t?\tx"), { message: 'Cannot parse archive line 1: op is "?"' });
});

Deno.test("ArchiveTools lets a tool end as the fixture tells, after what it printed", async () => {
  const tools = new ArchiveTools(machine({
    "/.resmon/tools/nvidia-smi -L": "No devices were found\n",
    "/.resmon/tool_ends/nvidia-smi": "exit status 6",
  }));
  const heard: string[] = [];
  const ended = Promise.withResolvers<string>();
  tools.start(["/usr/bin/nvidia-smi", "-L"], { line: (line) => heard.push(line), end: ended.resolve });
  assert.equal(await ended.promise, "exit status 6");
  assert.deepEqual(heard, ["No devices were found"]);
  await assert.rejects(tools.run(["nvidia-smi"], 1), { message: "Cannot run nvidia-smi: exit status 6" });
  assert.equal(tools.find("nvidia-smi"), "/usr/bin/nvidia-smi");
  assert.equal(tools.find("nvidia"), undefined);
});

Deno.test("ArchiveTools does not let a tool talk or end once it is closed", async () => {
  const tools = new ArchiveTools(machine({
    "/.resmon/tools/tegrastats": "a\nb\n",
    "/.resmon/tool_ends/tegrastats": "exit status 1",
  }));
  const heard: string[] = [];
  const running = tools.start(["tegrastats"], {
    line: (line) => heard.push(line),
    end: (reason) => heard.push(reason),
  });
  await running.close();
  await Promise.resolve();
  assert.deepEqual(heard, []);
});
