"""Looks every locked package up among known vulnerabilities (pip-audit, in a folder of its own).

Exit code 0: none is known. 1: some are, listed above. 2: it could not be found out, in one line.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / "var" / "tools" / "audit"
PROGRAM = HOME / "bin" / "pip-audit"
FOUND, UNKNOWN = 1, 2


def main() -> int:
    if not PROGRAM.exists():
        venv.create(HOME, with_pip=True, clear=True)
        if _run(HOME / "bin" / "python", "-m", "pip", "install", "--quiet", "pip-audit").returncode:
            return could_not("pip-audit cannot be installed")
    asked = _run(
        PROGRAM,
        "--requirement",
        ROOT / "requirements.lock",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner=off",
        "--timeout=20",
        "--format=json",
    )
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (asked.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return could_not(f"the vulnerability service cannot be reached ({last[:120]})")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return could_not("the vulnerability service knows none of them")
    weak = [package for package in packages if package.get("vulns")]
    for package in weak:
        for found in package["vulns"]:
            mended = ", ".join(found["fix_versions"]) or "no version"
            print(f"{package['name']} {package['version']}: {found['id']}, mended in {mended}")
    if skipped:
        could_not(f"{len(skipped)} of {len(packages)} are not known to the service")
    else:
        print(f"{len(packages)} packages looked up, {len(weak)} with known vulnerabilities")
    return FOUND if weak else UNKNOWN if skipped else 0


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def could_not(why: str) -> int:
    print(f"audit: locked packages are not all looked up: {why}", file=sys.stderr)
    return UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
