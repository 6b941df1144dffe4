"""Policies: what is on record of each version, and every step from a file to its publication."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from domain.publication.policy import Policy

Id = Annotated[str, typer.Argument(help="The policy's id, as in cross_border_crm.")]
Version = Annotated[int | None, typer.Option(min=1, max=999_999, help="Default: the latest.")]
Adopted = Annotated[
    int | None,
    typer.Option("--version", min=1, max=999_999, help="One that shipped; default: the draft."),
]
Because = Annotated[str, typer.Option(help="The change record: what changed, and why.")]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token", help="A file with the token of who acts; default: the administrator."),
]


def add_to(app: typer.Typer) -> None:
    policies = typer.Typer(help="Policies. Alone: every version on record.")
    policies.callback(invoke_without_command=True)(list_policies)
    for command in (show, diff, draft, review, approve, publish, file, withdraw, lapse):
        policies.command(command.__name__)(command)
    app.add_typer(policies, name="policies")


def list_policies(context: typer.Context) -> None:
    """Policies. Alone: every version on record."""
    if context.invoked_subcommand is not None:
        return
    from infra.cli.opened import opened
    from infra.cli.showing import table
    from infra.cli.telling_policies import COLUMNS, listed
    from infra.product import now
    from infra.publication.rules import POLICY, policies_on_record

    with opened() as running:
        known = policies_on_record(running.record.read_kind(POLICY))
    today = now().date()
    ordered = sorted(known, key=lambda policy: policy.policy)
    table("policies", COLUMNS, [row for policy in ordered for row in listed(policy, today)])


def show(
    id: Id,
    version: Version = None,
    json: Annotated[
        bool, typer.Option("--json", help="The rows as their hash is computed over them.")
    ] = False,
) -> None:
    """A version with its rows; the draft if nothing is published."""
    import sys

    from domain.publication.rows import canonical_rows
    from infra.cli.showing import table
    from infra.cli.telling_policies import ROW_COLUMNS, about, row_told

    policy = _policy(id)
    shown = policy.any_version(version)
    if json:
        sys.stdout.write(canonical_rows(shown.rows.values()))
        return
    table(f"{id}@{shown.version}", ("field", "value"), list(about(policy, shown)))
    rows = [row_told(shown.rows[id]) for id in sorted(shown.rows)]
    table("rows", ROW_COLUMNS, rows)


def diff(
    id: Id,
    before: Annotated[
        int | None, typer.Option("--from", min=1, max=999_999, help="Default: published last.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--to", min=1, max=999_999, help="Default: the draft.")
    ] = None,
) -> None:
    """What one version says otherwise than another, row by row and field by field."""
    from infra.cli.showing import table
    from infra.cli.telling_policies import DIFF_COLUMNS, differences

    policy = _policy(id)
    new = policy.must_draft() if after is None else policy.any_version(after)
    old = policy.any_version(before) if before or policy.published else None
    title = f"{id}: {old.version if old else 'nothing'} -> {new.version}"
    table(title, DIFF_COLUMNS, list(differences(old.rows if old else {}, new.rows)))


def draft(
    file: Annotated[Path, typer.Argument(help="A policy in TOML, as those that ship.")],
    token: TokenFile = None,
) -> None:
    """Drafts what a file says: what differs from the version published last."""
    from infra.publication.documents import document_at, drafted

    command = drafted(document_at(file), file.name)
    _send("DraftPolicy", command.model_dump(mode="json", exclude_unset=True), token)


def review(id: Id, version: Adopted = None, token: TokenFile = None) -> None:
    """Compliance has read the draft, or adopts what shipped. Not by who drafted it."""
    _send("ReviewPolicy", {"policy_id": id, "version": version}, token)


def approve(id: Id, version: Adopted = None, token: TokenFile = None) -> None:
    """Signs the draft, or adopts what shipped. Not by who drafted or reviewed it."""
    _send("ApprovePolicy", {"policy_id": id, "version": version}, token)


def publish(
    id: Id,
    effective_day: Annotated[str, typer.Option(help="Its first day, as in 2027-01-01.")],
    change_record: Because,
    token: TokenFile = None,
) -> None:
    """Publishes the approved draft: in force from its effective day on."""
    fields = {"effective_day": effective_day, "change_record": change_record}
    _send("PublishPolicy", {"policy_id": id, **fields}, token)


def file(
    id: Id,
    department: Annotated[str, typer.Option(help="With whom it is put on file.")],
    reference: Annotated[str, typer.Option(help="What it is found by there.")],
    version: Version = None,
    token: TokenFile = None,
) -> None:
    """Puts a published version on file."""
    fields = {"filed_with": department, "reference": reference, "version": version}
    _send("FilePolicy", {"policy_id": id, **fields}, token)


def withdraw(id: Id, token: TokenFile = None) -> None:
    """Gives the draft up."""
    _send("WithdrawPolicyDraft", {"policy_id": id}, token)


def lapse(
    id: Id,
    day: Annotated[str, typer.Option(help="The first day without it, as in 2027-01-01.")],
    change_record: Because,
    token: TokenFile = None,
) -> None:
    """Ends a policy without another in its place."""
    fields = {"lapses": day, "change_record": change_record}
    _send("LapsePolicy", {"policy_id": id, **fields}, token)


def _policy(id: str) -> Policy:
    """As the record has it. Raises NotFound."""
    from domain.publication.policy import policy_stream
    from domain.refusal import NotFound
    from infra.cli.opened import opened
    from infra.publication.rules import policies_on_record

    with opened() as running:
        recorded = running.record.read_stream(policy_stream(id))
    if not recorded:
        raise NotFound(kind="policy", id=id)
    (policy,) = policies_on_record(recorded)
    return policy


def _send(name: str, fields: dict[str, object], token: Path | None) -> None:
    """To the running API if there is one, otherwise to the record; says what it came to."""
    import json

    from infra.cli.door import door
    from infra.product import new_id
    from infra.request import command_type, read_command

    given = {field: value for field, value in fields.items() if value is not None}
    body = json.dumps(given).encode()
    kind = command_type(name)
    read_command(kind, body)
    with door(token) as to:
        result = to.send(kind, body, str(new_id()), None)
    print(
        f"{fields['policy_id']}: {'nothing to record' if result.position is None else 'recorded'}"
    )
