"""Which amounts are doses of the family, whose, and how they were given."""

import pytest


def doses(doc):
    return [
        (doc.text[d.start : d.end], d.drug.value, d.route.value if d.route else None) for d in doc._.doses
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Patients received ketamine (0.5 mg/kg) or midazolam (0.045 mg/kg).",
            [("0.5 mg/kg", "ketamine", None)],
        ),
        ("They got 0.1 mg/kg midazolam or 1 mg/kg ketamine.", [("1 mg/kg", "ketamine", None)]),
        ("Intravenous ketamine at 0.5 mg/kg was infused.", [("0.5 mg/kg", "ketamine", "intravenous")]),
        ("0.2 mg/kg of IM S-ketamine was injected.", [("0.2 mg/kg", "esketamine", "intramuscular")]),
        ("Ketamine 2 mg/kg IN was given in the ward.", [("2 mg/kg", "ketamine", "intranasal")]),
        ("Ketamine in saline, 2 mg/kg.", [("2 mg/kg", "ketamine", None)]),
        (
            "Esketamine nasal spray (56 or 84 mg) was used.",
            [("56", "esketamine", "intranasal"), ("84 mg", "esketamine", "intranasal")],
        ),
        (
            "Oral ketamine 3 mg/kg with intranasal dexmedetomidine 2 µg/kg.",
            [("3 mg/kg", "ketamine", "oral")],
        ),
        (
            "Ketamine was given. The infusion of 0.5 mg/kg lasted 40 min.",
            [("0.5 mg/kg", "ketamine", None)],
        ),
        ("Zolabarbital 5 mg/kg blocked the effect of ketamine.", []),
        ("Ketamine came first; S- and R-MXE (10 mg kg⁻¹) were given to mice.", []),
        ("After ketamine, patients received DCS titrated up to 1000 mg/d.", []),
        ("The area under the curve of ketamine reached 10³ ng.", []),
        (
            "Dexmedetomidine and ketamine (1 µg/kg and 2 mg/kg) were mixed.",
            [("2 mg/kg", "ketamine", None)],
        ),
        (
            "Doses were 4 mg and 50 mg for midazolam and ketamine, respectively.",
            [("50 mg", "ketamine", None)],
        ),
        ("Ketamine 3 mg/kg (maximum 50 mg) was drunk.", [("3 mg/kg", "ketamine", None)]),
        ("Ketamine to target plasma levels of 100 ng/mL.", [("100 ng/mL", "ketamine", None)]),
        ("Ketamine raised BDNF to 20 ng/mL.", []),
        ("Ketamine 0.5 mg/kg by the intravenous or epidural route.", [("0.5 mg/kg", "ketamine", "other")]),
        ("Ketamine 0.5 mg/kg. Later ketamine 0.5 mg/kg again.", [("0.5 mg/kg", "ketamine", None)]),
        ("No amount of ketamine is named.", []),
        ("Zolafen (5 mg/kg) and ketamine (3 mg/kg) were compared.", [("3 mg/kg", "ketamine", None)]),
        ("Ketamine first. Spinal block was 12 mg of hyperbaric bupivacaine.", []),
        ("Ketamine worked in women given more than placebo and at doses > 2 mg/kg.", []),
        ("Ketamine at doses above 2 mg/kg was not studied.", []),
        ("Ketamine was given to rats weighing 200-250 g.", []),
        ("Ketamine ampoules held 50 mg/5 ml.", []),
        ("Ketamine in hair reached 0.1-5 ng/mg.", []),
        ("Ketamine 500 micro g kg-1 was given.", [("500 micro g kg-1", "ketamine", None)]),
    ],
)
def test_doses(annotated, text, expected):
    assert doses(annotated("A title\n" + text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Doses of 0.2 and 0.4 mg/kg were given.", ["0.2", "0.4 mg/kg"]),
        ("The starting dose was 0.5 mg/kg.", ["0.5 mg/kg"]),
        ("Zolafen (0.1 mg/kg) was given for pain.", []),
        ("Patients got 320 mg/d ZOLA or nothing.", []),
    ],
)
def test_sentence_without_a_drug_is_about_the_drug_of_the_title(annotated, text, expected):
    assert [dose for dose, _, _ in doses(annotated("Ketamine in low mood\n" + text))] == expected


def test_sentence_without_a_drug_says_nothing_where_the_title_names_none(annotated):
    assert (
        doses(annotated("Lanicemine in low mood\nIt works like ketamine. Patients took 100 mg daily.")) == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "Patient-controlled intravenous analgesia with esketamine after surgery\nGroup E got esketamine 1 mg/kg.",
        "Esketamine after surgery\nEsketamine 1 mg/kg was added to the pump. Intravenous esketamine is cheap.",
    ],
)
def test_route_of_the_document(annotated, text):
    assert [route for _, _, route in doses(annotated(text))] == ["intravenous"]


@pytest.mark.parametrize(
    "text",
    [
        "Ketamine for sleep\nKetamine 1 mg/kg was given. Morphine was given intravenously.",
        "Ketamine for sleep\nKetamine 1 mg/kg was given. Diagnoses followed the manual, version IV.",
    ],
)
def test_route_of_something_else(annotated, text):
    assert [route for _, _, route in doses(annotated(text))] == [None]


def test_same_amount_by_two_routes_is_two_regimens(annotated):
    doc = annotated(
        "T\nMETHODS: Group A got ketamine 1 mg/kg subcutaneously, and group B got ketamine 1 mg/kg "
        "intravenously."
    )
    assert [route for _, _, route in doses(doc)] == ["subcutaneous", "intravenous"]


def test_route_named_once_holds_for_the_whole(annotated):
    doc = annotated("Intranasal esketamine in low mood\nPatients took 56 mg twice weekly for 4 weeks.")
    ((_, _, route),) = doses(doc)
    assert route == "intranasal"
    assert doc._.doses[0].schedule == "twice weekly for 4 weeks"


@pytest.mark.parametrize(
    ("text", "infusion"),
    [
        ("Ketamine 0.5 mg/kg over 40 minutes.", "40 minutes"),
        ("A 40-min infusion of ketamine 0.5 mg/kg.", "40-min"),
        ("Ketamine 0.5 mg/kg infused over 30–60 min.", "30–60 min"),
        ("Ketamine 0.5 mg/kg was given.", None),
    ],
)
def test_infusion(annotated, text, infusion):
    assert annotated("A title\n" + text)._.doses[0].infusion == infusion


@pytest.mark.parametrize(
    ("text", "infusion"),
    [
        ("Ketamine (0.5 mg/kg, 40 minutes) was given.", "40 minutes"),
        ("A 52-minute intravenous administration of ketamine 0.7 mg/kg.", "52-minute"),
        ("Ketamine 0.5 mg/kg was infused along 40 minutes.", "40 minutes"),
        ("Alfentanil and ketamine infusions reached 50 ng/mL ketamine.", None),
        ("Ketamine 0.5 mg/kg over 40 minutes, or up to 8 sprays of esketamine 56 mg.", None),
    ],
)
def test_infusion_of_the_last_dose(annotated, text, infusion):
    assert annotated("A title\n" + text)._.doses[-1].infusion == infusion


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("Ketamine 0.5 mg/kg was given 1-3 times/week.", "1-3 times/week"),
        ("Ketamine 0.5 mg/kg twice per week for 4 weeks.", "twice per week for 4 weeks"),
        ("Ketamine at 0.1 and 0.5 mg/kg was given one week apart.", "one week apart"),
        ("Ketamine 0.2 or 0.4 mg/kg was given at 1-week intervals.", "at 1-week intervals"),
        (
            "Esketamine 56 mg twice a week for 4 weeks, followed by once a week.",
            "twice a week for 4 weeks, followed by once a week",
        ),
        ("They got a single subanesthetic infusion of ketamine 0.5 mg/kg.", "single"),
        ("In this single-blind study they got ketamine 0.5 mg/kg.", None),
        ("A bolus of ketamine 0.5 mg/kg was injected.", None),
        ("Ketamine 0.5 mg/kg was infused on day 1.", "day 1"),
    ],
)
def test_schedule(annotated, text, schedule):
    assert annotated("A title\nMETHODS: " + text)._.doses[-1].schedule == schedule


def test_schedule_named_once_beside_the_family_holds_for_the_whole(annotated):
    doc = annotated("A single dose of ketamine in low mood\nPatients were given 0.5 mg/kg over 40 minutes.")
    assert doc._.doses[0].schedule == "single dose"
    assert doc.text[slice(*doc._.doses[0].spans["schedule"])] == "single dose"


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("They met DSM-IV criteria. They got ketamine 0.5 mg/kg.", None),
        ("Ketamine 1 mg/kg was given. Oral feeding began early.", None),
        ("Ketamine 1 mg/kg was given. All had patient-controlled intravenous analgesia.", None),
        ("We studied oral midazolam and ketamine. Children took ketamine 3 mg/kg.", "oral"),
        ("Esketamine 1 mg/kg was dripped into both nostrils.", "intranasal"),
    ],
)
def test_a_route_is_one_of_giving_the_drug(annotated, text, route):
    found = annotated("A title\n" + text)._.doses[0].route
    assert (found.value if found else None) == route
