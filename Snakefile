# Stemwright: make for music. Songs are YAML files; targets are stems, mixes, masters and archives.
from snakemake.utils import min_version

min_version("9.27")


pathvars:
    results="build",


include: "rules/config.smk"


if has_config():

    configfile: "config.yaml"


include: "rules/common.smk"


# One rule file a stage: rules/timeline.smk, rules/stem.smk, … (scripts/stemwright/plan/stages says which there are).
for stage in stages.names():

    include: f"rules/{stage}.smk"


include: "rules/album.smk"
include: "rules/dataset.smk"
include: "rules/audit.smk"
include: "rules/measure.smk"
include: "rules/diff.smk"
include: "rules/new.smk"


# Every file that has a rule, not only the archive: what is missing anywhere is made again. With config's `solo`, that alone.
rule all:
    default_target: True
    input:
        lambda w: everything(),
    message:
        DONE


rule stems:
    input:
        lambda w: every("processed"),
    message:
        "every processed stem is built and verified"


rule masters:
    input:
        lambda w: every("master") + every("version_master") + every("delivery_master"),
    message:
        "every master is built and verified"


rule archives:
    input:
        lambda w: every("archive"),
    message:
        "every song is packed and verified"


rule albums:
    input:
        lambda w: every("album_archive"),
    message:
        "every album is packed and verified"


rule datasets:
    input:
        lambda w: every("index"),
    message:
        "every dataset is built, indexed and verified"


include: "rules/songs.smk"
