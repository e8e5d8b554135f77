"""What the tests of builds share: invented documents, builds, and what a graph folder holds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.cli.composition import Order, Report, compose_build
from kg.graph import Version, open_version

OF_THE_RUN = ("built", "outputs", "store", "version")


def write_document(folder: Path, name: str, *, number: int, amount: int = 10) -> Path:
    """Write a short notice of Hangzhou with this number, which gives an amount of 万元."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        "杭州市人民政府关于促进创新发展的若干措施\n\n"
        f"杭政规〔2024〕{number}号\n\n一、重点措施\n\n"
        f"（一）给予认定奖励。对首次认定的高新技术企业，给予一次性{amount}万元奖励。"
        "（责任单位：市科技局）\n"
        "（二）强化人才支撑。对引进的高层次人才给予购房补贴。（责任单位：市人力社保局）\n",
        encoding="utf-8",
    )
    return path


def write_documents(folder: Path, count: int) -> list[Path]:
    """Write so many notices."""
    return [write_document(folder, f"{n}.txt", number=n) for n in range(1, count + 1)]


def build(folder: Path, out: Path, **options: Any) -> tuple[Report, int]:
    """Build a graph; return the report and how many documents were read for it."""
    read: list[int] = []
    report = compose_build(Order(paths=(folder,), out=out, on_document=read.append, **options))
    return report, sum(characters > 0 for characters in read)


def read_content(out: Path) -> dict[str, Any]:
    """Return all that the version in use says, but for when and where it was made."""
    version = open_version(out)
    files = ("graph.nq", "graphs.json")
    about = {name: value for name, value in version.manifest.items() if name not in OF_THE_RUN}
    return {
        "manifest": about,
        "texts": {path.name: path.read_bytes() for path in version.folder.glob("texts/*")},
        "quads": set(version.store()),
        "graphs": {str(graph) for graph in version.store().named_graphs()},
        **{name: (version.folder / name).read_bytes() for name in files},
    }


def hash_tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, but of the lock and what is in the making."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock" and ".staging" not in path.parts
    }


def hash_published(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of ``CURRENT`` and of every file of the version that it names."""
    version = open_version(folder).folder.relative_to(folder).as_posix()
    found = hash_tree(folder)
    return {name: digest for name, digest in found.items() if name.startswith(("CURRENT", version))}


def read_quads(version: Version) -> set[ox.Quad]:
    """Return the quads of a version's file."""
    return set(ox.parse(path=str(version.quads), format=ox.RdfFormat.N_QUADS))
