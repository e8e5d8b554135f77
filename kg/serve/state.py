"""What all routes of an application share."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from kg.serve.budgets import Budgets
from kg.serve.metrics import Metrics
from kg.serve.published import Publication
from kg.serve.settings import Settings


@dataclass(frozen=True, slots=True)
class State:
    """The settings, what is published, the clients' budgets and what is counted."""

    settings: Settings
    publication: Publication
    budgets: Budgets
    metrics: Metrics

    def root(self, request: Request) -> str:
        """Return the address of the server as clients see it, without a final slash."""
        return self.settings.public_url or str(request.base_url).rstrip("/")


def get_state(request: Request) -> State:
    """Return the state of the application that a request came to."""
    state: State = request.app.state.kg
    return state
