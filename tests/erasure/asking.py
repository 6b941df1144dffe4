"""A customer with something of everything, and a request about their data."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from commands.command import Command
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.order.lines import Line
from commands.order.place_order import PlaceOrder
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from domain.personal import Category
from domain.privacy.events import RequestType
from domain.terms import Channel, CollectionSource, Direction
from infra.dispatch import Caller, Result
from infra.product import Product
from infra.projector.running import catch_up

CRM = Caller("staff:ann", "crm_admin")
OFFICER = Caller("staff:cleo", "compliance_officer")
NAME, EMAIL = "Wilhelmine Quastenflosser", "wilhelmine.quastenflosser@example.org"
SAID = "The zeppelin-patterned curtains arrived torn in two places."


def ask(product: Product, command: Command, caller: Caller = CRM) -> Result:
    return product.dispatcher.dispatch(command, caller, uuid4())


def customer_of(product: Product, market: str = "DE") -> UUID:
    """Registered, with one contact."""
    registration = RegisterCustomer(
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        market=market,
        jurisdiction=market,
        profile=ProfileFields(name=NAME, email=EMAIL),
    )
    customer = ask(product, registration).ids["customer"]
    contact = RecordInteraction(
        customer_id=customer, channel=Channel.PHONE, direction=Direction.INBOUND, content=SAID
    )
    ask(product, contact)
    return customer


def order(product: Product, customer: UUID, at: datetime) -> None:
    line = Line(stock_code="85123A", quantity=2, unit_price=Decimal("2.55"))
    placed = PlaceOrder(
        customer_id=customer,
        source="shop",
        number=str(uuid4()),
        currency="EUR",
        lines=(line,),
        at=at.astimezone(UTC),
    )
    ask(product, placed)


def request_of(
    product: Product,
    customer: UUID,
    asked: RequestType = RequestType.ERASURE,
    categories: tuple[Category, ...] = tuple(Category),
) -> UUID:
    """Received and identified; the read models know."""
    received = ReceivePrivacyRequest(
        customer_id=customer, request_type=asked, categories=categories, channel=Channel.EMAIL
    )
    request = ask(product, received).ids["request"]
    identified = IdentifyRequester(customer_id=customer, request=request, method="callback")
    ask(product, identified, OFFICER)
    caught_up(product)
    return request


def caught_up(product: Product) -> None:
    catch_up(product.addresses.database_url)


def tokens_of(product: Product, customer: UUID) -> dict[str, str]:
    """Every sealed value of the customer's profile in the read model, by field."""
    with product.record.connection() as db:
        row = db.execute(
            "SELECT name_token, email_token FROM read.customers WHERE customer = %s", (customer,)
        ).fetchone()
    assert row is not None
    return {name: token for name, token in zip(("name", "email"), row, strict=True) if token}
