"""`dossier sla check FILE`: cases of promises by time, each told to a store of its own."""

from __future__ import annotations

from pathlib import Path

from domain.refusal import Refused


class CasesUnreadable(Refused):
    """The file is no list of cases. Parameters: file, why."""


class CasesDiffer(Refused):
    """Something came out otherwise than a case says. Parameters: differ, cases."""


def check_cases(file: Path) -> None:
    """Tells every case of a YAML file to a throw-away store and shows what comes out otherwise."""
    from infra.cli.showing import console, progress
    from infra.log import errors_only
    from infra.sla_check.checking import Malformed, check, read

    try:
        cases = read(file)
    except (Malformed, OSError) as fault:
        raise CasesUnreadable(
            file=str(file), why=fault.strerror if isinstance(fault, OSError) else str(fault)
        ) from None
    differ = 0
    with progress("cases") as tell, errors_only():
        for done, case in enumerate(cases, 1):
            found = check(case)
            differ += bool(found)
            for one in found:
                console.print(f"{one.case}  {one.field}: expected {one.expected}, got {one.got}")
            tell(done, len(cases), f"{differ} differ")
    console.print(f"{len(cases)} cases, {differ} differ")
    if differ:
        raise CasesDiffer(differ=differ, cases=len(cases))
