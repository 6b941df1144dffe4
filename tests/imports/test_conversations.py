"""What comments come to: who asked, who answered, what was between staff."""

from __future__ import annotations

from tests.imports.office import Office

ASKED = {
    "issue_id": "7",
    "comment_id": "70",
    "comment_seq": "0",
    "utr_seq": "0",
    "created_utc": "2022-01-05T05:27:14Z",
    "is_private": "false",
    "author": "r1",
    "author_role": "reporter",
    "text": "greetings",
}


def comment(
    number: int, time: str, role: str, author: str, private: bool = False
) -> dict[str, str]:
    return ASKED | {
        "comment_id": f"7{number}",
        "comment_seq": str(number),
        "created_utc": f"2022-01-05T{time}Z",
        "is_private": str(private).lower(),
        "author": author,
        "author_role": role,
    }


def types(office: Office) -> list[str]:
    ignored = ("CustomerRegistered", "SubjectKeyCreated")
    return [
        r.header.type
        for r in office.events()
        if r.header.type not in ignored and not r.header.type.startswith("Sla")
    ]


def test_an_automatic_text_is_no_first_response(office: Office) -> None:
    office.take(
        "conversations",
        [ASKED, comment(1, "05:27:30", "others", "bot"), comment(2, "06:00:00", "assignee", "a")],
    )
    assert types(office) == [
        "InquiryReceived",
        "AutoReplySent",
        "TicketAssigned",
        "FirstResponseSent",
    ]


def test_a_private_comment_is_a_note_and_answers_nothing(office: Office) -> None:
    office.take("conversations", [ASKED, comment(1, "05:30:00", "assignee", "a", private=True)])
    assert types(office) == ["InquiryReceived", "TicketAssigned", "InternalNoteAdded"]


def test_whoever_writes_among_others_again_is_no_longer_in_charge(office: Office) -> None:
    office.take(
        "conversations",
        [ASKED, comment(1, "06:00:00", "assignee", "a"), comment(2, "07:00:00", "others", "a")],
    )
    assert types(office)[-2:] == ["TicketAssigned", "MessageSent"]


def test_sentences_of_a_comment_are_one_sealed_text(office: Office) -> None:
    report = office.take("conversations", [ASKED, ASKED | {"utr_seq": "1", "text": "help"}])
    assert (report.rows, report.recorded) == (2, 1)
    (asked,) = office.events("InquiryReceived")
    assert asked.body is not None
    assert b"greetings" not in asked.body and b"help" not in asked.body
    assert office.events("SubjectKeyCreated") != []


def test_rows_of_a_comment_that_disagree_keep_its_ticket_out_and_no_other(office: Office) -> None:
    other = ASKED | {"issue_id": "8", "comment_id": "80"}
    for column, value in (
        ("is_private", "true"),
        ("author", "r2"),
        ("author_role", "assignee"),
        ("created_utc", "2022-01-05T05:27:15Z"),
    ):
        second = ASKED | {"utr_seq": "1", column: value}
        report = office.take("conversations", [ASKED, second, other])
        assert report.rejected == 2, column
        assert report.reject_file is not None
        assert report.reject_file.read_text("utf-8").count("lines_disagree") == 2
    assert len(office.events("InquiryReceived")) == 1


def test_a_ticket_the_customer_never_wrote_on_is_opened_without_their_words(
    office: Office,
) -> None:
    report = office.take("conversations", [comment(0, "05:00:00", "assignee", "a")])
    (opened,) = office.events("InquiryReceived")
    assert "text" not in (opened.body or b"").decode()
    assert report.notes["tickets without a public comment of the customer"] == 1


def test_a_customer_with_two_tickets_is_one_customer(office: Office) -> None:
    report = office.take("conversations", [ASKED, ASKED | {"issue_id": "8", "comment_id": "80"}])
    assert (report.recorded, report.customers) == (2, 1)
