import assert from "node:assert/strict";
import { HelperCost } from "../collectors/helper_cost.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { processCpuSeconds } from "../lib/ffi/libc.ts";
import { SystemTools } from "../lib/system_tools.ts";
import { machine } from "./fixture_machine.ts";
import { PYTHON } from "./program.ts";
import { until } from "./running.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;

Deno.test("HelperCost counts a tool and what it starts, and keeps what it used when it is gone", async () => {
  const tools = new SystemTools();
  const cost = new HelperCost({ root: new DiskRoot(), tools, processCpuSeconds });
  let ended = false;
  const script = `${PYTHON} ${WORKLOADS}burn.py 0.4; echo done; read -r _`;
  const tool = tools.start(["sh", "-c", `${script} </dev/zero; sleep 60`], {
    line: () => ended = true,
    end: () => undefined,
  });
  let now = 0;
  let most = 0;
  let largest = 0;
  while (!ended) {
    const seconds = cost.cpuSeconds(now++);
    assert.ok(seconds >= most, `${seconds} after ${most}`);
    most = seconds;
    largest = Math.max(largest, cost.rssBytes());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(most > 0.25 && most < 0.6, `${most} s`);
  assert.ok(largest > 5e6, `${largest} bytes`);
  await tool.close();
  await until(() => tools.pids.size === 0);
  assert.ok(cost.cpuSeconds(now + 1) >= most);
  assert.equal(cost.rssBytes(), 0);
});

Deno.test("HelperCost is nothing without helpers", () => {
  const tools = new SystemTools();
  const cost = new HelperCost({ root: machine({}), tools, processCpuSeconds: () => 1 });
  assert.deepEqual([cost.cpuSeconds(0), cost.rssBytes()], [0, 0]);
});
