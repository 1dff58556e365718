"""Two invented articles with invented readings, as a pipeline would hand them over; one is full of traps."""

import re

from nlp.article import (
    AbstractSection,
    Article,
    CommentsCorrections,
    Journal,
    PartialDate,
    RegistryNumber,
    document_of,
)
from nlp.finding import (
    AdverseEvent,
    Condition,
    Dose,
    EvidenceSpan,
    Finding,
    Flag,
    Outcome,
    Provenance,
    Reading,
    StudyProfile,
    finding_id,
)

TRIAL = Article(
    pmid="99000101",
    title="Ketamine in treatment-resistant depression: an invented trial.",
    abstract=(
        AbstractSection(
            label="METHODS",
            text="In this double-blind trial, 72 adults received ketamine 0.5 mg/kg intravenously "
            "over 40 minutes.",
        ),
        AbstractSection(
            label="RESULTS",
            text="At 24 hours the MADRS score was lower after ketamine than after midazolam "
            "(\u22127.4; p<0.001). Dissociation occurred in 17 of 36 patients and resolved. "
            "One suicide attempt was reported.",
        ),
    ),
    journal=Journal(title="Invented Journal of Examples", iso_abbreviation="Invented J Ex"),
    publication_date=PartialDate(year=2021, month=3),
    languages=("eng",),
    registry_numbers=(RegistryNumber(bank="ClinicalTrials.gov", accession="NCT99000101"),),
    doi="10.5555/invented.99000101",
)

SCRIPT = "<script>window.hacked=1</script>"
IMAGE = "<img src=x onerror=window.hacked=1>"

HOSTILE = Article(
    pmid="99000102",
    title=f"Ketamine {SCRIPT} in rats",
    abstract=(AbstractSection(text=f"Ketamine 10 mg/kg raised {IMAGE} \"'><b>levels</b> in rats & mice."),),
    journal=Journal(title=f"Journal {IMAGE}"),
    publication_date=PartialDate(year=2011),
    languages=("eng",),
    doi='10.5555/"onmouseover="window.hacked=1',
)

RETRACTED = Article(
    pmid="99000103",
    title="Esketamine cures everything: an invented report.",
    abstract=(AbstractSection(text="Esketamine 84 mg cured all patients. There were no adverse events."),),
    publication_date=PartialDate(year=2015),
    languages=("eng",),
    links=(CommentsCorrections(ref_type="RetractionIn", pmid="99000104"),),
)

ARTICLES = (TRIAL, HOSTILE, RETRACTED)


class Draft:
    """Collects the findings of one article, with anchors and sentences given as words of its text."""

    def __init__(self, article: Article) -> None:
        self.document = document_of(article)
        self.source = Provenance(document_hash=self.document.hash, pipeline="invented", version="1")
        self.findings: list[Finding] = []

    def add(
        self,
        record: type[Finding],
        anchor: str,
        sentence: str,
        spans: dict[str, str] | None = None,
        **fields: object,
    ) -> str:
        """Add a finding; give its id."""
        start = self.document.text.index(sentence)
        place = self.document.text.index(anchor, start)
        drug = str(fields.pop("drug", "ketamine"))
        key = finding_id(self.document.hash, record.__name__, drug, anchor, ordinal=len(self.findings))
        found = {
            field: EvidenceSpan(start=at, end=at + len(words), exact=words)
            for field, words in (spans or {}).items()
            for at in [self.document.text.index(words, start)]
        }
        self.findings.append(
            record(
                id=key,
                drug=drug,
                anchor=(place, place + len(anchor)),
                anchor_text=anchor,
                evidence=(start, start + len(sentence)),
                evidence_text=sentence,
                spans=found,
                provenance=self.source,
                **fields,
            )
        )
        return key

    def reading(self, study: StudyProfile) -> Reading:
        """Give all as one reading."""
        return Reading(
            id=self.document.id,
            text=self.document.text,
            study=study,
            findings=tuple(self.findings),
            provenance=self.source,
        )


def trial() -> Reading:
    """Read the trial."""
    draft = Draft(TRIAL)
    methods, results = TRIAL.abstract[0].text, TRIAL.abstract[1].text
    first, second, third = re.split(r"(?<=[a-z)]\.) ", results)
    dose = draft.add(
        Dose,
        "0.5 mg/kg",
        methods,
        {"route": "intravenously", "infusion": "40 minutes"},
        low=0.5,
        high=0.5,
        unit="mg/kg",
        route="intravenous",
        infusion="40 minutes",
        confidence=0.97,
    )
    draft.add(
        Outcome,
        "MADRS score",
        first,
        {"timepoint": "24 hours", "comparator": "midazolam", "value": "\u22127.4", "p_value": "p<0.001"},
        direction="decreased",
        effect="improved",
        comparator="midazolam",
        timepoint="24 hours",
        timepoint_hours=24.0,
        value="\u22127.4",
        p_value="<0.001",
        confidence=0.8,
        doses=(dose,),
    )
    draft.add(
        AdverseEvent,
        "Dissociation",
        second,
        {"rate": "17 of 36"},
        assertion="present",
        rate="17 of 36",
        transient=True,
        confidence=0.6,
        doses=(dose,),
    )
    draft.add(
        AdverseEvent,
        "suicide attempt",
        third,
        assertion="present",
        serious=True,
        confidence=0.4,
        flags=(Flag(code="serious", reason="A serious event: please confirm."),),
    )
    span = (TRIAL.title.index("treatment"), TRIAL.title.index(":"))
    condition = Condition(text=TRIAL.title[slice(*span)], span=span)
    return draft.reading(
        StudyProfile(
            species="human",
            design="randomized_trial",
            blinding="double_blind",
            sample_size=72,
            conditions=(condition,),
            setting="psychiatric",
        )
    )


def hostile() -> Reading:
    """Read the article full of traps."""
    draft = Draft(HOSTILE)
    text = HOSTILE.abstract[0].text
    draft.add(
        Outcome,
        f"{IMAGE} \"'><b>levels</b>",
        text,
        direction="increased",
        effect="unclear",
        value=SCRIPT,
        comparator=IMAGE,
        flags=(Flag(code="odd", reason=f"Odd {SCRIPT}"),),
    )
    return draft.reading(StudyProfile(species="animal", design="preclinical", setting="preclinical"))


def retracted() -> Reading:
    """Read the article that was retracted."""
    draft = Draft(RETRACTED)
    text = RETRACTED.abstract[0].text
    sentence = text[: text.index(" There")]
    draft.add(Dose, "84 mg", sentence, drug="esketamine", low=84, high=84, unit="mg")
    return draft.reading(StudyProfile(species="human", design="case_report", setting="psychiatric"))


READINGS = {"99000101": trial, "99000102": hostile, "99000103": retracted}
