"""Inline markup of titles and abstracts → plain text that means the same.

PubMed allows b, i, u, sub, sup and MathML: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/. Dropping
the tags would turn 10<sup>3</sup> into 103. A superscript or subscript becomes Unicode's where all its characters
have one (`10³`, `CO₂`); a mark alone stands as it is (`Spravato®`, `Fmr1-/-`), and so does a subscript that is a word
(`5-HT2A`, `GABAA`), as chemists write them in plain text; any other is `^(…)` or `_(…)`.
"""

import re
from collections.abc import Iterator

from lxml import etree

_SUPERSCRIPTS = str.maketrans(
    "0123456789+-−–=()niabcdefghjklmoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
)
_SUBSCRIPTS = str.maketrans("0123456789+-−–=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_MARKS = {mark: mark for mark in "®™©*†‡§¶#°′″•,;:"} | {"TM": "™", "(R)": "®"}
_SPACES = re.compile(r"[ \t\r\n]+")
_MATHML = "{http://www.w3.org/1998/Math/MathML}"


def text_of(element: etree._Element | None) -> str:
    """Render an element's content; runs of ASCII white space become one space, other spaces stay."""
    if element is None:
        return ""
    text = "".join(_pieces(element)) if len(element) else element.text or ""
    if text.isalnum():  # most are a name or a number
        return text
    # rarely: the expression costs ten times the look
    if "  " in text or "\n" in text or "\t" in text or "\r" in text:
        text = _SPACES.sub(" ", text)
    return text.strip(" ")


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield _rendered(child)
        yield child.tail or ""


def _rendered(element: etree._Element) -> str:
    if not isinstance(element.tag, str):  # a comment or a processing instruction
        return ""
    name = element.tag.removeprefix(_MATHML).removeprefix("mml:")
    if name in ("sup", "sub"):
        return _raised("".join(_pieces(element)), name)
    children = [child for child in element if isinstance(child.tag, str)]
    parts = [_rendered(child) for child in children]
    match name, parts:
        case "msup", [base, power]:
            return base + _raised(power, "sup")
        case "msub", [base, index]:
            return base + _raised(index, "sub")
        case "msubsup", [base, index, power]:
            return base + _raised(index, "sub") + _raised(power, "sup")
        case "mfrac", [above, below]:
            return f"{_bracketed(above)}/{_bracketed(below)}"
        case "msqrt", _:
            return f"√{_bracketed(''.join(parts))}"
        case "munder", [base, below]:
            return base + _raised(below, "sub")
        case "munderover", [base, below, above]:
            return base + _raised(below, "sub") + _raised(above, "sup")
        case "mfenced", _:
            return element.get("open", "(") + ", ".join(parts) + element.get("close", ")")
        case "mspace", _:
            return " "
        case _:
            return "".join(_pieces(element))


def _raised(text: str, name: str) -> str:
    table = _SUPERSCRIPTS if name == "sup" else _SUBSCRIPTS
    inner = _SPACES.sub(" ", text).strip()
    if not inner:
        return text
    if inner in _MARKS:
        return _MARKS[inner]
    if not any(character.isalnum() for character in inner) and len(inner) > 1:
        return inner
    if all(ord(character) in table for character in inner):
        return inner.translate(table)
    if name == "sub" and inner.isalnum() and not inner.isdigit():
        return inner
    mark = "^" if name == "sup" else "_"
    return mark + (inner if len(inner) == 1 or inner.replace(".", "").isalnum() else f"({inner})")


def _bracketed(text: str) -> str:
    return text if text.replace(".", "").isalnum() else f"({text})"
