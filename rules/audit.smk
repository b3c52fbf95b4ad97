# Nothing to make: every built file is read again and held against its sentinel.
rule audit:
    params:
        artifacts=lambda w: [path for plan in plans() for path in plan.artifacts()],
        ledgers=lambda w: [plan.ledger(path) for plan in plans() for path in plan.artifacts()],
    log:
        "<logs>/audit.log",
    message:
        "hold every built file against its sentinel"
    script:
        "../scripts/audit.py"
