"""The disorders and clinical settings that a study is about, and the mention that names each.

What speaks for a condition's being studied (in the title, had by subjects, named only as a scale …) and for
a mention's naming it (whole words, often used …) is counted in points from a table, fitted to annotated
abstracts by nlp/training/fit_study_points.py. The points of a condition are log-odds.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from nlp.components.condition_mentions import Mention

Features = dict[str, float]

_HEALTHY = re.compile(
    r"healthy (?:\w+[ ,-]{1,2}){0,4}(?:volunteers?|subjects|participants|adults|men|males|humans|"
    r"individuals|people)"
    r"|normal (?:volunteers|subjects|humans)"
)
_ANIMALS = re.compile(r"\b(?:rats|mice|monkeys|dogs|cats|rodents?|zebrafish|macaques?)\b")
_REVIEWS = re.compile(r"review|meta-anal|overview|role of|mechanism|perspective")
_USERS = re.compile(r"\busers?\b|abuse|recreational|misuse|dependen|addict|drug use")


def grouped(mentions: Sequence[Mention], folded: str) -> list[tuple[str, list[Mention], Features]]:
    """Give the mentions of each class with the features that speak for or against its being studied."""
    kinds: dict[str, list[Mention]] = {}
    for mention in mentions:
        kinds.setdefault(mention.kind, []).append(mention)
    document = _document_features(mentions, folded)
    return [
        (
            kind,
            same,
            {
                **document,
                **_features(kind, same),
                **_rivals(kind, kinds),
                **_standing(same, kinds, folded),
                **_among(same, document),
            },
        )
        for kind, same in kinds.items()
    ]


_DEPRESSIONS = (
    "postpartum-depression",
    "resistant-depression",
    "major-depression",
    "depression",
    "bipolar",
    "mood",
)


def _rivals(kind: str, kinds: Mapping[str, Sequence[Mention]]) -> Features:
    """Say which other depressions a depression stands beside, and whether the title has them."""
    if kind not in _DEPRESSIONS:
        return {}
    features = {}
    for other in _DEPRESSIONS:
        if other != kind and other in kinds:
            features[f"{kind}-beside-{other}"] = 1.0
            if any(mention.role == "title" for mention in kinds[other]):
                features[f"{kind}-beside-titled-{other}"] = 1.0
    return features


def _document_features(mentions: Sequence[Mention], folded: str) -> Features:
    titled = {mention.kind for mention in mentions if mention.role == "title"}
    title = folded.partition("\n")[0]
    return {
        "animals": float(bool(_ANIMALS.search(folded))),
        "patients": float("patient" in folded),
        "healthy": float(bool(_HEALTHY.search(folded))),
        "review": float(bool(_REVIEWS.search(title))),
        "users": float(bool(_USERS.search(title))),
        f"titled-{min(len(titled), 3)}": 1.0,
        "kinds": min(len({mention.kind for mention in mentions}), 8) / 4,
    }


def _features(kind: str, same: Sequence[Mention]) -> Features:
    features = {f"kind-{kind}": 1.0, f"setting-{same[0].setting}": 1.0, "count": min(len(same), 6) / 3}
    for mention in same:
        features[f"in-{mention.role}"] = 1.0
        for sign in mention.signs:
            features[sign] = 1.0
            if sign in ("had", "treated") or mention.role == "title":
                features[f"{sign}-{mention.role}"] = 1.0
    if features.keys() & {"had-title", "had-methods", "had-aim"}:
        features["had-here"] = 1.0
    if "in-title" in features:
        features[f"titled-{kind}"] = 1.0
    for sign in frozenset.intersection(*(mention.signs for mention in same)):
        features[f"only-{sign}"] = 1.0
    roles = {mention.role for mention in same}
    if roles == {"background"}:
        features["background-only"] = 1.0
    if not roles & {"title", "aim", "methods", "background"}:
        features["late-only"] = 1.0
    return features


def _standing(same: Sequence[Mention], kinds: Mapping[str, Sequence[Mention]], folded: str) -> Features:
    """Say how a class stands among the others: named first, named most, what share of all, how early."""
    everyone = [mention for others in kinds.values() for mention in others]
    return {
        "first": float(same[0].start == min(mention.start for mention in everyone)),
        "most": float(len(same) == max(len(others) for others in kinds.values())),
        "share": len(same) / len(everyone),
        "late": same[0].start / max(len(folded), 1),
        "alone": float(len(kinds) == 1),
    }


def _among(same: Sequence[Mention], document: Features) -> Features:
    """Say what a class in the title, or had by subjects, is in a text of animals, healthy people, users, reviews."""
    titled = any(mention.role == "title" for mention in same)
    had = any("had" in mention.signs for mention in same)
    return {
        f"{name}-{place}": document[name]
        for name in ("animals", "healthy", "review", "users")
        for place, holds in (("title", titled), ("had", had), (same[0].setting, True))
        if holds
    }


_LESSER = re.compile(
    r"symptom|depressed$|schizophrenic|users?$|abusers?$|dependent$|alcoholics?$|risk|thought|attempt|current|passive"
)
_CAUSED = re.compile(r"-(?:induced|associated)\b")


def naming(mention: Mention, same: Sequence[Mention], folded: str) -> Features:
    """Give what speaks for a mention's naming its class: whole words, often used, where, and no scale."""
    words = folded[mention.start : mention.end]
    often = Counter(folded[m.start : m.end] for m in same)
    length = len(re.split(r"[\s-]+", words))
    return {
        f"as-words-{min(length, 5)}": 1.0,
        f"as-in-{mention.role}": 1.0,
        "as-often": min(often[words], 4) / 2,
        "as-oftenest": float(often[words] == max(often.values())),
        "as-first": float(mention == same[0]),
        "as-fullest": float(length == max(len(re.split(r"[\s-]+", name)) for name in often)),
        "as-disorder": float(words.endswith(("disorder", "disorders"))),
        "as-joined": float(bool(re.search(r"\band\b|\bor\b|/|,", words))),
        "as-short-form": float(length == 1 and len(words) <= 5),
        "as-lesser": float(bool(_LESSER.search(words))),
        "as-caused": float(bool(_CAUSED.search(words))),
        **{f"as-{sign}": 1.0 for sign in mention.signs},
    }


def points_of(features: Features, points: Mapping[str, float]) -> float:
    """Give the sum of points of a thing's features."""
    return sum(points.get(name, 0.0) * value for name, value in features.items())


def best(same: Sequence[Mention], folded: str, points: Mapping[str, float]) -> Mention:
    """Give the mention that names its class best, of equals the first."""
    if len(same) == 1:
        return same[0]
    return max(same, key=lambda mention: (points_of(naming(mention, same, folded), points), -mention.start))


def named(naming_features: Features) -> Features:
    """Give what the best mention of a class says of the class: a name that is whole, had or titled is of what is studied."""
    return {f"named-{name}": value for name, value in naming_features.items()}


def choose(mentions: Sequence[Mention], folded: str, points: Mapping[str, float]) -> list[Mention]:
    """Give the conditions studied, of each the mention that names it best, in reading order."""
    chosen = []
    for _, same, features in grouped(mentions, folded):
        mention = best(same, folded, points)
        features = {**features, **named(naming(mention, same, folded))}
        if points["bias"] + points_of(features, points) > 0:
            chosen.append(mention)
    return sorted(chosen)
