"""The N-Quads of a document: its resources under their IRIs, as lines Oxigraph would dump.

Lines are formatted straight from the values, without RDF terms in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph.cube import write_indicators
from kg.graph.literals import encode_segment, escape_text, format_decimal, is_date
from kg.graph.writer import Writer, write_anchor, write_evidence
from kg.model import (
    Amount,
    Decided,
    Document,
    Extraction,
    Goal,
    Measure,
    Problem,
    Responsibility,
    Span,
    Target,
)
from kg.ontology import BASE


def write_quads(
    extraction: Extraction, *, categories: Mapping[str, str], base: str = BASE
) -> list[str]:
    """Write a document's named graph as sorted canonical N-Quads lines, each with its newline.

    ``categories`` maps the notation of a category to the id of its instrument.  Lone surrogates
    become U+FFFD, one for one, so that offsets hold.  Raises GraphError for an unknown category,
    a value that is no finite number, or a measure that comes twice.
    """
    document = extraction.document
    writer = Writer(document, base=base)
    _write_document(writer, document)
    _write_clauses(writer, document)
    _write_tables(writer, document)
    _write_citations(writer, document)
    _write_problems(writer, (*document.problems, *extraction.problems))
    _write_decisions(writer, extraction.decisions)
    people = {item.id: item.by for item in extraction.decisions}
    for measure in extraction.measures:
        _write_measure(writer, measure, categories)
        _write_deciders(writer, measure, people)
    for number, goal in enumerate(extraction.goals, 1):
        _write_goal(writer, goal, number)
    write_indicators(writer, extraction.indicators)
    return _sort_lines(writer.blocks)


def write_triples(triples: Iterable[ox.Triple], graph: str, *, base: str = BASE) -> list[str]:
    """Write triples, such as those of the vocabulary, as the canonical lines of one named graph.

    IRIs under the default base are moved under ``base``.  Raises GraphError at a blank node,
    whose name would differ from run to run.
    """
    store = ox.Store()
    store.extend(_place_triples(triples, ox.NamedNode(graph)))
    text = (store.dump(format=ox.RdfFormat.N_QUADS) or b"").decode()
    if base != BASE:
        text = text.replace(f"<{BASE}", f"<{base}")
    return sorted(line + "\n" for line in set(text.split("\n")) if line)


def _place_triples(triples: Iterable[ox.Triple], graph: ox.NamedNode) -> Iterator[ox.Quad]:
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode):
            raise GraphError(f"{graph}: blank node in {triple}; give every resource an IRI")
        yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _sort_lines(blocks: Mapping[str, list[str]]) -> list[str]:
    """Sort by subject first: no subject in brackets begins another one."""
    lines: list[str] = []
    for subject in sorted(blocks):
        lines += sorted(set(blocks[subject]))
    return lines


def _write_document(w: Writer, document: Document) -> None:
    s, o = f"<{w.document}>", w.opening
    texts = {
        "identifier": document.number,
        "issuerName": document.issuer,
        "expiresBasis": document.expires_basis or "",
        "level": document.level,
        "form": document.form,
        "source": document.source,
        "sha256": document.sha256,
        "digestOf": document.digest_of,
    }
    dates = {
        "issued": document.issued,
        "effective": document.effective,
        "expires": document.expires,
    }
    codes = {"spatial": document.place, "documentKind": document.kind}
    w.blocks[s] = [
        f"{s}{o['type']}Document{w.iri}",
        f"{s}{o['title']}{escape_text(document.title)}{w.zh}",
        f"{s}{o['unitBrackets']}{document.unit_brackets}{w.integer}",
        *(f"{s}{o[name]}{escape_text(text)}{w.text}" for name, text in texts.items() if text),
        *(f"{s}{o[name]}{date}{w.date}" for name, date in dates.items() if is_date(date)),
        *(f"{s}{o[name]}{encode_segment(code)}{w.iri}" for name, code in codes.items() if code),
    ]
    for span in document.dated:
        passage = f"<{w.document}/dates/{span.start}-{span.end}>"
        w.blocks[s].append(f"{s}{o['dateEvidence']}{passage}{w.link}")
        write_evidence(w, passage, span)


def _write_clauses(w: Writer, document: Document) -> None:
    d, o = f"<{w.document}>", w.opening
    for index, clause in enumerate(document.clauses):
        s = f"<{w.document}/clause/{index}>"
        block = w.blocks[s] = [
            f"{s}{o['isPartOf']}{d}{w.link}",
            f"{s}{o['type']}Clause{w.iri}",
            f"{s}{o['end']}{clause.span.end}{w.integer}",
            f"{s}{o['order']}{index}{w.integer}",
            f"{s}{o['start']}{clause.span.start}{w.integer}",
        ]
        if clause.number:
            block.append(f"{s}{o['number']}{escape_text(clause.number)}{w.text}")
        if clause.heading:
            block.append(f"{s}{o['heading']}{escape_text(clause.heading)}{w.zh}")
        if clause.parent is not None:
            block.append(f"{s}{o['parent']}<{w.document}/clause/{clause.parent}>{w.link}")


def _write_tables(w: Writer, document: Document) -> None:
    d, o = f"<{w.document}>", w.opening
    for number, table in enumerate(document.tables, 1):
        s = f"<{w.document}/table/{number}>"
        w.blocks[d].append(f"{d}{o['table']}{s}{w.link}")
        w.blocks[s] = [
            f"{s}{o['type']}Table{w.iri}",
            f"{s}{o['columns']}{table.columns}{w.integer}",
            f"{s}{o['end']}{table.span.end}{w.integer}",
            f"{s}{o['order']}{number}{w.integer}",
            f"{s}{o['rows']}{table.numbered}{w.integer}",
            f"{s}{o['start']}{table.span.start}{w.integer}",
        ]


def _write_citations(w: Writer, document: Document) -> None:
    d, o = f"<{w.document}>", w.opening
    for number, citation in enumerate(document.cites, 1):
        iri = f"{w.document}/citation/{number}"
        s = f"<{iri}>"
        w.blocks[d].append(f"{d}{o['cites']}{s}{w.link}")
        block = w.blocks[s] = [
            f"{s}{o['title']}{escape_text(citation.title)}{w.zh}",
            f"{s}{o['type']}Citation{w.iri}",
            f"{s}{o['evidence']}<{iri}/evidence>{w.link}",
            f"{s}{o['order']}{number}{w.integer}",
        ]
        if citation.number:
            block.append(f"{s}{o['identifier']}{escape_text(citation.number)}{w.text}")
        write_evidence(w, f"<{iri}/evidence>", citation.span)


def _write_problems(w: Writer, problems: Sequence[Problem]) -> None:
    d, o = f"<{w.document}>", w.opening
    for number, problem in enumerate(dict.fromkeys(problems), 1):
        s = f"<{w.document}/problem/{number}>"
        w.blocks[d].append(f"{d}{o['problem']}{s}{w.link}")
        w.blocks[s] = [
            f"{s}{o['type']}Problem{w.iri}",
            f"{s}{o['comment']}{escape_text(problem.message)}{w.text}",
            f"{s}{o['end']}{problem.span.end}{w.integer}",
            f"{s}{o['order']}{number}{w.integer}",
            f"{s}{o['problemKind']}{escape_text(problem.kind)}{w.text}",
            f"{s}{o['start']}{problem.span.start}{w.integer}",
        ]
        for order, span in enumerate((problem.span, *problem.others) if problem.others else ()):
            evidence = f"<{w.document}/problem/{number}/evidence/{order}>"
            w.blocks[s].append(f"{s}{o['evidence']}{evidence}{w.link}")
            write_evidence(w, evidence, span)


def _write_measure(w: Writer, measure: Measure, categories: Mapping[str, str]) -> None:
    iri, o = f"{w.document}/measure/{measure.key}", w.opening
    s = f"<{iri}>"
    if s in w.blocks:
        raise GraphError(f"measure {iri} comes twice; equal sentences differ by their ordinal")
    block = w.blocks[s] = [
        f"{s}{o['type']}Measure{w.iri}",
        f"{s}{o['confidence']}{format_decimal(round(measure.confidence, 2))}{w.decimal}",
        f"{s}{o['status']}{measure.status}{w.iri}",
        f"{s}{o['strength']}{measure.strength}{w.iri}",
    ]
    write_anchor(w, iri, measure)
    _write_coding(w, s, measure, categories)
    if measure.basis:
        block.append(f"{s}{o['basis']}{measure.basis}{w.iri}")
    if measure.distributed:
        block.append(f"{s}{o['distributed']}true{w.boolean}")
    if measure.object:
        block.append(f"{s}{o['object']}{escape_text(measure.object)}{w.zh}")
    if measure.repeats:
        block.append(f"{s}{o['repeats']}<{w.document}/measure/{measure.repeats}>{w.link}")
    if measure.rule:
        block.append(f"{s}{o['rule']}{escape_text(measure.rule)}{w.text}")
    block += [f"{s}{o['condition']}{escape_text(text)}{w.zh}" for text in measure.conditions]
    _write_responsibilities(w, iri, measure.responsibilities)
    _write_naming(w, iri, measure.named_in)
    _write_amounts(w, iri, measure.amounts)
    _write_targets(w, iri, measure.targets)


def _write_decisions(w: Writer, decisions: Sequence[Decided]) -> None:
    """Write what became of each decision of a person about this document, deletions included."""
    d, o = f"<{w.document}>", w.opening
    for number, item in enumerate(decisions, 1):
        s = f"<{w.base}id/decision/{encode_segment(item.id)}>"
        w.blocks[d].append(f"{d}{o['decision']}{s}{w.link}")
        block = w.blocks[s] = [
            f"{s}{o['type']}Decision{w.iri}",
            f"{s}{o['action']}{item.action}{w.text}",
            f"{s}{o['decidedBy']}{escape_text(item.by)}{w.text}",
            f"{s}{o['decidedOn']}{item.on}{w.date}",
            f"{s}{o['document']}<{w.document}>{w.link}",
            f"{s}{o['order']}{number}{w.integer}",
            f"{s}{o['outcome']}{item.outcome}{w.text}",
        ]
        if item.span is not None:
            block.append(f"{s}{o['start']}{item.span.start}{w.integer}")
            block.append(f"{s}{o['end']}{item.span.end}{w.integer}")
        if item.edited:
            block.append(f"{s}{o['edited']}true{w.boolean}")


def _write_deciders(w: Writer, measure: Measure, people: Mapping[str, str]) -> None:
    """Write which persons' decisions hold for a measure; without any, the machine coded it."""
    s, o = f"<{w.document}/measure/{measure.key}>", w.opening
    for decision in measure.decisions:
        w.blocks[s].append(f"{s}{o['decision']}<{w.base}id/decision/{decision}>{w.link}")
        w.blocks[s].append(f"{s}{o['decidedBy']}{escape_text(people[decision])}{w.text}")


def _write_coding(w: Writer, s: str, measure: Measure, categories: Mapping[str, str]) -> None:
    """Write the multi-valued codes of a measure; the first instrument and category are main."""
    o, block = w.opening, w.blocks[s]
    instruments = [encode_segment(instrument) for instrument in measure.instruments]
    tops = [_find_category(notation, categories) for notation in measure.categories]
    block += [f"{s}{o['instrument']}{instrument}{w.iri}" for instrument in instruments]
    block += [f"{s}{o['category']}{top}{w.iri}" for top in tops]
    block += [f"{s}{o['city']}{encode_segment(city)}{w.iri}" for city in measure.cities]
    block += [f"{s}{o['place']}{encode_segment(place)}{w.iri}" for place in measure.places]
    for beneficiary in measure.beneficiaries:
        block.append(f"{s}{o['beneficiary']}{encode_segment(beneficiary)}{w.iri}")
    if instruments:
        block.append(f"{s}{o['mainInstrument']}{instruments[0]}{w.iri}")
        block.append(f"{s}{o['instrumentOrder']}{' '.join(instruments)}{w.text}")
    if tops:
        block.append(f"{s}{o['mainCategory']}{tops[0]}{w.iri}")


def _find_category(notation: str, categories: Mapping[str, str]) -> str:
    if notation not in categories:
        known = ", ".join(categories)
        raise GraphError(f"unknown category {notation!r}; the vocabulary has: {known}")
    return encode_segment(categories[notation])


def _write_responsibilities(w: Writer, owner: str, found: Sequence[Responsibility]) -> None:
    o, block = w.opening, w.blocks[f"<{owner}>"]
    for number, item in enumerate(found, 1):
        s = f"<{owner}/unit/{number}>"
        block.append(f"<{owner}>{o['responsibility']}{s}{w.link}")
        w.blocks[s] = [
            f"{s}{o['type']}Responsibility{w.iri}",
            f"{s}{o['order']}{number}{w.integer}",
            f"{s}{o['role']}{item.role}{w.iri}",
            f"{s}{o['surface']}{escape_text(item.surface)}{w.text}",
            *_format_unit(w, s, item),
        ]
        if item.repaired_by:
            w.blocks[s].append(f"{s}{o['repairedBy']}{escape_text(item.repaired_by)}{w.text}")


def _write_naming(w: Writer, owner: str, spans: Sequence[Span]) -> None:
    """Write the passages that name the units; many measures share a bracket."""
    s, o = f"<{owner}>", w.opening
    for span in spans:
        passage = f"<{w.document}/units/{span.start}-{span.end}>"
        w.blocks[s].append(f"{s}{o['unitEvidence']}{passage}{w.link}")
        if passage not in w.blocks:
            write_evidence(w, passage, span)


def _format_unit(w: Writer, s: str, item: Responsibility) -> Iterator[str]:
    """Yield the unit with what the document was read to mean by it.

    The unit itself is described once, for all documents: see ``kg.graph.directory``.
    """
    o = w.opening
    yield f"{s}{o['resolvedName']}{escape_text(item.name)}{w.zh}"
    yield f"{s}{o['unit']}{encode_segment(item.unit)}{w.iri}"
    if item.kind:
        yield f"{s}{o['resolvedKind']}{encode_segment(item.kind)}{w.iri}"
    if item.jurisdiction:
        yield f"{s}{o['resolvedPlace']}{encode_segment(item.jurisdiction)}{w.iri}"


def _write_amounts(w: Writer, owner: str, amounts: Sequence[Amount]) -> None:
    o, block = w.opening, w.blocks[f"<{owner}>"]
    for number, amount in enumerate(amounts, 1):
        s = f"<{owner}/amount/{number}>"
        block.append(f"<{owner}>{o['amount']}{s}{w.link}")
        w.blocks[s] = [
            f"{s}{o['type']}Amount{w.iri}",
            *_format_quantity(w, s, amount, number),
        ]


def _write_targets(w: Writer, owner: str, targets: Sequence[Target]) -> None:
    o, block = w.opening, w.blocks[f"<{owner}>"]
    for number, target in enumerate(targets, 1):
        s = f"<{owner}/target/{number}>"
        block.append(f"<{owner}>{o['target']}{s}{w.link}")
        w.blocks[s] = [
            f"{s}{o['type']}Target{w.iri}",
            *_format_quantity(w, s, target, number),
        ]
        if target.deadline:
            w.blocks[s].append(f"{s}{o['deadline']}{escape_text(target.deadline)}{w.text}")
        if target.indicator:
            w.blocks[s].append(f"{s}{o['indicatorName']}{escape_text(target.indicator)}{w.text}")


def _format_quantity(w: Writer, s: str, item: Amount | Target, number: int) -> tuple[str, ...]:
    o = w.opening
    hedge = (f"{s}{o['hedge']}{escape_text(item.hedge)}{w.text}",) if item.hedge else ()
    return (
        *hedge,
        f"{s}{o['operator']}{item.op}{w.text}",
        f"{s}{o['order']}{number}{w.integer}",
        f"{s}{o['surface']}{escape_text(item.surface)}{w.text}",
        f"{s}{o['unitText']}{escape_text(item.unit)}{w.text}",
        f"{s}{o['value']}{format_decimal(item.value)}{w.decimal}",
    )


def _write_goal(w: Writer, goal: Goal, number: int) -> None:
    iri, o = f"{w.document}/goal/{number}", w.opening
    s = f"<{iri}>"
    w.blocks[s] = [f"{s}{o['type']}Goal{w.iri}"]
    if goal.unit is not None:
        w.blocks[s] += _format_unit(w, s, goal.unit)
    write_anchor(w, iri, goal)
    _write_targets(w, iri, goal.targets)
