"""The administrator's token of an installation: in `credentials/admin.token`, mode 0600.

Whoever can read that file is trusted as one who can read the keys beside it. It has no end of its
own; `dossier token revoke` ends it.
"""

from __future__ import annotations

from pathlib import Path

from infra.home import Home, write_private
from infra.identity.credential import Connect
from infra.identity.tokens import Grant, keep, new_token

ADMIN = "admin"
ADMIN_ROLES = (
    "crm_admin",
    "supervisor",
    "complaint_officer",
    "department_head",
    "management",
    "compliance_officer",
    "agent",
    "sales",
)
"""What one person may not do twice over is refused by actor. An auditor is nothing else."""


def admin_token(home: Home, connect: Connect) -> Path:
    """The file with the administrator's token, made if absent, known to this database."""
    path = home.credentials / "admin.token"
    if not path.exists():
        write_private(path, new_token() + "\n")
    token = path.read_text("ascii").strip()
    keep(connect, token, Grant(actor=ADMIN, roles=ADMIN_ROLES, days=None))
    return path
