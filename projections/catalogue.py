"""Every projection there is, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from projections.complaints import COMPLAINTS
from projections.consents import CONSENTS
from projections.customers import CUSTOMERS
from projections.duties import DUTIES
from projections.history import HISTORY
from projections.orders import ORDERS
from projections.policies import POLICIES
from projections.privacy_requests import PRIVACY_REQUESTS
from projections.projection import Projection
from projections.shares import SHARES
from projections.sla_timers import SLA_TIMERS
from projections.staff_access import STAFF_ACCESS
from projections.tickets import TICKETS
from projections.tier_view import TIER_VIEW

PROJECTIONS: Mapping[str, Projection[Any]] = {
    projection.name: projection
    for projection in (
        CUSTOMERS,
        ORDERS,
        TICKETS,
        COMPLAINTS,
        TIER_VIEW,
        SLA_TIMERS,
        HISTORY,
        CONSENTS,
        SHARES,
        STAFF_ACCESS,
        PRIVACY_REQUESTS,
        POLICIES,
        DUTIES,
    )
}
