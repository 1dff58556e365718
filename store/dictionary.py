"""The data dictionary: each column of the tables that are exported, its type, and what it means."""

import csv
import io

MEANINGS: dict[str, tuple[str, str]] = {
    "finding_id": ("text", "Id of the finding, for good"),
    "pmid": ("text", "PubMed's id of the article"),
    "title": ("text", "Title of the article"),
    "journal": ("text", "Journal, abbreviated"),
    "year": ("integer", "Year of publication"),
    "doi": ("text", "Digital object identifier, in lower case"),
    "registry_number": ("text", "Registered trial"),
    "retracted": ("boolean", "The article was retracted"),
    "status": ("text", "Where the finding stands: pending, accepted, corrected, rejected …"),
    "study_design": ("text", "Design of the study"),
    "study_species": ("text", "Whose findings they are"),
    "study_blinding": ("text", "Who did not know the allocation"),
    "study_sample_size": ("integer", "Participants"),
    "study_setting": ("text", "What ketamine was used for"),
    "type": ("text", "dose, outcome or adverse_event"),
    "drug": ("text", "Member of the ketamine family"),
    "drug_curie": ("text", "CURIE of the drug"),
    "drug_name": ("text", "Its name there"),
    "anchor": ("text", "The words that the finding stands on"),
    "start": ("integer", "First code point of the anchor in the text"),
    "end": ("integer", "Code point after the anchor"),
    "quote": ("text", "The sentence"),
    "quote_start": ("integer", "First code point of the sentence"),
    "quote_end": ("integer", "Code point after the sentence"),
    "section": ("text", "Label of the abstract's section"),
    "own_result": ("boolean", "The study's own result, not background"),
    "confidence": ("number", "How sure the machine is, 0 to 1"),
    "low": ("number", "Amount from, as stated, in `unit`"),
    "high": ("number", "Amount to, as stated, in `unit`"),
    "unit": ("text", "UCUM unit of the amount"),
    "mg_per_kg_low": ("number", "Amount from, mg/kg; only where stated per kilogram"),
    "mg_per_kg_high": ("number", "Amount to, mg/kg"),
    "mg_low": ("number", "Amount from, mg; only where stated as a mass"),
    "mg_high": ("number", "Amount to, mg"),
    "route": ("text", "Route of the dose"),
    "infusion": ("text", "Duration of the infusion, as written"),
    "infusion_minutes": ("number", "Duration of the infusion, minutes"),
    "schedule": ("text", "Schedule, as written"),
    "concept_curie": ("text", "CURIE of the adverse event"),
    "concept_name": ("text", "Name of the adverse event"),
    "assertion": ("text", "present, absent or possible"),
    "comparison": ("text", "How often beside the comparator"),
    "rate": ("text", "Rate under the drug, as written"),
    "transient": ("boolean", "Said to pass"),
    "serious": ("boolean", "Said to be serious"),
    "instrument_curie": ("text", "CURIE of the scale"),
    "instrument_name": ("text", "Name of the scale"),
    "domain": ("text", "What the outcome is about"),
    "direction": ("text", "What happened to the endpoint"),
    "effect": ("text", "What that means for the patient"),
    "comparator": ("text", "What the drug was compared with"),
    "timepoint": ("text", "Time, as written"),
    "timepoint_hours": ("number", "Time since the dose, hours"),
    "value": ("text", "Value under the drug, as written"),
    "comparator_value": ("text", "The comparator's value, as written"),
    "ci": ("text", "Confidence interval, as written"),
    "p_value": ("text", "p, as written"),
    "p_operator": ("text", "= < <= > or >= before p"),
    "p_number": ("number", "p as a number"),
    "unlinked": ("text", "Why a result has no dose"),
    "flags": ("text", "Why a person should look, joined by `; `"),
    "pipeline": ("text", "What read the finding"),
    "pipeline_version": ("text", "Its version"),
    "notice": ("text", "What this is not"),
}
"""Column → type and meaning; an empty cell: the abstract does not say."""


def dictionary() -> str:
    """Write the dictionary as CSV, in the order of the exported columns."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(("column", "type", "meaning"))
    lines.writerows((name, *MEANINGS[name]) for name in MEANINGS)
    return out.getvalue()
