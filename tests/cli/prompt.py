"""A prompt at which `dossier` is typed: each line in a process of its own, forked with the modules,
the rules and the kinds of events already read, so that a hundred lines take seconds.

Reads JSON lines {"words", "env", "stdin"}, answers each with {"code", "out", "err"}.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import tempfile
from typing import IO, Any

READ_BEFORE = ("infra.cli.door", "infra.cli.running", "infra.imports.run", "infra.verify")


def typed(words: list[str], env: dict[str, str], stdin: str) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            become(words, env, stdin, out, err)
        _, status = os.waitpid(child, 0)
        told = {}
        for name, file in (("out", out), ("err", err)):
            file.seek(0)
            told[name] = file.read().decode(errors="replace")
    return {"code": os.waitstatus_to_exitcode(status), **told}


def become(
    words: list[str], env: dict[str, str], stdin: str, out: IO[bytes], err: IO[bytes]
) -> None:
    with tempfile.TemporaryFile() as given:
        given.write(stdin.encode())
        given.seek(0)
        for number, file in enumerate((given, out, err)):
            os.dup2(file.fileno(), number)
        os.environ.update(env)
        from infra.cli.main import main

        sys.stdin = os.fdopen(0)
        code = 70
        try:
            main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def read_what_ships() -> None:
    """What is read once by each process, and is the same in all of them."""
    from infra.policies import shipped_access_policy, shipped_rulebook
    from infra.record.registry import registry

    shipped_rulebook()
    shipped_access_policy()
    registry()


if __name__ == "__main__":
    for module in READ_BEFORE:
        importlib.import_module(module)
    read_what_ships()
    gc.freeze()
    for line in sys.stdin:
        answer = typed(**json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
