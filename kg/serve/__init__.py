"""The server: a SPARQL endpoint, linked data and pages over a published version.

``make_app`` gives the ASGI application, ``run_server`` runs it until it is told to stop.
Importing this package loads nothing of it: worker processes start by way of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.serve.app import make_app
    from kg.serve.run import run_server
    from kg.serve.settings import Settings

__all__ = ["Settings", "make_app", "run_server"]

_HOMES = {"Settings": "settings", "make_app": "app", "run_server": "run"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
