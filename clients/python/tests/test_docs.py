"""The examples of docs/monitor.md run as they stand."""

import contextlib
import io
import os
import re
import tempfile
import unittest

from loads import spin

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs", "monitor.md")


class Examples(unittest.TestCase):
    def test_examples_run_as_they_stand(self) -> None:
        with open(PAGE, encoding="utf-8") as file:
            examples = re.findall(r"^```python\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE)
        self.assertEqual(len(examples), 2)
        names = {"train": lambda: spin(0.2)}
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        out = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
            os.chdir(folder)
            for example in examples:
                exec(compile(example, PAGE, "exec"), names)
            os.chdir(before)
        memory, seconds, wall = out.getvalue().splitlines()
        self.assertGreater(int(memory.split()[0]), 1 << 20)
        self.assertGreaterEqual(float(seconds.split()[0]), 0.15)
        self.assertGreater(float(wall), 0.2)


if __name__ == "__main__":
    unittest.main()
