"""Names and places: links, pipes, devices, circles, copies, and names that are no text."""

from __future__ import annotations

import os
import socket

from tests.hostile import Collection, Placer, plain

NAMES = {
    b"newline\nin-it.txt": "",
    b"quotes\"'`.txt": "",
    b"=1+1.txt": "",
    b"--help.txt": "",
    b" blanks  .txt": "",
    b"$(touch x);`id`.txt": "",
    b"back\\slash.txt": "",
    b"%2e%2e%2f.txt": "",
    b"CON.txt": "",
    b"bell\x07.txt": "",
    b"<script>.txt": "",
    "方向\u202e反.txt".encode(): "",
    "政策文件😀.txt".encode(): "",
    "名称".encode("gb18030") + b".txt": "",
    b"\xff\xfe\x80.txt": "",
    "长".encode() * 80 + b".txt": "",
}


def add_cases(cases: Collection) -> None:
    """Add the cases."""
    for name in NAMES:
        cases.add(b"names/" + name, lambda amount: plain(amount).encode())
    add_left_out(cases)
    add_links(cases)
    cases.add("copies/one.txt", plain(7).encode(), measures=False)
    cases.add("copies/two.txt", plain(7).encode(), skipped="same document as copies/one.txt")
    cases.add("copies/three.txt", place=hard_link, skipped="same document as copies/one.txt")
    deep = "/".join(f"level{i}" for i in range(60))
    cases.add(f"deep/{deep}/text.txt", lambda amount: plain(amount).encode())
    cases.add("folder.txt/text.txt", lambda amount: plain(amount).encode())


def add_left_out(cases: Collection) -> None:
    """Add what is no document by its name."""
    for name, start in {
        ".hidden.txt": "a hidden",
        "~$lock.docx": "a hidden",
        ".git": "a hidden",
        "photo.jpg": "no document but a picture",
        "packed.zip": "no document but an archive",
        "table.xlsx": "no document but a table",
        "program.bin": "no document but a program",
        "slides.pptx": "no document but another",
        "old.xls": "no document but a table or data file: if",
        "photo.heic": "no document but a picture: if it shows a document",
    }.items():
        content = {"program.bin": b"\x7fELF" + bytes(99), "photo.jpg": b"\xff\xd8\xff" + bytes(99)}
        cases.add(f"left/{name}", content.get(name, b"PK\x03\x04" + bytes(99)), skipped=start)


def add_links(cases: Collection) -> None:
    """Add links, pipes, sockets and devices."""
    link = "a link, not followed"
    for name, target in {
        "to-file.txt": "../copies/one.txt",
        "to-device.txt": "/dev/zero",
        "to-folder": "../copies",
        "to-parent": "..",
        "to-itself.txt": "to-itself.txt",
        "to-nothing.txt": "nowhere.txt",
        "to-secret.txt": "/etc/passwd",
    }.items():
        cases.add(f"links/{name}", place=link_to(target), skipped=link)
    cases.add("links/circle-a", place=link_to("circle-b"), skipped=link)
    cases.add("links/circle-b", place=link_to("circle-a"), skipped=link)
    cases.add("links/pipe.txt", place=os.mkfifo, skipped="no file but a named pipe")
    cases.add("links/socket.txt", place=make_socket, skipped="no file but a socket")


def link_to(target: str) -> Placer:
    """Return what makes a link to ``target``."""
    return lambda path: os.symlink(target, path)


def hard_link(path: bytes) -> None:
    """Make the file another name of the first copy."""
    os.link(os.path.join(os.path.dirname(path), b"one.txt"), path)


def make_socket(path: bytes) -> None:
    """Make a socket, from within its folder: the path of a socket must be short."""
    before = os.getcwd()
    os.chdir(os.path.dirname(path))
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.basename(path))
    finally:
        os.chdir(before)
