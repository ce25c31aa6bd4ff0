/** Marks that reach a real run through its socket and its file, and everything that can go wrong on the way. */

import assert from "node:assert/strict";
import { execute, PYTHON, readRun, record, type Recorded, RESMON, resmon } from "./program.ts";
import { exists, Running, until } from "./running.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;
const OWN: readonly string[] = ["process_start", "process_exec", "process_exit"];

function marker(...args: string[]): string[] {
  return [PYTHON, `${WORKLOADS}marker.py`, ...args];
}

// deno-lint-ignore no-explicit-any -- raw JSON, see Recorded
function marksOf({ records }: Pick<Recorded, "records">): any[] {
  const marks = records.filter(({ type, kind }) => type === "event" && !OWN.includes(kind));
  // Those of two connections come in any order.
  return marks.toSorted((a, b) => a.elapsed - b.elapsed);
}

function namesOf(run: Pick<Recorded, "records">): string[] {
  return marksOf(run).map(({ name }) => name);
}

function lostOf({ records }: Pick<Recorded, "records">): string | undefined {
  return records.find(({ type, collector }) => type === "status" && collector === "marks")?.reason;
}

Deno.test("A C program marks its timeline, and so does its child, without any library", async () => {
  await withTemporaryFolder(async (folder) => {
    const built = await execute(["gcc", "-Wall", "-Werror", "-o", `${folder}/marker`, `${WORKLOADS}marker.c`]);
    assert.equal(built.code, 0, built.stderr);
    const run = await record([`${folder}/marker`]);
    assert.equal(run.code, 0);
    const [start, tag, end] = marksOf(run);
    assert.deepEqual([start.kind, start.name, tag.name, end.kind], ["phase_start", "parent", "child", "phase_end"]);
    assert.notEqual(start.pid, tag.pid);
    assert.ok(
      start.elapsed <= tag.elapsed && tag.elapsed <= end.elapsed && end.elapsed <= run.summary.run.wall_seconds,
    );
    // resmon reads its counters where the phase begins.
    const ticks = run.records.filter(({ type }) => type === "tick").map(({ seq }) => seq);
    assert.ok(ticks.some((seq) => seq > start.seq));
    assert.equal((await execute([`${folder}/marker`])).code, 1, "and it runs without resmon");
  });
});

Deno.test("A shell marks by appending to a file, and what is no mark is told", async () => {
  const lines = [
    "phase start a b",
    "@1 tag at",
    "tag {x}",
    '{\\"kind\\":\\"tag\\",\\"name\\":\\"json\\"}',
    "phase end",
    "nonsense",
  ];
  const script = lines.map((line) => `echo "${line}" >> "$RESMON_MARKS"`).join("\n");
  const run = await record(["sh", "-c", `${script}\nprintf "tag last" >> "$RESMON_MARKS"`]);
  assert.deepEqual(namesOf(run), ["a b", "at", "{x}", "json", undefined, "last"]);
  assert.equal(marksOf(run)[1].time, 1);
  assert.ok(marksOf(run).every(({ source }) => source === "file"));
  assert.match(lostOf(run) ?? "", /1 could not be read \(the first: "nonsense" is no mark, such as: tag LABEL/);
  assert.match(run.stderr, /Marks of the program are missing/);
});

Deno.test("A shell that begins its file of marks anew loses no later mark", async () => {
  const script = 'echo "tag a long first" > "$RESMON_MARKS"; sleep 0.3; echo "tag b" > "$RESMON_MARKS"';
  assert.deepEqual(namesOf(await record(["sh", "-c", script])), ["a long first", "b"]);
});

const GARBAGE = {
  "is binary": String.raw`\x00\xff\xfe\n\x80`,
  "is a half line": String.raw`{"kind":"tag","na`,
  "is no object": String.raw`[1]\n"tag"\nnull\n`,
  "is of another protocol": String.raw`GET / HTTP/1.1\r\nHost: x\r\n\r\n`,
};

for (const [what, text] of Object.entries(GARBAGE)) {
  Deno.test(`What ${what} on the socket is counted, and does not keep the next mark`, async () => {
    const run = await record(marker("raw", text));
    assert.deepEqual(namesOf(run), ["after"]);
    assert.match(lostOf(run) ?? "", /could not be read/);
  });
}

Deno.test("A thousand programs mark at once", async () => {
  const run = await record(marker("clients", "1000"));
  assert.equal(run.stdout, "1000\n", run.stderr);
  assert.deepEqual(namesOf(run).toSorted(), Array.from({ length: 1000 }, (_, at) => `client ${at}`).toSorted());
  assert.equal(lostOf(run), undefined);
});

Deno.test("A million marks as fast as can be: those that were taken are in the log or counted, and a phase goes through", async () => {
  const sent = 1_000_000;
  const run = await record(marker("flood", `${sent}`));
  assert.equal(run.code, 0, run.stderr);
  const tags = marksOf(run).filter(({ kind }) => kind === "tag").length;
  const lost = /(\d+) came faster/.exec(lostOf(run) ?? "")?.[1] ?? "0";
  assert.equal(tags + parseInt(lost, 10), sent);
  assert.ok(tags > 10_000, `${tags} marks`);
  assert.ok(namesOf(run).includes("behind"));
});

Deno.test("A label of a megabyte is left out and counted, one of a hundred kilobytes is cut", async () => {
  const large = await record(marker("large", "1000000"));
  assert.deepEqual(namesOf(large), ["after"]);
  assert.match(lostOf(large) ?? "", /1 were longer than a line may be/);
  const cut = await record(marker("large", "100000"));
  assert.deepEqual(namesOf(cut), [`${"x".repeat(1000)}…`, "after"]);
});

Deno.test("A label keeps its every character in the log, and steers no terminal", async () => {
  const label = '<script>alert(1)</script>\u001b[2J\u202e"\n=1+1\ud800';
  const run = await record(marker("label", JSON.stringify(label)));
  assert.deepEqual(namesOf(run), [label]);
  assert.ok(!run.stderr.includes("\u001b[2J"));
});

Deno.test("A program that is killed within a phase leaves the phase's start, and its status is passed on", async () => {
  const run = await record(marker("killed"));
  assert.equal(run.signal, "SIGKILL");
  assert.deepEqual(marksOf(run).map(({ kind, name }) => [kind, name]), [["phase_start", "cut"]]);
});

Deno.test("A mark of another clock stands where it was read, with the time that it told", async () => {
  const run = await record(marker("clocks"));
  const [behind, ahead] = marksOf(run);
  assert.ok(ahead.time - behind.time > 7000);
  assert.ok(ahead.elapsed - behind.elapsed < 60 && behind.elapsed > 0);
});

Deno.test("A folder that is removed during the run costs what comes after it on new connections, and nothing else", async () => {
  const run = await record(marker("gone"));
  assert.equal(run.code, 0, run.stderr);
  assert.equal(run.stdout, "nobody\n");
  assert.deepEqual(namesOf(run), ["after"]);
});

Deno.test("A daemon that keeps its connection does not keep resmon", async () => {
  const run = await record(marker("daemon"));
  assert.equal(run.code, 0);
  assert.deepEqual(namesOf(run).toSorted(), ["daemon", "last"]);
  assert.ok(run.summary.run.wall_seconds < 20);
});

Deno.test("The socket and the file for marks are private, and are gone afterwards", async () => {
  const run = await record(marker("permissions"));
  const told = run.stdout.trim().split("\n").map((line) => line.split(" "));
  assert.deepEqual(told.map(([, mode]) => mode), ["0o700", "0o600", "0o600"]);
  for (const [path = "/"] of told) assert.equal(exists(path), false, path);
});

Deno.test("Another user is refused", async () => {
  if (Deno.uid() !== 0) return console.warn("DID NOT RUN: another user's connection: only root can become one");
  const run = await record(marker("other_user"));
  assert.equal(run.stdout, "refused\nrefused\n", run.stderr);
  assert.deepEqual(marksOf(run), []);
});

Deno.test("A program in a container marks through the socket that is mounted there", async () => {
  if (Deno.uid() !== 0) return console.warn("DID NOT RUN: marks from a container: only root can make one");
  const inside = ["unshare", "--pid", "--fork", "--mount-proc", "--ipc", "--net", "--uts"];
  const run = await record([...inside, ...marker("label", '"inside"')]);
  assert.equal(run.code, 0, run.stderr);
  const [mark] = marksOf(run);
  assert.deepEqual([mark.name, mark.pid], ["inside", 1]);
});

Deno.test("The folder for marks stands in XDG_RUNTIME_DIR if that is the user's own, and elsewhere if not", async () => {
  await withTemporaryFolder(async (folder) => {
    const long = `${folder}/${"x".repeat(90)}`;
    await Deno.mkdir(`${folder}/own`, { mode: 0o700 });
    await Deno.mkdir(`${folder}/shared/resmon`, { recursive: true, mode: 0o755 });
    await Deno.chmod(`${folder}/shared/resmon`, 0o777);
    await Deno.mkdir(long);
    const places: readonly (readonly [string, boolean])[] = [
      [`${folder}/own`, true],
      [`${folder}/shared`, false],
      [`${folder}/missing`, false],
      // Nobody may make a folder here, not even root.
      ["/proc", false],
      [long, false],
    ];
    for (const [place, isUsed] of places) {
      const run = await record(["sh", "-c", 'echo "tag a" >> "$RESMON_MARKS"; echo "$RESMON_MARKS"'], {
        env: { XDG_RUNTIME_DIR: place },
      });
      assert.equal(run.stdout.startsWith(`${place}/resmon/run-`), isUsed, run.stdout);
      assert.deepEqual(namesOf(run), ["a"]);
    }
  });
});

Deno.test("Without a place for the socket the command runs, and the log says why nothing can be marked", async () => {
  await withTemporaryFolder(async (folder) => {
    const env = { TMPDIR: `${folder}/missing`, XDG_RUNTIME_DIR: "", RESMON_ADDR: "", RESMON_MARKS: "" };
    const run = await record(["sh", "-c", 'echo "[$RESMON_MARKS]"'], { env });
    assert.equal(run.stdout, "[]\n");
    assert.match(lostOf(run) ?? "", /^Cannot take marks of the program: /);
  });
});

Deno.test("A program marks its attachment, which it finds by its pid; what another one left behind is removed", async () => {
  await withTemporaryFolder(async (folder) => {
    const script = [
      "import glob, os, sys, time",
      'print("ready", flush=True)',
      "while not os.path.exists(sys.argv[1]): time.sleep(0.01)",
      "for place in glob.glob(f\"{os.environ['XDG_RUNTIME_DIR']}/resmon/attach-{os.getpid()}-*\"):",
      "    print(place, oct(os.stat(place).st_mode & 0o777), flush=True)",
      '    open(f"{place}/marks", "a").write("tag found\\n")',
    ].join("\n");
    const env = { XDG_RUNTIME_DIR: folder };
    await using target = new Running([PYTHON, "-c", script, `${folder}/go`], { env });
    assert.equal(await target.line(), "ready");
    await using killed = new Running([...RESMON, "attach", "-p", `${target.pid}`, "-o", `${folder}/killed`], { env });
    await until(() => hasTick(`${folder}/killed`));
    killed.kill("SIGKILL");
    await killed.end();
    await using running = new Running([...RESMON, "attach", "-p", `${target.pid}`, "-o", `${folder}/run`], { env });
    await until(() => hasTick(`${folder}/run`));
    await Deno.writeTextFile(`${folder}/go`, "");
    const place = new RegExp(`^${folder}/resmon/attach-${target.pid}-\\d+ 0o700$`);
    assert.match(await target.line(), place);
    assert.match(await target.line(), place);
    await Promise.all([target.end(), running.end()]);
    const run = readRun(`${folder}/run`);
    assert.deepEqual(namesOf(run), ["found"]);
    assert.deepEqual(listFolder(`${folder}/resmon`), []);
  });
});

function hasTick(folder: string): boolean {
  return exists(`${folder}/log.jsonl`) && Deno.readTextFileSync(`${folder}/log.jsonl`).includes('"type":"tick"');
}

for (const other of ["touch $d/socket", "mkdir $d/socket", "rm -r $d; touch $d"]) {
  Deno.test(`The command keeps its status and its records where it has done "${other}"`, async () => {
    const run = await record([
      "sh",
      "-c",
      `d=\${RESMON_MARKS%/*}; echo tag a >> $d/marks; rm $d/socket; ${other}; exit 3`,
    ]);
    assert.equal(run.code, 3, run.stderr);
    assert.deepEqual(namesOf(run), ["a"]);
    assert.equal(run.summary.run.exit_code, 3);
  });
}

Deno.test("A file of marks that is made larger than a disk is passed over, told, and followed on", async () => {
  const script = 'truncate -s 1T "$RESMON_MARKS"; sleep 0.3; (echo; echo tag b) >> "$RESMON_MARKS"';
  const run = await record(["sh", "-c", script]);
  assert.deepEqual(namesOf(run), ["b"]);
  assert.match(lostOf(run) ?? "", /missing: 1 or more were left unread in the file \(1 TiB\)/);
});

Deno.test("A command that cannot be started leaves no folder for marks behind", async () => {
  await withTemporaryFolder(async (folder) => {
    const { code } = await resmon(["run", "--", "/nonexistent"], { env: { TMPDIR: folder, XDG_RUNTIME_DIR: "" } });
    assert.equal(code, 127);
    assert.deepEqual(listFolder(folder), []);
  });
});

const UNWATCHED = "A file of marks is read with every tick where the user has no more watchers";
Deno.test(UNWATCHED, async () => {
  const without = ["unshare", "-Ur", "sh", "-c", 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', "sh"];
  const { code, stderr } = await execute([...without, "true"]);
  if (code !== 0) return console.warn(`DID NOT RUN: ${UNWATCHED}: ${stderr}`);
  await withTemporaryFolder(async (folder) => {
    const script = 'echo tag a >> "$RESMON_MARKS"; sleep 0.5; echo tag b >> "$RESMON_MARKS"';
    const args = ["run", "-o", folder, "--force", "--no-report", "-i", "100ms", "--", "sh", "-c", script];
    await execute([...without, ...RESMON, ...args]);
    const run = readRun(folder);
    assert.deepEqual(namesOf(run), ["a", "b"]);
    assert.equal(lostOf(run), undefined);
    assert.ok(marksOf(run)[0].elapsed < 0.5);
  });
});
