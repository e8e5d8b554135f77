"""Report: what a comparison found, as a page, a workbook and citations to be published."""

from kg.report.citations import STYLES, cite_document, make_keys
from kg.report.contents import Contents, Subject, gather_contents
from kg.report.figures import Figure, Figures, fill_query, load_query
from kg.report.page import render_page
from kg.report.workbook import write_workbook

__all__ = [
    "STYLES",
    "Contents",
    "Figure",
    "Figures",
    "Subject",
    "cite_document",
    "fill_query",
    "gather_contents",
    "load_query",
    "make_keys",
    "render_page",
    "write_workbook",
]
