"""Which articles are on topic: the query that PubMed is asked, and that is applied to bulk files here.

MeSH terms find what was indexed; free text finds what is too new to be, and every field is tagged, so that
PubMed maps nothing by itself.
"""

_KETAMINE = (
    '"ketamine"[mh] OR "ketamine"[nm] OR "esketamine"[nm] OR ketamin*[tiab] OR esketamin*[tiab] OR arketamin*[tiab] OR '
    "norketamin*[tiab] OR hydroxynorketamin*[tiab] OR dehydronorketamin*[tiab] OR spravato[tiab] OR ketalar[tiab] OR "
    'ketanest[tiab] OR "s-ketamine"[tiab] OR "r-ketamine"[tiab] OR "pcn-101"[tiab] OR "ci-581"[tiab] OR '
    '"jnj-54135419"[tiab] OR "hr071603"[tiab] OR "sls-002"[tiab] OR "nrx-100"[tiab] OR "ket01"[tiab]'
)
"""The family: generic names, brands, metabolites and companies' codes."""

_MENTAL_HEALTH = (
    '"mental disorders"[mh] OR "depression"[mh] OR "suicide"[mh] OR "suicidal ideation"[mh] OR "antidepressive agents"[mh] '
    'OR "mental health"[mh] OR "psychotic disorders"[mh] OR "substance-related disorders"[mh] OR "hallucinogens"[mh] OR '
    "depress*[tiab] OR antidepress*[tiab] OR suicid*[tiab] OR bipolar[tiab] OR mania[tiab] OR manic[tiab] OR mood[tiab] OR "
    "anhedon*[tiab] OR psychiatr*[tiab] OR mental*[tiab] OR anxi*[tiab] OR panic[tiab] OR obsess*[tiab] OR ptsd[tiab] OR "
    'posttraumatic[tiab] OR "post-traumatic"[tiab] OR traumati*[tiab] OR psychos*[tiab] OR psychot*[tiab] OR '
    "psychomimetic*[tiab] OR schizo*[tiab] OR dissociat*[tiab] OR hallucin*[tiab] OR psychedelic*[tiab] OR "
    "addict*[tiab] OR abus*[tiab] OR misus*[tiab] OR recreational[tiab] OR dependence[tiab] OR craving[tiab] OR "
    'alcohol*[tiab] OR cocaine[tiab] OR "use disorder"[tiab] OR "use disorders"[tiab] OR "substance use"[tiab] OR '
    '"drug use"[tiab] OR anorexia[tiab] OR bulimi*[tiab] OR '
    "autis*[tiab] OR catatoni*[tiab] OR deliri*[tiab] OR electroconvulsive[tiab] OR ect[tiab] OR postpartum[tiab] OR "
    "emotion*[tiab] OR cogniti*[tiab] OR psycholog*[tiab] OR psychopath*[tiab] OR psychotherap*[tiab]"
)
"""The field: disorders, symptoms, treatments and harms."""

DEFAULT_QUERY = f"({_KETAMINE}) AND ({_MENTAL_HEALTH})"
"""Ketamine in mental health."""
