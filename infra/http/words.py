"""What the API's description says of what occurs in many places."""

from __future__ import annotations

from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "Commands": "Every command by its name; what became of one that was sent",
    "Customers": "Commands about a customer, at the customer's address",
    "Orders": "Commands about an order, at its address",
    "Tickets": "Commands about a ticket, at its address",
    "Complaints": "Commands about a complaint, at its address",
    "Agreements": "Commands about an agreement with whoever receives data",
    "Staff": "Commands about who works here and may do what",
    "Policies": "Commands about a policy: its drafts, reviews, approvals and publications",
    "Cases": "Commands about the promises of a case, of whatever kind",
    "Calendars": "Commands about a service calendar: its versions, and whom they serve",
    "Duties": "Commands about what has to be done by the calendar",
    "Questions": "What is on record, as the read models show it",
    "Problems": "What can go wrong, and what to do about it",
    "Health": "Whether the process lives and can serve",
    "Description": "This description",
}

PARAMETERS: Mapping[str, str] = {
    "customer": "The id of a customer",
    "order": "The id of an order",
    "ticket": "The id of a ticket",
    "complaint": "The id of a complaint",
    "timer": "The id of a promise by time, from `timers`",
    "customer_id": "The id of the customer it is about",
    "order_id": "The id of the order it is about",
    "ticket_id": "The id of the ticket it is about",
    "case_id": "The id of the ticket, complaint or other case it is about",
    "complaint_id": "The id of the complaint it is about",
    "agreement_id": "The id of the agreement it is about",
    "staff_id": "The id of the staff member it is about",
    "policy_id": "The id of the policy it is about, as in `cross_border_crm`",
    "calendar_id": "The code of the calendar it is about",
    "duty_id": "The id of a period of a duty, from the list of duties",
    "command_id": "The id of a command of yours, from `Location`",
    "Idempotency-Key": "Required: 1 to 255 visible ASCII characters, a fresh random text for every"
    " new command. The same key with the same body is one command, for 30 days",
    "If-Match": 'The ETag of what you have seen, as in `"17"` or `"17-5f0c2a9b41d7"`. The version'
    " of the last fact is compared; another one is a 412",
    "If-None-Match": "ETags you have; if one of them is the present one, the answer is 304",
    "Prefer": "`respond-async` queues the command and answers 202",
    "Accept-Language": "`en` or `zh`, for what is said to people",
}

HEADERS: Mapping[str, str] = {
    "ETag": "The version of the last fact; where something is shown, then a digest of it",
    "Link": 'The address of the next page, as `rel="next"` (RFC 8288)',
    "Location": "Where to ask what became of it",
    "RateLimit": "What is left, of the limit that ends first",
    "RateLimit-Policy": "The limits that count here",
    "Preference-Applied": "`respond-async`",
    "Retry-After": "Seconds after which it is worth asking again",
    "Idempotency-Replayed": "`true` if it had been recorded before",
    "WWW-Authenticate": "`Bearer`",
    "Content-Language": "`en` or `zh`",
    "X-Trace-Id": "Names the request in the log",
}

STATUSES: Mapping[str, str] = {
    "400": "The request cannot be understood, or lacks its Idempotency-Key",
    "401": "No valid token",
    "403": "Not for this role or purpose",
    "404": "There is no such thing",
    "408": "The body did not come through in time",
    "409": "A rule stands against it, or somebody else recorded at the same moment",
    "410": "The person's data were erased",
    "412": "If-Match names another version than the present one",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "422": "Fields are not valid, or the key was used for another request",
    "429": "Too many attempts, requests or customers",
    "500": "A defect of ours",
    "503": "The database, the queue or the keys cannot be reached, or what was asked for is not"
    " shown yet",
}
