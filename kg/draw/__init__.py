"""Drawing: a network becomes one self-contained HTML page that works offline."""

from kg.draw.network import link_rows
from kg.draw.page import draw_network

__all__ = ["draw_network", "link_rows"]
