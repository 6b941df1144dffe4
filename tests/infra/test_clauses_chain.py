"""What counts as carried: rules of the count, and that what is written of tests is about tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from infra.clauses.chain import Chain, State, chain, chains
from infra.clauses.clause import SOURCES, clauses
from infra.clauses.evidence import Evidence, read, shipped_evidence, written
from infra.clauses.markers import marked_tests, marks_in
from tests.driven import simplest

ROOT = Path(__file__).parents[2]
KNOWN = clauses()
KEPT = [Evidence("CB-13.2b", "tests/a.py::test_b", ("cb-13.2b-solved",))]


def of(id: str, *kept: bool) -> Chain:
    """The chain of a clause, where these of its rows are kept by a test."""
    found = chain(KNOWN[id])
    rows = [
        row._replace(kept_by=KEPT if yes else ()) for row, yes in zip(found.rows, kept, strict=True)
    ]
    return found._replace(rows=rows, tests=())


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (of("CB-13.2b", True, True), State.CARRIED),
        (of("CB-13.2b", True, False), State.IN_PART),
        (of("CB-13.2b", False, False), State.OPEN),
        (of("CB-13.2b", False, False)._replace(tests=["tests/a.py::test_b"]), State.OPEN),
        (of("CB-11.2a", False), State.WAITING),
        (of("CB-3a"), State.OUT_OF_SCOPE),
        (of("CB-3b"), State.OPEN),
        (of("CB-3b")._replace(tests=["tests/a.py::test_b"]), State.TESTED),
        (chain(KNOWN["CB-13.2b"])._replace(rows=(), tests=["tests/a.py::test_b"]), State.OPEN),
    ],
)
def test_a_time_limit_is_carried_by_kept_promises_and_by_nothing_less(
    found: Chain, state: State
) -> None:
    assert found.state is state


def test_every_clause_has_a_chain_and_stands_in_a_regulation() -> None:
    found = chains()
    assert [one.clause.id for one in found] == list(KNOWN)
    assert {one.clause.regulation for one in found} == set(SOURCES)
    timed = [one for one in found if one.clause.is_timed]
    assert len(timed) == 187
    assert all(one.rows for one in timed)


def test_a_chain_names_rows_facts_projections_and_refusals() -> None:
    [row] = chain(KNOWN["OS-3.4-2b"]).rows
    assert (row.rule.id, row.rule.pack.name) == ("os-3.4-2b", "overseas_service@1")
    [begins], [fulfils] = row.begins, row.fulfils
    assert (begins.name, begins.kind) == ("ComplaintReceived", "complaint")
    assert fulfils.name == "ComplaintRegistered"
    assert "complaints" in fulfils.projections
    assert "role_not_allowed" in chain(KNOWN["CB-14.1b"]).refusals
    [foreseen] = chain(KNOWN["CB-11.2b"]).rows
    assert [fact.kind for fact in foreseen.begins] == [None]


def test_evidence_is_about_tests_that_are_there() -> None:
    for clause, found in shipped_evidence().items():
        assert clause in KNOWN
        for one in found:
            path, *_, name = one.function.split("::")
            source = (ROOT / path).read_text("utf-8")
            assert re.search(rf"def {name}\b", source), f"{one.function} is gone: `make clauses`"
            assert one.kept


MARKED = """
import pytest
pytestmark = pytest.mark.clause("CB-1")
@pytest.mark.clause("CB-2", "CB-3a")
def test_one(): ...
@pytest.mark.clause("EC-1")
class TestAll:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.clause("OS-1"))])
    async def test_two(self, x): ...
    def helper(self): ...
def no_test(): ...
"""


def test_marks_are_found_on_tests_values_classes_and_files() -> None:
    assert sorted(marks_in(ast.parse(MARKED))) == [
        ("CB-1", "TestAll::test_two"),
        ("CB-1", "test_one"),
        ("CB-2", "test_one"),
        ("CB-3a", "test_one"),
        ("EC-1", "TestAll::test_two"),
        ("OS-1", "TestAll::test_two"),
    ]


def test_every_mark_names_a_clause() -> None:
    assert marked_tests().keys() - KNOWN.keys() == set()
    here = "tests/policy/test_tier.py::test_retail_thresholds"
    assert here in marked_tests()["CB-9.1a"]


def test_evidence_is_kept_of_rows_of_its_clause() -> None:
    for clause, found in shipped_evidence().items():
        rows = {row.rule.id for row in chain(KNOWN[clause]).rows}
        for one in found:
            assert set(one.kept) <= rows


def test_tests_with_servers_are_evidence_only_of_what_no_other_keeps() -> None:
    alone, both = Evidence("CB-1", "a::a", ("r",)), Evidence("CB-1", "a::b", ("r", "s"))
    other = Evidence("CB-2", "a::c", ("r",))
    found = [(both, True), (alone, False), (other, True)]
    assert list(simplest(found)) == [alone, both._replace(kept=("s",)), other]


def test_evidence_reads_as_it_was_written_in_order_and_once() -> None:
    one, two = Evidence("CB-1", "a::b[x, y]", ("r", "s")), Evidence("CB-1", "a::a", ("q",))
    assert read(written([one, two, one])) == [two, one]
