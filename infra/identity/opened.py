"""The entry put together over a running product. A process makes one and keeps it: it holds the
keys providers publish."""

from __future__ import annotations

from infra.identity.authentication import Authentication
from infra.identity.oidc.issuer import read_issuers
from infra.identity.oidc.statement import Issuers
from infra.identity.staff import StaffHeld
from infra.product import Product


def authentication(product: Product) -> Authentication:
    """Raises ServerProblem if `oidc.toml` of the data folder is malformed."""
    return Authentication(
        product.record.connection,
        StaffHeld(product.record.read_stream),
        Issuers(read_issuers(product.home.path)),
    )
