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


# Every file that has a rule, not only the archive: what is missing anywhere is made again.
rule all:
    default_target: True
    input:
        lambda w: [file for song in plans() for file in song.targets()],
    message:
        "every song is built, verified and packed"


rule stems:
    input:
        lambda w: [file for song in plans() for file in with_sentinels(song.all_processed())],
    message:
        "every processed stem is built and verified"


rule masters:
    input:
        lambda w: [file for song in plans() for file in with_sentinels([song.master])],
    message:
        "every master is built and verified"


rule archives:
    input:
        lambda w: [file for song in plans() for file in with_sentinels([song.archive])],
    message:
        "every song is packed and verified"


include: "rules/songs.smk"
