# Variables: id. First line: how it stands; then the output.
stand
tell
