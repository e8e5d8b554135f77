"""What the endpoint says of itself: service description and VoID."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kg.serve.responses import make_error
from kg.serve.state import State


def describe_service(request: Request, state: State) -> Response:
    """Return the description."""
    return make_error("to come", 501)
