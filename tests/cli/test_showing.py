"""How far a job is: with rate and time left, on a terminal and where there is none."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from infra.cli import showing
from tests.cli.terminal import DOSSIER, ROOT


def job(title: str, every: float = showing.EVERY) -> None:
    """Two stages of a tenth of a second each."""
    with showing.progress(title, every=every) as tell:
        for stage, total in (("reading", 1_000), ("recording", 50)):
            for step in range(1, 6):
                time.sleep(0.02)
                tell(total * step // 5, total, stage)


def test_a_line_now_and_then_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    job("counting", every=0.05)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert 2 <= len(lines) <= 6
    pattern = re.compile(r"counting: \d+ %, (reading|recording), [\d,]+/s, 0 min \d s left$")
    assert all(pattern.match(line) for line in lines), lines


def test_a_short_job_says_nothing_there(capsys: pytest.CaptureFixture[str]) -> None:
    job("counting")
    assert capsys.readouterr().err == ""


def test_each_stage_is_timed_alone() -> None:
    pace = showing.Pace()
    assert pace.says(0, 1_000, "reading", None) is None
    time.sleep(0.01)
    said = pace.says(900, 1_000, "reading", None)
    assert said is not None
    assert re.fullmatch(r"reading, [\d,]+/s, 0 min \d s left", said)
    assert pace.says(10, 50, "recording", None) is None
    time.sleep(0.01)
    assert (pace.says(20, 50, "recording", 7.0) or "").startswith("recording, 7/s, ")


def test_a_bar_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    file = ROOT / "demo" / "incident_event_log.csv.gz"
    env = {**os.environ, "DOSSIER_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "120"}
    with Popen(
        [*DOSSIER, "import", "incidents", str(file)], stdout=PIPE, stderr=theirs, cwd=ROOT, env=env
    ) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b"")).decode()
        assert process.stdout is not None
        out = process.stdout.read().decode()
    os.close(ours)
    assert process.returncode == 0
    assert out.startswith("incidents: 8,755 rows;") and len(out.splitlines()) == 1
    assert re.search(r"recording, [\d,]+ rows, [\d,]+/s, \d+ min \d+ s left", shown)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:
        # How Linux says that nobody has the other end open any more.
        return b""
