"""Which methods an address takes, over all of what is described."""

from __future__ import annotations

from starlette.requests import Request

WITHOUT_ASKING = ("OPTIONS",)


def allowed_methods(request: Request) -> str:
    """The value of `Allow` (RFC 9110, 10.2.1) for the address of a request."""
    asked = request.url.path.split("/")
    methods = {
        method.upper()
        for template, operations in request.app.openapi()["paths"].items()
        if fits(template.split("/"), asked)
        for method in operations
    }
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted({*methods, *WITHOUT_ASKING}))


def fits(template: list[str], asked: list[str]) -> bool:
    return len(template) == len(asked) and all(
        expected == part or (expected.startswith("{") and part)
        for expected, part in zip(template, asked, strict=True)
    )
