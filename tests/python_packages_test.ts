/** What the Python package does with packages that it does not need: .ci/run installs them into build/venv. */

import assert from "node:assert/strict";
import { execute, RESMON } from "./program.ts";
import { exists } from "./running.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const PYTHON_OF_VENV = `${ROOT}build/venv/bin/python`;
const TESTS = [
  "test_monitor.OneRecording.test_df_has_a_column_a_series_over_elapsed_seconds",
  "test_monitor.OneRecording.test_ipython_shows_the_report",
  "test_reseng.OneRecording.test_df_has_the_columns_of_reseng",
  "test_reseng.OneRecording.test_plot_draws_four_panels",
  "test_classifier.Messages.test_a_table_of_rich_stays_a_table",
];

Deno.test("resmon.Monitor and its relatives use pandas, matplotlib, rich and IPython where these are installed", async () => {
  if (!exists(PYTHON_OF_VENV)) {
    console.log(
      "DID NOT RUN: the Python package with pandas, matplotlib, rich and IPython, which build/venv would have",
    );
    return;
  }
  const { code, stderr } = await execute([PYTHON_OF_VENV, "-m", "unittest", ...TESTS], {
    cwd: `${ROOT}clients/python/tests`,
    env: {
      PYTHONPATH: `${ROOT}clients/python/src`,
      PYTHONDONTWRITEBYTECODE: "1",
      RESMON_BIN: RESMON.map((word) => `'${word}'`).join(" "),
    },
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`Ran ${TESTS.length} tests`));
  assert.doesNotMatch(stderr, /skipped/);
});
