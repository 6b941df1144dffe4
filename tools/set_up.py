"""The set-up of `.venv`: everything in requirements.lock and the product itself, once per change.

Runs on a bare Python with the standard library. pip comes from the unchanged wheel beside this
file (pip 26.3, MIT licence), so that a Debian without python3-venv and python3-pip can do it too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "set-up"
PIP = ROOT / "tools" / "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def main(*, only_check: bool) -> int:
    if _done():
        return 0
    if only_check:
        return 1
    try:
        with LOCK.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _done():
                _set_up()
                STAMP.write_text(wanted())
    except OSError as error:
        print(f"set-up failed: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"set-up failed:\n{error.output}", file=sys.stderr)
        return 1
    return 0


def wanted() -> str:
    """What the stamp says when this place has what the lock and the project file ask for."""
    files = (LOCK, ROOT / "pyproject.toml", PIP)
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return f"{ROOT}\n{digest}\n"


def _done() -> bool:
    return _stamp() == wanted() and os.access(PYTHON, os.X_OK)


def _set_up() -> None:
    begun = time.monotonic()
    if hashlib.sha256(PIP.read_bytes()).hexdigest() != PIP_SHA256:
        raise OSError(f"{PIP} is not the wheel it should be; check the clone")
    if _unusable():
        print(f"making {VENV} with Python {sys.version.split()[0]}", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        _run([sys.executable, "-m", "venv", "--without-pip", VENV])
    _run([PYTHON, PIP / "pip", "install", "--quiet", "--no-index", "--no-deps", PIP])
    _install_lock()
    _run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "-e", ROOT]
    )
    print(f"set up in {time.monotonic() - begun:.0f} s", flush=True)


def _unusable() -> bool:
    """Whether there is none yet, it belongs to another place, or its Python is gone."""
    made_at, _, _ = _stamp().partition("\n")
    if made_at not in {"", str(ROOT)}:
        return True
    try:
        return subprocess.run([PYTHON, "-c", ""], check=False, capture_output=True).returncode != 0
    except OSError:
        return True


def _install_lock() -> None:
    """Install with hashes checked, counting packages, since a first download takes its time."""
    total = len(re.findall(r"^[a-z0-9]", LOCK.read_text(), re.MULTILINE))
    command = [
        str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off",
        "--require-hashes", "-r", str(LOCK),
    ]  # fmt: skip
    said: list[str] = []
    count, shown = 0, 0.0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
    ) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if line.startswith(("Collecting", "Requirement already", "Installing collected")):
                count += 1
                what = " ".join(line.split()[:2])[:50] if "collected" not in line else "installing"
                if sys.stdout.isatty():
                    print(f"\r\033[K{count} of about {total}: {what}", end="", flush=True)
                elif time.monotonic() - shown > 5:
                    print(f"{count} of about {total}: {what}", flush=True)
                    shown = time.monotonic()
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    if pip.returncode != 0:
        raise subprocess.CalledProcessError(pip.returncode, command, "".join(said[-12:]))


def _run(command: list[str | Path]) -> None:
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    """Ours, less what would lead Python or pip away from the new environment."""
    astray = {
        "PYTHONHOME",
        "PYTHONPATH",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_USER",
        "PIP_REQUIRE_VIRTUALENV",
    }
    kept = {name: value for name, value in os.environ.items() if name not in astray}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


def _stamp() -> str:
    return STAMP.read_text() if STAMP.exists() else ""


if __name__ == "__main__":
    sys.exit(main(only_check="--check" in sys.argv))
