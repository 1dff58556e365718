"""One spelling for many: the text as rules match it, character for character the length of the original.

Numbers, units and signs come in several code points (no-break and thin spaces, six dashes, two micro signs,
decimal middle dots, full-width forms). Each is replaced by one character, so an offset into the folded text
is an offset into the document, and no map back is needed.
"""

import re
import unicodedata

_DASHES = "‐‑‒–—―−﹣－⁃⁻₋"
_SPACES = "\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u202f\u205f\u3000\ufeff\u200b\u200c\u200d\x00"
_SINGLE = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_SPACES, " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    **dict.fromkeys("’‘‛′´`", "'"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("µμ", "u"),
    **dict.fromkeys("·∙⋅•⸱", "·"),
    **dict.fromkeys("⩽≦", "≤"),
    **dict.fromkeys("⩾≧", "≥"),
    **dict.fromkeys("∕⁄", "/"),
    **dict.fromkeys("⁺₊＋", "+"),
    **dict.fromkeys("\r\u2028\u2029", "\n"),
    "×": "x",
    "∼": "~",
}


def _one_character(code: int) -> str:
    """Give the one character that stands for a code point: lower case, in compatibility form."""
    character = chr(code)
    if character in _SINGLE:
        return _SINGLE[character]
    plain = unicodedata.normalize("NFKC", character)
    plain = (plain if len(plain) == 1 else character).lower()
    plain = _SINGLE.get(plain, plain)
    return plain if len(plain) == 1 else character


_TABLE = {code: folded for code in range(0x10000) if (folded := _one_character(code)) != chr(code)}
_DECIMAL_DOT = re.compile(r"(?<=\d)·(?=\d)")
_POWER = re.compile(r"(?<=\d)[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_ENTITY = re.compile(r"&(lt|gt|amp|nbsp|micro|minus|plusmn|le|ge|ndash|#x3bc|#xb5|#181|#956);", re.IGNORECASE)
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "nbsp": " ", "minus": "-", "plusmn": "±", "le": "≤", "ge": "≥"}
_ENTITIES |= {"ndash": "-"} | dict.fromkeys(("micro", "#x3bc", "#xb5", "#181", "#956"), "u")


def fold(text: str) -> str:
    r"""Give the text in lower case and one spelling of signs and spaces; same length, same offsets.

    >>> fold("0·5 mg\u2009kg⁻¹")
    '0.5 mg kg-1'
    """
    # a raised number after a number is its power, and no further digit of it
    plain = text.isascii()
    folded = (text if plain else _POWER.sub(lambda match: "^" * len(match[0]), text)).translate(_TABLE)
    if not plain and "·" in folded:
        folded = _DECIMAL_DOT.sub(".", folded)
    if "&" in folded:
        folded = _ENTITY.sub(lambda match: _ENTITIES[match[1]].ljust(len(match[0])), folded)
    return folded
