"""Where key-encryption keys are kept: files, the environment, or Vault's transit engine.

`DOSSIER_KEK_PROVIDER` names one: `file` (the default), `environment` or `transit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.servers.problem import ServerProblem
from infra.vault.providers.environment import EnvironmentKeks, EpochNotGiven
from infra.vault.providers.file import FileKeks
from infra.vault.providers.provider import Kek, KekProvider
from infra.vault.providers.transit import TransitKeks

__all__ = ["EpochNotGiven", "Kek", "KekProvider", "chosen_provider"]

SETTING = "DOSSIER_KEK_PROVIDER"


def chosen_provider(keys: Path, environment: Mapping[str, str]) -> KekProvider:
    """The provider an installation is set up for; `keys` is its keys folder.

    Raises ServerProblem for a name there is not, KeyFileMissing where its settings are missing.
    """
    match environment.get(SETTING, "file"):
        case "file":
            return FileKeks(keys)
        case "environment":
            return EnvironmentKeks(environment)
        case "transit":
            return TransitKeks.from_settings(environment)
    raise ServerProblem(f"{SETTING} is none of file, environment, transit")
