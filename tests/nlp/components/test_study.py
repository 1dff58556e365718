"""The study profile: what was done to whom, how many, and for which condition."""

import pytest

from nlp.article import Document
from nlp.components.condition_mentions import Conditions
from nlp.components.conditions import grouped, naming
from nlp.components.sample_size import whole_number
from nlp.components.study_cues import Cues
from nlp.extensions import Sentence
from nlp.pipeline import annotate
from nlp.vocabulary import read_table


@pytest.fixture(scope="module")
def conditions():
    return Conditions(read_table("condition_words.tsv"), read_table("condition_signs.tsv"))


@pytest.mark.parametrize(
    ("text", "design", "species"),
    [
        (
            "Ketamine for low mood: a randomized trial\nSixty patients were randomized to ketamine or placebo.",
            "randomized_trial",
            "human",
        ),
        (
            "Ketamine: a meta-analysis\nDatabases were searched. Twelve trials were included; the standardized mean "
            "difference was -0.5 with a random-effects model.",
            "meta_analysis",
            "human",
        ),
        (
            "Ketamine in a man with depression: a case report\nWe report a 45-year-old man who received ketamine.",
            "case_report",
            "human",
        ),
        (
            "Ketamine in rats\nRats received ketamine 10 mg/kg intraperitoneally before the forced swim test. "
            "Ketamine reduced immobility in rats.",
            "preclinical",
            "animal",
        ),
        (
            "The role of ketamine in psychiatry: a review\nThis review summarizes recent evidence and we discuss "
            "mechanisms of action.",
            "review",
            "none",
        ),
        (
            "Ketamine in a clinic: a retrospective cohort\nWe retrospectively reviewed the medical records of "
            "120 patients who received ketamine in routine practice and were followed for 12 months.",
            "cohort",
            "human",
        ),
        (
            "Patterns of club drug use among students\nAn anonymous online survey was answered by 812 students; the "
            "prevalence of past-year ketamine use was 4%.",
            "cross_sectional",
            "human",
        ),
        (
            "Ketamine and the pressure of the eye in guinea pigs\nUnder ketamine anesthesia, twelve guinea pigs were "
            "studied. The animals were killed after a week.",
            "preclinical",
            "animal",
        ),
    ],
)
def test_design_and_species(annotated, text, design, species):
    study = annotated(text)._.study
    assert (study.design, study.species) == (design, species)


def test_a_publication_type_is_evidence(rules):
    text = "Ketamine in a clinic\nPatients with depression received ketamine and improved."
    plain = annotate(rules, Document(id="a", text=text))
    typed = annotate(rules, Document(id="a", text=text, publication_types=("D016449",)))
    assert plain._.study.design != "randomized_trial"
    assert typed._.study.design == "randomized_trial"


@pytest.mark.parametrize(
    ("text", "blinding"),
    [
        ("In a randomized double-blind trial, 40 patients received ketamine or placebo.", "double_blind"),
        ("In a triple-masked randomized trial, 40 patients received ketamine.", "double_blind"),
        ("In an open-label trial, 40 patients received ketamine.", "open_label"),
        ("In a randomized single-blind trial, 40 patients received ketamine or saline.", "single_blind"),
        ("In a randomized trial, 40 patients received ketamine or saline.", None),
    ],
)
def test_blinding(annotated, text, blinding):
    assert annotated("Ketamine for low mood\n" + text)._.study.blinding == blinding


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Sixty-four patients were randomized to ketamine or placebo.", 64),
        ("A total of 1,234 adults were enrolled; 30 patients dropped out.", 1234),
        ("We screened 200 patients, of whom 80 were randomized.", 80),
        ("Patients received ketamine (n = 20) or saline (n = 21) in two randomized groups.", 41),
        ("Patients were divided into three groups (n = 30 each) at random.", 90),
        ("Twenty-eight patients and 20 healthy controls were scanned.", 48),
        ("In 12 patients, scores fell.", 12),
        ("Patients received ketamine 50 mg for 14 days.", None),
        ("In 2019 patients received ketamine.", None),
        ("Adults (N=80) with low mood, of whom 54% (n=43) took drugs, were randomly assigned.", 80),
        ("A trial (N = 99; n = 50 male; n = 49 female) was run.", 99),
        ("Thirty patients with low mood were enrolled. Scans were also made of 30 healthy controls.", 60),
        ("Sixty patients (48 females) received ketamine or placebo at random.", 60),
        ("Of 802 enrolled patients, most stayed. Fifty-five patients (6.9%) fell ill.", 802),
        ("We included 1102 patients, 550 patients on placebo, and 552 on ketamine.", 1102),
        ("ASA 1 and 2 patients received ketamine (n = 20) or placebo (n = 22).", 42),
        ("Data of individuals with treatment-resistant depression (n = 60) were used.", 60),
        ("Patients received saline (n=26) or ketamine (n=26) during induction.", 52),
        ("Patients with high insomnia (n = 64) or low insomnia (n = 68) had six infusions.", 132),
        ("Of 435 patients screened, 227 randomized, and 197 completed the phase.", 227),
        ("Visitors of two clinics were assessed (n=11 714).", 11714),
        ("Participants were 88 children (44 per group; 50 boys).", 88),
        ("Thirty-three veterans (mean age 62; 10 female) were randomized to ketamine or saline.", 33),
        ("Participants in the survey were 1345 festival attendees.", 1345),
    ],
)
def test_sample_size(annotated, text, size):
    assert annotated("Ketamine for low mood\nMETHODS: " + text)._.study.sample_size == size


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("one hundred and twenty", 120),
        ("two thousand three hundred", 2300),
        ("forty five", 45),
        ("1 234", 1234),
    ],
)
def test_whole_number(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        (
            "Ketamine in treatment-resistant depression\nPatients improved.",
            ["treatment-resistant depression"],
        ),
        (
            "Ketamine for PTSD\nMETHODS: Veterans with posttraumatic stress disorder received ketamine.",
            ["posttraumatic stress disorder"],
        ),
        ("Esketamine after caesarean section\nMETHODS: Women received esketamine.", ["caesarean section"]),
        ("Ketamine and the cortex\nMETHODS: Healthy volunteers were scanned.", []),
        (
            "Ketamine in major depression\nMETHODS: Ten patients with major depressive disorder got ketamine.",
            ["major depressive disorder"],
        ),
        (
            "Ketamine in generalized anxiety disorder and social anxiety disorder\nMETHODS: Twelve patients with "
            "generalized anxiety disorder or social anxiety disorder got ketamine.",
            ["generalized anxiety disorder", "social anxiety disorder"],
        ),
    ],
)
def test_conditions(annotated, text, conditions):
    doc = annotated(text)
    assert [condition.text for condition in doc._.study.conditions] == conditions
    assert all(doc.text[slice(*c.span)] == c.text for c in doc._.study.conditions)


@pytest.mark.parametrize(
    ("text", "mention", "kind"),
    [
        (
            "Pain after supratentorial brain tumor resection",
            "supratentorial brain tumor resection",
            "surgery",
        ),
        ("Ketamine for sphenotomy", "sphenotomy", "surgery"),
        ("Unipolar and bipolar depression", "unipolar and bipolar depression", "depression"),
        (
            "Treatment-refractory major depression",
            "treatment-refractory major depression",
            "resistant-depression",
        ),
        ("Chronic neuropathic pain", "chronic neuropathic pain", "neuropathic-pain"),
        ("Illicit drug use of adolescents", "illicit drug use", "substance"),
    ],
)
def test_a_condition_is_named_by_its_head_and_what_stands_before_it(conditions, text, mention, kind):
    found = conditions.find(text.casefold(), [Sentence(0, len(text), None, "title")])
    assert (mention, kind) in [(text.casefold()[m.start : m.end], m.kind) for m in found]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("patients with anxiety", "had"),
        ("anxiety scores fell", "measured"),
        ("a model of schizophrenia", "modelled"),
        ("treatment of anxiety", "treated"),
        ("patients without psychosis", "excluded"),
    ],
)
def test_what_stands_beside_a_condition_tells_what_it_is_there(conditions, text, sign):
    (mention,) = conditions.find(text, [Sentence(0, len(text), None, "results")])
    assert sign in mention.signs
    ((_, same, features),) = grouped([mention], text)
    assert features[sign] == features[f"only-{sign}"] == 1.0
    assert naming(mention, same, text)[f"as-{sign}"] == 1.0


def test_a_cue_may_need_several_matches_and_name_a_list_of_words():
    rows = [
        {"cue": "animals", "where": "words", "pattern": "(?:voles?|newts?)", "times": ""},
        {"cue": "often", "where": "any", "pattern": r"\b{animals}\b", "times": "2"},
    ]
    cues = Cues(rows)
    assert cues.find("a vole and a newt", [], []) == {"often"}
    assert cues.find("a vole", [], []) == set()
    assert cues.words["animals"].search("newts")


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("Ketamine in bipolar depression\nPatients with bipolar depression got ketamine.", "psychiatric"),
        ("Ketamine in rats\nRats got ketamine. Rats swam in the forced swim test.", "preclinical"),
        ("Ketamine for postoperative pain\nPatients with postoperative pain got ketamine.", "pain"),
        ("Memory in ketamine users\nFrequent ketamine users were compared with non-users.", "recreational"),
        ("Ketamine and vision\nHealthy volunteers received ketamine or placebo.", "healthy_volunteers"),
    ],
)
def test_setting(annotated, text, setting):
    assert annotated(text)._.study.setting == setting


@pytest.mark.parametrize(
    ("text", "species"),
    [
        ("A systematic review of animal and human studies of ketamine\nWe searched PubMed.", "mixed"),
        ("Erratum: a review of esketamine\nTable 1 combines data of two phases.", "none"),
        ("Ketamine rinse for sore mouths\nIt relieved a 40-year-old woman.", "human"),
        (
            "Fentanyl and ketamine in dogs after surgery: a randomized trial\nDogs were randomly assigned (n = 11).",
            "animal",
        ),
        (
            "A call for more trials\nComments on the article by A. Smith et al. on ketamine, a randomized trial.",
            "none",
        ),
    ],
)
def test_species_of_reviews_errata_and_single_patients(annotated, text, species):
    assert annotated(text)._.study.species == species
