"""The examples of the documentation, each run as a program of its own."""

import os
import re
import unittest
from typing import List

from recorder import SOURCES, RecordedTest

REPOSITORY = os.path.join(os.path.dirname(SOURCES), "..", "..")
# What the examples leave to the reader.
READERS = "def train():\n    pass\n\n\n"


def examples(path: str) -> List[str]:
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        return re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)


class DocsTest(RecordedTest):
    def assert_examples_run(self, path: str) -> None:
        told = examples(path)
        self.assertTrue(told)
        for number, text in enumerate(told):
            with self.subTest(example=text):
                program = os.path.join(self.folder, f"example_{number}.py")
                with open(program, "w", encoding="utf-8") as file:
                    file.write(READERS + text)
                before = len(self.recorder.lines)
                ended = self.run_program(program)
                self.assertEqual(ended.returncode, 0, ended.stderr)
                if "Monitor" not in text:
                    self.recorder.wait(before + 1)

    def test_examples_of_the_documentation_run(self) -> None:
        self.assert_examples_run("docs/python.md")

    def test_examples_of_the_package_run(self) -> None:
        self.assert_examples_run("clients/python/README.md")


if __name__ == "__main__":
    unittest.main()
