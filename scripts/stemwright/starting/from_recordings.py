def from_recordings(rules, schema):
    return "", []
