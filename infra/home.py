"""A data folder: where one installation keeps its servers' data, its keys and its addresses."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from infra.servers.problem import ServerProblem

PRIVATE = 0o700
OTHERS_READ = 0o755


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one folder; what must not be seen by others is made with mode 0700."""

    path: Path

    @classmethod
    def at(cls, path: Path | None = None) -> Home:
        """Open a data folder, making what is missing: `path`, else DOSSIER_HOME, else ./var.

        Raises ServerProblem where it cannot be made or written.
        """
        home = cls(_chosen(path).absolute())
        try:
            home.path.mkdir(mode=OTHERS_READ, parents=True, exist_ok=True)
            home.log.mkdir(mode=OTHERS_READ, exist_ok=True)
            for private in (home.keys, home.credentials):
                private.mkdir(mode=PRIVATE, exist_ok=True)
                private.chmod(PRIVATE)
        except OSError as error:
            raise ServerProblem(
                f"the data folder {home.path} cannot be used: {error.strerror}; "
                "name another with DOSSIER_HOME"
            ) from error
        if not os.access(home.path, os.W_OK | os.X_OK):
            raise ServerProblem(
                f"the data folder {home.path} cannot be written; name another with DOSSIER_HOME"
            )
        return home

    @property
    def pg(self) -> Path:
        return self.path / "pg"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def credentials(self) -> Path:
        return self.path / "credentials"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def run_file(self) -> Path:
        """Where the owner of the servers says how to reach them, while it lives."""
        return self.path / "run.json"


def _chosen(path: Path | None) -> Path:
    if path is not None:
        return path
    if named := os.environ.get("DOSSIER_HOME"):
        return Path(named)
    here = Path.cwd()
    if here in {Path("/"), Path("/tmp"), Path("/root"), Path(os.path.expanduser("~"))}:  # noqa: PTH111
        raise ServerProblem(
            f"{here} is no place for a data folder; name one with DOSSIER_HOME "
            "or start in the folder of the project"
        )
    return here / "var"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        file.write(text)
        file.flush()
        os.fsync(handle)
    draft.replace(path)
