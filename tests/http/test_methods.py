"""Methods and addresses that lead nowhere are told, in the caller's language."""

from __future__ import annotations

import pytest

from tests.http.door import Door
from tests.http.test_bad_input import told


def test_head_is_get_without_the_content(door: Door) -> None:
    customer = door.customer()
    door.show()
    bearer = door.bearer("crm_admin")
    for path in (f"/v1/customers/{customer}", "/v1/tickets", "/docs", "/problems", "/livez"):
        get, head = door.client.get(path, headers=bearer), door.client.head(path, headers=bearer)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length", "etag"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)
    assert door.client.head(f"/v1/customers/{customer}").status_code == 401
    assert door.client.head("/nowhere").status_code == 404


ALLOWED = {
    "/v1/customers": "GET, HEAD, OPTIONS, POST",
    "/v1/tickets": "GET, HEAD, OPTIONS",
    "/v1/tickets/1": "GET, HEAD, OPTIONS",
    "/v1/tickets/1/resolve": "OPTIONS, POST",
    "/v1/commands/ResolveTicket": "GET, HEAD, OPTIONS, POST",
    "/docs": "GET, HEAD, OPTIONS",
    "/livez": "GET, HEAD, OPTIONS",
    "/problems/conflict": "GET, HEAD, OPTIONS",
}


@pytest.mark.parametrize("path", ALLOWED)
def test_what_an_address_takes_is_said(door: Door, path: str) -> None:
    options = door.client.options(path)
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["Allow"] == ALLOWED[path]
    for method in ("DELETE", "PUT", "PATCH", "TRACE", "BREW"):
        wrong = door.client.request(method, path)
        assert told(wrong) == (405, "method_not_allowed")
        assert wrong.headers["Allow"] == ALLOWED[path]
    assert door.recorded() == 0


def test_an_address_that_is_none_is_told_in_both_languages(door: Door) -> None:
    for method in ("GET", "POST", "PUT", "OPTIONS", "BREW"):
        for path in (
            "/",
            "/v1",
            "/v1/",
            "/v1/customers/",
            "/v2/customers",
            "//",
            "/v1/%00",
            "/docs/",
        ):
            answer = door.client.request(method, path, headers={"Accept-Language": "zh"})
            assert told(answer) == (404, "route_unknown")
            assert answer.headers["Content-Language"] == "zh"
            assert answer.json()["detail"] == "该地址没有内容。"
    english = door.client.get("/nowhere")
    assert english.json()["detail"] == "There is nothing at this address."
