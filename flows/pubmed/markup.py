"""Inline markup of titles and abstracts → plain text that means the same.

PubMed allows b, i, u, sub, sup and MathML: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/. Dropping
the tags would turn 10<sup>3</sup> into 103. A superscript or subscript becomes Unicode's where all its characters
have one (`10³`, `CO₂`); a mark alone stands as it is (`Spravato®`, `Fmr1-/-`), and so does a subscript that is a word
(`5-HT2A`, `GABAA`), as chemists write them in plain text; any other is `^(…)` or `_(…)`.
"""

import re

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
    text = _inside(element)[0] if len(element) else element.text
    if not text:
        return ""
    # rarely: the expression costs ten times the look
    if "  " in text or not text.isprintable():
        text = _SPACES.sub(" ", text)
    return text.strip(" ")


def _inside(element: etree._Element) -> tuple[str, list[str]]:
    """Render what is in an element, and each element in it: once, or the time doubles with each that nests."""
    text, parts = [element.text or ""], []
    for child in element:
        if isinstance(child.tag, str):  # no comment or processing instruction
            parts.append(_rendered(child))
            text.append(parts[-1])
        text.append(child.tail or "")
    return "".join(text), parts


def _rendered(element: etree._Element) -> str:
    name = element.tag.removeprefix(_MATHML).removeprefix("mml:")
    inside, parts = _inside(element)
    if name in ("sup", "sub"):
        return _raised(inside, name)
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
            return inside


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
