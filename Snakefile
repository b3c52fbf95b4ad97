# Stemwright: make for music. Songs are YAML files; targets are stems, mixes, masters and archives.
from snakemake.utils import min_version

min_version("9.27")


pathvars:
    results="build",


include: "rules/config.smk"


configfile: "config.yaml"


include: "rules/common.smk"
include: "rules/timeline.smk"
include: "rules/reference.smk"
include: "rules/stems.smk"
include: "rules/processed.smk"
include: "rules/mix.smk"
include: "rules/master.smk"
include: "rules/delivery.smk"
include: "rules/audit.smk"


# Every sentinel of every song, not only the archive's: one that is missing is made again.
rule all:
    default_target: True
    input:
        lambda w: [f"{path}.ok" for plan in plans() for path in plan.artifacts()],


rule stems:
    input:
        lambda w: [f"{plan.processed(stem)}.ok" for plan in plans() for stem in plan.stems],


rule masters:
    input:
        lambda w: [f"{plan.master}.ok" for plan in plans()],


rule archives:
    input:
        lambda w: [f"{plan.archive}.ok" for plan in plans()],
