"""The steps of a job, read from the workflow itself and run here in order, as GitHub's runner runs them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"


@dataclass
class Job:
    """What a job has done so far in the clone ``folder``.

    Attributes
    ----------
    values : of the expressions that a step may name, such as ``github.base_ref``; one that is not there is an error
    environment : what the runner's own programs find
    temp : RUNNER_TEMP, with the files that steps write for the runner
    outcomes : of each step that has an id
    said : standard output and errors of each step, by its name
    uploaded : files that the step of upload-artifact would have taken
    """

    folder: Path
    values: Mapping[str, str]
    environment: Mapping[str, str]
    temp: Path
    outcomes: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    uploaded: list[str] = field(default_factory=list)

    def run(self, job: Mapping) -> str:
        """Run every step; ``success`` or ``failure``, as the check on a pull request shows it."""
        ended = SUCCESS
        for step in job["steps"]:
            asked = self.true(step.get("if", "'yes' == 'yes'")) and ended == SUCCESS
            outcome = self.step(step, job.get("env", {})) if asked else SKIPPED
            if "id" in step:
                self.outcomes[step["id"]] = outcome
            if outcome == FAILURE and step.get("continue-on-error") != "true":
                ended = FAILURE
        return ended

    def step(self, step: Mapping, env: Mapping[str, str]) -> str:
        """Run one step; of an action only what it would have found of ours."""
        if "uses" in step:
            return self.action(step["uses"].split("@")[0], step.get("with", {}))
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        own = {name: self.filled(value) for name, value in {**env, **step.get("env", {})}.items()}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]  # what `shell: bash` is there
        done = subprocess.run(command, cwd=self.folder, env=self.around() | own, capture_output=True, text=True)
        self.said[step["name"]] = done.stdout + done.stderr
        return FAILURE if done.returncode else SUCCESS

    def action(self, name: str, given: Mapping[str, str]) -> str:
        """The clone is there, and so is a Python; what is uploaded must be a file of the clone."""
        if name == "actions/upload-artifact":
            self.uploaded += [path for path in given["path"].split() if (self.folder / path).is_file()]
            return SUCCESS if self.uploaded or given["if-no-files-found"] != "error" else FAILURE
        assert name in ("actions/checkout", "actions/setup-python"), name
        return SUCCESS

    def around(self) -> dict[str, str]:
        """The environment of a step: what earlier ones wrote to GITHUB_PATH comes first in PATH."""
        files = {name: self.temp / name.lower() for name in ("GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        for file in files.values():
            file.touch()
        first = files["GITHUB_PATH"].read_text(encoding="utf-8").splitlines()[::-1]
        path = os.pathsep.join([*first, self.environment["PATH"]])
        told = {name: str(file) for name, file in files.items()}
        return {**self.environment, **told, "PATH": path, "RUNNER_TEMP": str(self.temp), "CI": "true"}

    def value(self, name: str) -> str:
        """An expression that is a name or a quoted text."""
        if name.startswith("'"):
            return name.strip("'")
        if step := re.fullmatch(r"steps\.(\w+)\.outcome", name):
            return self.outcomes[step[1]]
        return self.values[name]

    def filled(self, text: str) -> str:
        """A value with its expressions replaced."""
        return EXPRESSION.sub(lambda found: self.value(found[1]), text)

    def true(self, condition: str) -> bool:
        """A condition of comparisons, any of which is to hold."""
        compared = [part.split() for part in condition.split("||")]
        assert all(sign in ("==", "!=") for _, sign, _ in compared), condition
        return any((self.value(left) == self.value(right)) == (sign == "==") for left, sign, right in compared)


def read(path: Path) -> dict:
    """A workflow with every value as the text that is written; `on` stays a word."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
