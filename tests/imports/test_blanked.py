"""Answers come from replayed events: what the file repeats or concludes changes only itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg.rows import dict_row

from infra.projector import catch_up
from projections.catalogue import PROJECTIONS
from tests.imports.office import Office, rows_of

BLANKED = ("reopen_count", "made_sla", "resolved_at", "closed_at", "closed_code", "resolved_by")
PREFIXES = {f"{column}!": (column,) for column in BLANKED} | {"all!": BLANKED}
OWN = {"position", "event_id", "recorded_at", "command_id", "causation", "timer", "commitment"}
"""Ids, times and keys of this one recording."""
RAW = "attributes"


def test_blanking_verdicts_counters_and_final_values_changes_only_the_raw_attribute(
    office: Office,
) -> None:
    """The same incidents of the same callers again, under other names, without these columns."""
    rows = [r for r in rows_of("incidents") if r["number"].endswith("1")]
    assert sum(row["reopen_count"] != "0" for row in rows) > 10
    copies = [renamed(row, "whole!", ()) for row in rows]
    for prefix, columns in PREFIXES.items():
        copies += [renamed(row, prefix, columns) for row in rows]
    assert office.take("incidents", copies).rejected == 0
    catch_up(office.product.addresses.database_url)
    tables = {name: list(shown(office, name)) for name in PROJECTIONS}
    whole = {name: of(table, "whole!") for name, table in tables.items()}
    assert {name for name, table in whole.items() if table} >= {
        "customers",
        "tickets",
        "sla_timers",
        "history",
    }
    for prefix in PREFIXES:
        for name, table in tables.items():
            assert of(table, prefix) == whole[name], (prefix, name)


def renamed(row: Mapping[str, str], prefix: str, blank: tuple[str, ...]) -> dict[str, str]:
    caller = row["caller_id"] and prefix + row["caller_id"]
    return {
        **row,
        **dict.fromkeys(blank, ""),
        "number": prefix + row["number"],
        "caller_id": caller,
    }


def of(table: list[str], prefix: str) -> list[str]:
    return sorted(row.replace(prefix, "") for row in table if prefix in row)


def shown(office: Office, name: str) -> Iterator[str]:
    """Rows with the numbers and callers of the file in place of our ids."""
    names = named(office)
    with office.product.record.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        for row in cursor.execute(f"SELECT * FROM read.{PROJECTIONS[name].table.name}"):
            yield repr(told(row, names))


def told(value: Any, names: Mapping[str, str]) -> Any:
    """Timers have ids made from their case; attributes are the raw ones."""
    if isinstance(value, dict):
        return {
            key: told(held, names)
            for key, held in value.items()
            if key not in OWN and key != RAW and not key.endswith("_token")
        }
    if isinstance(value, list):
        return [told(held, names) for held in value]
    return names.get(str(value), str(value))


def named(office: Office) -> dict[str, str]:
    """Cases by their number, customers by the number of their first case."""
    names: dict[str, str] = {}
    for recorded in office.events("InquiryReceived"):
        number = recorded.event.__dict__["number"]
        names[str(recorded.header.stream)] = number
        names.setdefault(str(recorded.header.subject), f"caller of {number}")
    for recorded in office.events("SlaTimersStarted"):
        for timer in recorded.event.__dict__["timers"]:
            number = names[str(recorded.header.stream)]
            names[str(timer.timer)] = f"{timer.rule}:{timer.cycle} of {number}"
    return names
