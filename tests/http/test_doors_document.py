"""What docs/doors.md names is there: addresses, codes, states, limits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from infra.http.allowed import fits
from infra.http.app import application
from infra.http.commands import Standing
from infra.http.problems import every_problem
from tests.http.door import Door

DOCUMENT = (Path(__file__).parents[2] / "docs" / "doors.md").read_text("utf-8")
NAMES = {"CUSTOMER": "{customer}", "TICKET": "{ticket}", "NAME": "ResolveTicket"}


def test_every_address_it_names_is_served() -> None:
    served = set(application(None, None).openapi()["paths"])  # type: ignore[arg-type]
    named = re.findall(r"(/(?:v1|problems|docs|openapi)[\w/.{}$-]*)", DOCUMENT)
    assert len(named) > 20
    for address in named:
        path = re.sub(r"\$?(CUSTOMER|TICKET|NAME)\b", lambda m: NAMES[m[1]], address.rstrip(".-"))
        path = path.partition("...")[0].rstrip("/")
        assert any(fits(template.split("/"), path.split("/")) for template in served), address


def test_every_code_and_state_it_names_is_told() -> None:
    codes = {problem.code for problem in every_problem("en")}
    for code in re.findall(r'"code":"(\w+)"|/problems/(\w+)', DOCUMENT):
        assert (code[0] or code[1]) in codes | {"extra_forbidden"}
    for code in re.findall(r"\d{3}[,;]? `(\w+)`", DOCUMENT):
        assert code in codes
    states = set(get_args(Standing.model_fields["state"].annotation))
    assert set(re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE)) == states


def test_what_it_says_of_statuses_is_so() -> None:
    every = {problem.status for problem in every_problem("en")} - {None, 500}
    (table,) = re.findall(r"\| status \| \|\n\|---\|---\|\n((?:\|.*\n)+)", DOCUMENT)
    listed = {int(status) for status in re.findall(r"\b(\d{3})\b", table)}
    assert listed == every | {412}


def test_its_first_example_is_taken_as_it_stands(door: Door) -> None:
    (body,) = re.findall(r"-d '(\{\"collection_source.*?\}\})'", DOCUMENT, re.DOTALL)
    sent = {
        **door.bearer("crm_admin"),
        "Content-Type": "application/json",
        "Idempotency-Key": "7d1c0b6e",
    }
    answer = door.client.post("/v1/customers", content=body, headers=sent)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert set(answer.json()) == {"ids", "versions", "position", "timers"}
