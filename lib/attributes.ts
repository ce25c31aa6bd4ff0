/**
 * Where a run belongs: its place in a batch system or a distributed job, by environment variables of these names, and never
 * any other variable.
 */
const VARIABLES = [
  "SLURM_JOB_ID",
  "SLURM_JOB_NAME",
  "SLURM_ARRAY_JOB_ID",
  "SLURM_ARRAY_TASK_ID",
  "SLURM_STEP_ID",
  "SLURM_PROCID",
  "SLURM_NODEID",
  "PBS_JOBID",
  "PBS_ARRAY_INDEX",
  "LSB_JOBID",
  "LSB_JOBINDEX",
  "JOB_ID",
  "SGE_TASK_ID",
  "RANK",
  "LOCAL_RANK",
  "WORLD_SIZE",
  "GROUP_RANK",
  "OMPI_COMM_WORLD_RANK",
  "PMI_RANK",
] as const;

const HASH = /^[0-9a-f]{40,64}$/;

/** What resmon finds out about a run by itself: the variables above that are set, and the git commit of the folder. */
export function findAttributes(
  getVariable: (name: string) => string | undefined,
  folder: string,
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of VARIABLES) {
    const value = getVariable(name);
    if (value !== undefined && value !== "") attributes[name] = value;
  }
  return { ...attributes, ...findCommit(folder) };
}

// Read from the files of gitrepository-layout(5): starting git would cost more than all the rest.
function findCommit(folder: string): { git_commit?: string; git_branch?: string } {
  const git = findGitFolder(folder);
  const head = git === undefined ? undefined : readLine(`${git}/HEAD`);
  if (git === undefined || head === undefined) return {};
  const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1];
  const commit = branch === undefined ? head : readLine(`${git}/refs/heads/${branch}`) ?? findPacked(git, branch);
  return {
    ...(commit !== undefined && HASH.test(commit) ? { git_commit: commit } : {}),
    ...(branch === undefined ? {} : { git_branch: branch }),
  };
}

function findGitFolder(folder: string): string | undefined {
  for (let path = folder; path !== "";) {
    if (readLine(`${path}/.git/HEAD`) !== undefined) return `${path}/.git`;
    path = path.slice(0, path.lastIndexOf("/"));
  }
  return undefined;
}

function findPacked(git: string, branch: string): string | undefined {
  const line = readText(`${git}/packed-refs`)?.split("\n").find((row) => row.endsWith(` refs/heads/${branch}`));
  return line?.split(" ")[0];
}

function readLine(path: string): string | undefined {
  return readText(path)?.split("\n")[0];
}

// Nothing of the run depends on these files: one that cannot be read is as good as none.
function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
