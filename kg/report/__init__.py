"""Report: what a comparison found, as a page, a workbook and citations to be published."""


from kg.report.contents import Contents, Subject, gather_contents
from kg.report.figures import Figure, Figures, fill_query, load_query
from kg.report.page import render_page



__all__ = [
    "Contents",
    "Figure",
    "Figures",
    "Subject",

    "fill_query",
    "gather_contents",
    "load_query",
    "render_page",



]
