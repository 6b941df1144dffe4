"""Settings with secrets: from the environment or from a file, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.home import Home
from infra.servers.owner import DATABASE_SETTING, REDIS_SETTING, serving
from infra.servers.problem import ServerProblem
from infra.servers.setting import setting

NAME = "DOSSIER_DATABASE_URL"
SECRET = "postgresql://ann:correct-horse@127.0.0.1:1/x"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "url"
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.setenv(f"{NAME}_FILE", str(path))
    return path


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_gives_what_the_environment_would(file: Path, end: str) -> None:
    file.write_bytes((SECRET + end).encode())
    assert setting(NAME) == SECRET


def test_nothing_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")
    monkeypatch.setenv(f"{NAME}_FILE", "")
    assert setting(NAME) is None


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a\nb\n", b"\xff\xfe", b"a\0b", b"x" * 9000, SECRET.encode() * 400]
)
def test_a_file_that_is_no_line_of_text_is_told_without_it(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ServerProblem, match=f"{NAME}_FILE is not one line") as told:
        setting(NAME)
    assert "correct-horse" not in str(told.value)


def test_a_file_that_is_not_there_or_a_folder_is_told(file: Path) -> None:
    with pytest.raises(ServerProblem, match=f"{NAME}_FILE cannot be read: No such file"):
        setting(NAME)
    file.mkdir()
    with pytest.raises(ServerProblem, match="cannot be read: Is a directory"):
        setting(NAME)


def test_one_given_twice_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(SECRET)
    monkeypatch.setenv(NAME, SECRET)
    with pytest.raises(ServerProblem, match="both set") as told:
        setting(NAME)
    assert "correct-horse" not in str(told.value)


def test_servers_are_found_by_files_and_a_wrong_one_is_told_without_its_secret(
    home: Home,
    database: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, address in ((DATABASE_SETTING, database), (REDIS_SETTING, redis_url)):
        path = tmp_path / name
        path.write_text(address + "\n")
        monkeypatch.setenv(f"{name}_FILE", str(path))
        monkeypatch.delenv(name, raising=False)
    with serving(home) as addresses:
        assert (addresses.database_url, addresses.redis_url) == (database, redis_url)
    (tmp_path / DATABASE_SETTING).write_text(SECRET)
    with pytest.raises(ServerProblem, match="does not answer") as told, serving(home):
        pass
    assert "correct-horse" not in str(told.value)
