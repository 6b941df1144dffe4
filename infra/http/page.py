"""A page for people: one HTML document that needs nothing from anywhere else, and no script."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8884; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
tr { border-bottom: 1px solid #8884; }
section { margin: 2rem 0; }
summary { cursor: pointer; padding: .25rem 0; }
details { border-top: 1px solid #8884; }
details > *:not(summary) { margin-left: 1rem; }
nav a { margin-right: 1rem; }
"""
_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
HTML, JSON = "text/html", "application/json"


def page(title: str, body: str, language: str, **headers: str) -> HTMLResponse:
    """`body` is HTML, whatever comes from elsewhere in it escaped; `title` is text."""
    document = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>{body}</body></html>\n"
    )
    return HTMLResponse(
        document,
        headers={
            "Content-Language": language,
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "no-referrer",
            **headers,
        },
    )


def wants_page(request: Request) -> bool:
    """Whether the caller likes HTML better than JSON (RFC 9110, 12.5.1); programs mostly do not."""
    accepted = request.headers.get("accept", "*/*")
    return _liking(accepted, HTML) > _liking(accepted, JSON)


def _liking(accepted: str, media_type: str) -> float:
    """The weight of the most specific range that fits; 0 if none does."""
    best = (0, 0.0)
    ranges = {media_type: 3, media_type.partition("/")[0] + "/*": 2, "*/*": 1}
    for part in accepted.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        if name in ranges:
            best = max(best, (ranges[name], _weight(weight)))
    return best[1]


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
