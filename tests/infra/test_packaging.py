"""What is installed, what is in the wheel, what the lock pins, and when set-up is done again."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"domain", "projections", "commands", "queries", "infra"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
METADATA = f"dossier-{PROJECT['version']}.dist-info"
LOCK = (ROOT / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as wheel:
        yield wheel


def in_tree(*patterns: str) -> set[str]:
    """Files of the packages as paths from the root, without what is derived."""
    return {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for pattern in patterns
        for path in (ROOT / package).rglob(pattern)
    }


def test_no_other_distribution_claims_the_name_of_a_package_of_ours() -> None:
    claimed = importlib.metadata.packages_distributions()
    assert {name: set(claimed.get(name, [])) - {"dossier"} for name in PACKAGES} == {
        name: set() for name in PACKAGES
    }


def test_the_wheel_has_every_module_rule_and_statement(wheel: zipfile.ZipFile) -> None:
    expected = in_tree("*.py", "*.toml", "*.sql", "*.json", "py.typed")
    assert expected - set(wheel.namelist()) == set()
    assert any(name.endswith(".sql") for name in expected)


def test_the_wheel_has_nothing_but_the_packages(wheel: zipfile.ZipFile) -> None:
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert folders == PACKAGES | {METADATA}


def test_the_wheel_has_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(f"{METADATA}/entry_points.txt").decode()
    licence = wheel.read(f"{METADATA}/licenses/LICENSE").decode()
    assert "dossier = infra.cli.main:main" in entry_points
    assert "Apache License" in licence


def test_the_lock_pins_every_package_with_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    wrong = [
        entry.splitlines()[0]
        for entry in entries
        if not re.fullmatch(
            r"[a-z0-9-]+==[^\s;]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry
        )
    ]
    assert wrong == []


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert re.findall(r"https?:|file:|--\w*index|--find-links|@", LOCK) == []


def test_what_is_installed_is_what_the_lock_pins() -> None:
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", LOCK, re.MULTILINE))
    names = [re.split(r"[\[<>=]", needed)[0] for needed in PROJECT["dependencies"]]
    assert {name: importlib.metadata.version(name) for name in names} == {
        name: pinned[name] for name in names
    }


def test_a_finished_set_up_is_recognised_at_once_and_an_outdated_one_is_not(
    tmp_path: Path,
) -> None:
    clone = tmp_path / "a folder with spaces"
    (clone / "tools").mkdir(parents=True)
    for name in ("tools/set_up.py", "requirements.lock", "pyproject.toml"):
        (clone / name).write_bytes((ROOT / name).read_bytes())
    for pip in (ROOT / "tools").glob("pip-*.whl"):
        (clone / "tools" / pip.name).write_bytes(pip.read_bytes())
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").symlink_to(sys.executable)

    def is_set_up() -> bool:
        check = [sys.executable, "-I", "-S", str(clone / "tools/set_up.py"), "--check"]
        return subprocess.run(check, check=False).returncode == 0

    assert not is_set_up()
    record = "import set_up; set_up.STAMP.write_text(set_up.wanted())"
    subprocess.run([sys.executable, "-c", record], check=True, cwd=clone / "tools")
    assert is_set_up()
    with (clone / "requirements.lock").open("a") as lock:
        lock.write("added==1\n")
    assert not is_set_up()
