"""Settings with secrets in them: in the environment, or in a file that the environment names.

Whoever can list processes or their environments reads what stands there; a file of mode 0600, as
orchestrators mount them, is read by its owner alone. `NAME_FILE` names it.
"""

from __future__ import annotations

import os
from pathlib import Path

from infra.servers.problem import ServerProblem

LONGEST = 8 * 1024


def setting(name: str) -> str | None:
    """The text of a setting without the line end behind it; None if there is none.

    Raises ServerProblem where it is given twice, or its file is not a line of text that can be
    read; never says what is in it.
    """
    told, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if not file:
        return told or None
    if told:
        raise ServerProblem(f"{name} and {name}_FILE are both set; leave one of them out")
    try:
        with Path(file).open("rb") as opened:
            text = opened.read(LONGEST + 1).decode()
    except OSError as error:
        raise ServerProblem(
            f"the file named in {name}_FILE cannot be read: {error.strerror}"
        ) from None
    except ValueError:
        text = ""
    text = text.removesuffix("\n").removesuffix("\r")
    if not text or len(text) > LONGEST or any(character in text for character in "\n\r\0"):
        raise ServerProblem(f"the file named in {name}_FILE is not one line of text")
    return text
