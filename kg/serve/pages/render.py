"""How a page is made: Jinja2 templates that escape everything, messages by language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kg.serve.state import get_state

_SAFE = "/~:@,"
FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")


@cache
def load_messages(language: str) -> Mapping[str, str]:
    """Return the texts of pages in a language, by name."""
    content = (FOLDER / "messages" / f"{language}.json").read_text(encoding="utf-8")
    return dict(json.loads(content))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def choose_language(request: Request) -> str:
    """Return ``zh`` or ``en``: the parameter ``lang``, else what the browser prefers."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    for item in request.headers.get("accept-language", "").lower().split(","):
        name = item.partition(";")[0].strip().partition("-")[0]
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]


def link_page(request: Request, path: str, **parameters: str) -> str:
    """Return the address of a page of this server, in the language that was asked for."""
    root = request.scope.get("root_path", "").rstrip("/")
    asked = request.query_params.get("lang", "")
    found = {**parameters, **({"lang": asked} if asked in LANGUAGES else {})}
    return f"{root}{quote(path, safe=_SAFE)}{'?' if found else ''}{urlencode(found)}"


def render_page(
    request: Request, template: str, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """Return a page.

    Templates know ``t`` (messages), ``lang``, ``root``, ``version``, ``path``, ``at`` (the
    address of another page) and ``other_language`` (that of this page in the other language).
    """
    language = choose_language(request)
    state = get_state(request)
    other = next(name for name in LANGUAGES if name != language)
    content = (
        _environment()
        .get_template(template)
        .render(
            t=load_messages(language),
            lang=language,
            root=request.scope.get("root_path", "").rstrip("/"),
            path=request.scope["path"].removeprefix(request.scope.get("root_path", "")),
            at=partial(link_page, request),
            version=state.publication.current.name,
            other_language=f"?{request.url.include_query_params(lang=other).query}",
            **values,
        )
    )
    headers = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
    return HTMLResponse(content, status_code=status, headers=headers)
