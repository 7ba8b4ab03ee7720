# Variables: id.
close_it
stand
tell
