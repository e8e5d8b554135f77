"""Web pages: what is shown counts, what is hidden, run or fetched does not."""

from __future__ import annotations

import base64
import quopri

from tests.hostile import HIDDEN, Collection, Maker, granting, paragraphs

SECRET = f"<p>{granting(HIDDEN)}</p>"


def shown(amount: int) -> str:
    """Return the document as paragraphs of a page."""
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(amount))


def page(before: str = "", behind: str = "", *, head: str = "", encoding: str = "utf-8") -> Maker:
    """Return a maker of a page with something before and behind the document."""

    def make(amount: int) -> bytes:
        body = f"<!DOCTYPE html><html><head>{head}</head><body>{before}{shown(amount)}{behind}"
        return f"{body}</body></html>".encode(encoding)

    return make


HIDDEN_PARTS = {
    "script": f"<script>document.write('{SECRET}')</script>",
    "style": f"<style>p::after {{content: '{granting(HIDDEN)}'}}</style>",
    "comment": f"<!-- {SECRET} -->",
    "conditional": f"<!--[if IE]>{SECRET}<![endif]-->",
    "template": f"<template>{SECRET}</template>",
    "noscript": f"<noscript>{SECRET}</noscript>",
    "display-none": f"<div style='color:red; display : none'>{SECRET}</div>",
    "visibility": f"<div style='visibility:hidden'>{SECRET}</div>",
    "no-size": f"<div style='font-size:0'>{SECRET}</div>",
    "attribute": f"<div hidden>{SECRET}</div>",
    "title": f"<p title='{granting(HIDDEN)}'>标题</p>",
    "choice": f"<select><option>{granting(HIDDEN)}</option></select>",
    "field": f"<textarea>{granting(HIDDEN)}</textarea><input value='{granting(HIDDEN)}'>",
    "struck": f"<p><del>{granting(HIDDEN)}</del></p><p><s>{granting(HIDDEN)}</s></p>",
    "struck-by-style": f"<p><span style='text-decoration: red line-through'>{granting(HIDDEN)}</span></p>",
    "word-hidden": f"<p style='mso-hide:all'>{granting(HIDDEN)}</p>",
    "no-frames": f"<noframes>{SECRET}</noframes>",
    "frame": f"<iframe srcdoc='{SECRET}'></iframe>",
    "drawing": f"<svg><text>{granting(HIDDEN)}</text></svg>",
    "object": f"<object data='x'>{SECRET}</object>",
    "menu": f"<nav>{SECRET}</nav><footer>{SECRET}</footer><aside>{SECRET}</aside>",
    "links": "<ul>" + f"<li><a href='x'>{granting(HIDDEN)}</a></li>" * 9 + "</ul>",
}
ODD_PARTS = {
    "deep": "<div>" * 3_000,
    "unclosed": "<b><i><font>" * 2_000,
    "wide-cell": "<table><tr><td colspan=1000000000 rowspan=1000000000>甲<td>乙</table>",
    "references": "<p>&#0;&#x110000;&#xD800;&#99999999999;&nosuch;&amp;</p>",
    "quotes": '<p title=\'a"b\' class="x\'y">甲</p><p a="b>乙</p>"></p>',
    "nul": "<p>甲\x00乙</p><scr\x00ipt></scr\x00ipt>",
    "refresh": "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "outside": "<img src='http://127.0.0.1:9/x'><link rel=stylesheet href='file:///etc/passwd'>",
    "base": "<base href='http://127.0.0.1:9/'><script src='x.js'></script>",
    "long-attribute": f"<img src='data:image/png;base64,{'A' * 3_000_000}'>",
    "many": "<p>支持创新。</p>" * 8_000,
    "tables": "<table><tr><td>" * 200 + "甲" + "</table>" * 200,
    "processing": "<?php echo 1 ?><![CDATA[x]]>",
}
XXE = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]>'


def add_cases(cases: Collection) -> None:
    """Add the cases."""
    for name, part in HIDDEN_PARTS.items():
        cases.add(f"pages/hidden-{name}.html", page(part))
    for name, part in ODD_PARTS.items():
        cases.add(f"pages/odd-{name}.html", page(part))
    cases.add("pages/deeper.html", page("<div>" * 20_000), slow=True)
    cases.add("pages/too-deep.html", page("<div>" * 600_000), reason="too-slow", slow=True)
    add_encodings(cases)
    add_forms(cases)
    add_refused(cases)


def add_encodings(cases: Collection) -> None:
    """Add pages whose header says what they are not."""
    claims = {"utf-8": "gb2312", "gb18030": "utf-8", "utf-16": "utf-8", "utf-16-le": "big5"}
    for encoding, claim in claims.items():
        head = f"<meta charset='{claim}'><title>甲</title>"
        cases.add(f"pages/claims-{claim}-is-{encoding}.html", page(head=head, encoding=encoding))
    cases.add("pages/no-head.htm", lambda amount: shown(amount).encode("gb18030"))
    cases.add("pages/named-word.doc", page(encoding="gb18030"))
    cases.add("pages/named-text.txt", page())
    cases.add("pages/named-picture.jpg.html", page())


def add_forms(cases: Collection) -> None:
    """Add other shapes of a page."""
    cases.add("pages/entities.html", lambda amount: f"{XXE}<html><body>&x;{shown(amount)}".encode())
    cases.add(
        "pages/xhtml.xhtml",
        lambda amount: (
            f"<?xml version='1.0'?>{XXE}<html xmlns='http://www.w3.org/1999/xhtml'><body>&y;"
            f"{shown(amount)}</body></html>"
        ).encode(),
    )
    cases.add("pages/in-a-table.html", lambda amount: layout(amount).encode())
    cases.add("pages/in-a-form.html", page("<form id='form1' runat='server'>", "</form>"))
    cases.add(
        "pages/in-rows.html",
        page(
            "<table><tr><th>序号<th>任务<th>责任单位"
            "<tr><td rowspan=2>1<td>建设培育库<td>市科技局<tr><td>开展培训<td>市税务局</table>"
        ),
    )
    reading = "<ruby>高<rp>(</rp><rt>gāo</rt><rp>)</rp>新<rt>xīn</rt></ruby>技术企业"
    cases.add(
        "pages/readings.html",
        lambda amount: page()(amount).decode().replace("高新技术企业", reading).encode(),
    )
    cases.add("pages/archive.mht", archive("quoted-printable"))
    cases.add("pages/archive-64.mhtml", archive("base64"))
    cases.add("pages/archive-as-word.doc", archive("base64"))


def layout(amount: int) -> str:
    """Return a page that a table arranges, with a menu beside the text."""
    menu = "".join(f"<a href='{i}'>栏目{i}栏目</a><br>" for i in range(9))
    return f"<html><body><table><tr><td>{menu}</td><td>{shown(amount)}</td></tr></table>"


def archive(transfer: str) -> Maker:
    """Return a maker of a saved web archive."""

    def make(amount: int) -> bytes:
        body = page(encoding="gb18030")(amount)
        coded = quopri.encodestring(body) if transfer != "base64" else base64.encodebytes(body)
        return (
            b"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/related; type="text/html"; boundary="----x"\r\n\r\n'
            b"------x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: "
            + transfer.encode()
            + b"\r\nContent-Location: http://127.0.0.1:9/\r\n\r\n"
            + coded
            + b"\r\n------x--\r\n"
        )

    return make


def add_refused(cases: Collection) -> None:
    """Add pages without a text of their own."""
    links = "".join(f"<li><a href='{i}'>政策文件第{i}号</a></li>" for i in range(30))
    cases.add(
        "pages/only-links.html", f"<html><body><ul>{links}</ul></body></html>", reason="no-text"
    )
    app = "<html><body><div id='app'></div><script src='app.js'></script></body></html>"
    cases.add("pages/only-script.html", app, reason="no-text")
    frames = "<html><frameset><frame src='a.html'><frame src='b.html'></frameset></html>"
    cases.add("pages/frames.html", frames, reason="no-text")
    empty = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x--\r\n"
    cases.add("pages/empty.mht", empty, reason="no-text")
