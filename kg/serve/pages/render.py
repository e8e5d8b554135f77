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
from starlette.responses import HTMLResponse, Response

from kg.errors import GraphError
from kg.serve.negotiation import read_accept
from kg.serve.pages.assets import name_asset
from kg.serve.responses import make_error
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
    address of another page), ``static`` (that of a file which pages load) and
    ``other_language`` (that of this page in the other language).
    """
    language = choose_language(request)
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
            static=partial(_link_asset, request),
            other_language=f"?{request.url.include_query_params(lang=other).query}",
            **{"version": _name_version(request), **values},
        )
    )
    headers = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
    return HTMLResponse(content, status_code=status, headers=headers)


def compile_templates() -> None:
    """Read all templates, so that no visitor waits for that."""
    for name in _environment().list_templates():
        _environment().get_template(name)


def _link_asset(request: Request, name: str) -> str:
    return f"{request.scope.get('root_path', '').rstrip('/')}/static/{name_asset(name)}"


def _name_version(request: Request) -> str:
    """Return the version that is served, empty before the first is open."""
    try:
        return get_state(request).publication.current.name
    except GraphError:
        return ""


def refuse(request: Request, message: str, status: int, *, kind: str = "") -> Response:
    """Return an error: a page for a browser, with what to do, plain text for a program.

    ``message`` is for programs and the page's small print; ``kind`` names a list of the
    explorer where such things are found.
    """
    if not takes_pages(request):
        return make_error(message, status)
    title = f"error_{status}" if f"error_{status}" in load_messages("zh") else "error_500"
    response = render_page(
        request, "error.html", status=status, title=title, message=message, code=status, kind=kind
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def takes_pages(request: Request) -> bool:
    """Tell whether a client asks for HTML by name, as browsers do."""
    ranges = read_accept(",".join(request.headers.getlist("accept")))
    return any(
        found.type == "text" and found.subtype == "html" and found.quality for found in ranges
    )
