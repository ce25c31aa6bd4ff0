import assert from "node:assert/strict";
import { Derive } from "../lib/derive.ts";
import { HEFLWR_PARTS } from "../lib/heflwr.ts";
import { type FormOptions, HttpFormSink } from "../sinks/http_form.ts";
import { FormServer, freePort, type Post } from "./form_server.ts";
import { execute, PYTHON, record } from "./program.ts";
import { sampleColumns, sampleSession, sampleTick } from "./sample_records.ts";

const RECORDS = [
  sampleSession(),
  sampleColumns({ series: ["cpu_seconds_total", "memory_rss_bytes", "open_files"] }),
  sampleColumns({
    collector: "network",
    series: ['network_transmit_bytes_total{interface="lo"}', 'network_receive_bytes_total{interface="lo"}'],
  }),
  sampleTick(0, { values: { process: [0, 1e9, 5], network: [1000, 10] } }),
  sampleTick(2, { values: { process: [1, 4 * 1024 ** 3, 5], network: [1680, 690] } }),
];

async function postsOf(options: Partial<FormOptions> = {}, records = RECORDS): Promise<Post[]> {
  await using server = new FormServer();
  const sink = new HttpFormSink({
    url: server.url,
    identifier: "client-A",
    isSimple: true,
    onFailure: assert.fail,
    ...options,
  });
  const derive = new Derive();
  for (const record of records) {
    sink.record(record);
    const frame = derive.accept(record);
    if (frame !== undefined) sink.frame(frame);
  }
  await sink.close(5);
  return server.posts;
}

Deno.test("HttpFormSink with compat posts heflwr's simple log to the byte", async () => {
  const [first, second] = await postsOf({ compat: HEFLWR_PARTS });
  assert.deepEqual([first?.path, first?.headers.get("content-type")], [
    "/simple_log",
    "application/x-www-form-urlencoded",
  ]);
  assert.equal(
    second?.body,
    "identifier=client-A&message=Cpu+Usage%3A+50.0%25%2C+Memory+Usage%3A+25.0%25%2C+Bytes+Sent%3A+680%2C+Bytes+Recv%3A+680%2C+",
  );
});

Deno.test("HttpFormSink with some of heflwr's parts leaves out the others", async () => {
  const [, second] = await postsOf({ compat: ["memory"] });
  assert.equal(second?.body, "identifier=client-A&message=Memory+Usage%3A+25.0%25%2C+");
});

Deno.test("HttpFormSink leaves out of heflwr's text what is not known", async () => {
  const [first] = await postsOf({ compat: HEFLWR_PARTS });
  assert.match(first?.fields["message"] ?? "", /^Memory Usage: 5\.8\d+%, $/);
});

Deno.test("HttpFormSink posts the main numbers of a tick with its time", async () => {
  const [, second] = await postsOf();
  assert.deepEqual(second?.fields, {
    identifier: "client-A",
    message: "time=2026-11-21T09:12:35.250Z memory_rss_bytes=4294967296 cpu_percent=50 " +
      'network_transmit_bytes_per_second{interface="lo"}=340 network_receive_bytes_per_second{interface="lo"}=340',
  });
});

Deno.test("HttpFormSink posts nothing at a tick that has none of these numbers", async () => {
  const nothing = sampleTick(0, { values: { process: [0, null, 5] } });
  assert.deepEqual(await postsOf({}, [...RECORDS.slice(0, 3), nothing]), []);
});

Deno.test("HttpFormSink posts all fields of a Python LogRecord where it is not simple", async () => {
  const [, second] = await postsOf({ isSimple: false, compat: HEFLWR_PARTS });
  assert.equal(second?.path, "/log");
  const { message, asctime, ...fields } = second?.fields ?? {};
  assert.match(message ?? "", /^Cpu Usage: 50\.0%, /);
  // In the time zone of the machine, minutes and seconds of which are those of the world.
  assert.match(asctime ?? "", /^2026-11-2[012] \d\d:\d2:35,250$/);
  const names = "identifier,name,msg,args,levelname,levelno,pathname,filename,module,exc_info,exc_text,stack_info," +
    "lineno,funcName,created,msecs,relativeCreated,thread,threadName,processName,process";
  assert.deepEqual(Object.keys(fields), names.split(","));
  assert.deepEqual(
    [fields["name"], fields["msg"], fields["levelname"], fields["levelno"], fields["created"], fields["msecs"]],
    ["HeFlwr", message, "INFO", "20", "1795252355.25", "250.0"],
  );
});

Deno.test("HttpFormSink posts the fields that Python's own HTTPHandler posts", async () => {
  await using server = new FormServer();
  const script = `import logging, logging.handlers, sys
logger = logging.getLogger("HeFlwr")
logger.addHandler(logging.handlers.HTTPHandler("127.0.0.1:" + sys.argv[1], "/log", method="POST"))
logger.handlers[0].setFormatter(logging.Formatter("%(asctime)s %(message)s"))
logger.handlers[0].mapLogRecord = lambda record: (logger.handlers[0].format(record), record.__dict__)[1]
logger.warning("CPU Usage: 1.0%%, ")`;
  const { code, stderr } = await execute([PYTHON, "-c", script, `${server.port}`]);
  assert.equal(code, 0, stderr);
  // Newer than heflwr.
  const { taskName: _, ...python } = server.posts[0]?.fields ?? {};
  const [post] = await postsOf({ isSimple: false });
  const { identifier, ...own } = post?.fields ?? {};
  assert.equal(identifier, "client-A");
  assert.deepEqual(Object.keys(own).sort(), Object.keys(python).sort());
  assert.equal(post?.headers.get("content-type"), server.posts[0]?.headers.get("content-type"));
  for (const name of ["args", "exc_info", "exc_text", "stack_info", "threadName"]) {
    assert.equal(own[name], python[name], name);
  }
  assert.match(own["asctime"] ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/);
  assert.match(python["asctime"] ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/);
});

Deno.test("resmon run --to http: posts one record a tick with who speaks; a password is in no output", async () => {
  await using server = new FormServer();
  const to = `http://ada:open%20sesame@127.0.0.1:${server.port}/base/?simple=false`;
  const { code, stderr, records, summary } = await record(["sleep", "0.5"], {
    args: ["-i", "100ms", "--to", to, "--identifier", "node 7"],
  });
  assert.equal(code, 0);
  const ticks = records.filter(({ type }) => type === "tick").length;
  // Before the command starts there may be no number.
  assert.ok([ticks - 1, ticks].includes(server.posts.length), `${server.posts.length} posts of ${ticks} ticks`);
  assert.ok(server.posts.every(({ fields }) => /^time=\S+ \w+/.test(fields["message"] ?? "")));
  assert.ok(server.posts.every(({ path, fields }) => path === "/base/log" && fields["identifier"] === "node 7"));
  assert.equal(server.posts[0]?.headers.get("authorization"), `Basic ${btoa("ada:open sesame")}`);
  assert.ok(!/sesame|YWRh/.test(stderr + JSON.stringify([records, summary])));
});

Deno.test("resmon run --to http: a remote that is away changes nothing for the command, and what it did not get is told", async () => {
  const port = freePort();
  const { code, stderr, stdout, records } = await record(["echo", "ran"], {
    args: ["--to", `http://ada:sesame@127.0.0.1:${port}`],
  });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "ran\n" });
  const told = stderr.match(/resmon: (http:\S+ did not get (\d+) of (\d+) ticks: connection refused)/);
  assert.equal(told?.[2], told?.[3]);
  const status = records.findLast(({ type, collector }) => type === "status" && collector.startsWith("sink:http"));
  assert.deepEqual(
    [status?.state, status?.reason, status?.collector],
    ["lost", told?.[1], `sink:http://127.0.0.1:${port}`],
  );
});
