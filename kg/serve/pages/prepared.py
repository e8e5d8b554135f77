"""What pages need of a version, prepared before visitors come: contents, cells, the picture, answers to the examples."""

from __future__ import annotations

import asyncio

from kg.serve.pages.assets import LIBRARY, OWN, load_asset
from kg.serve.pages.holdings import load_holdings
from kg.serve.pages.matrix import read_all_cells
from kg.serve.pages.network import prepare_picture
from kg.serve.pages.questions import answer_question, load_examples
from kg.serve.pages.render import compile_templates
from kg.serve.published import Published


async def prepare(published: Published) -> None:
    """Prepare the pages of a version, beside the event loop."""
    holdings = await load_holdings(published)
    for step in (read_all_cells, prepare_picture):
        await asyncio.to_thread(step, published, holdings)
    await asyncio.to_thread(_prepare_files)
    for questions in load_examples().values():
        for question in questions:
            await asyncio.to_thread(answer_question, published, question)


def _prepare_files() -> None:
    compile_templates()
    for name in (*OWN, *LIBRARY):
        load_asset(name)
