"""What a host said last, for an error's text: whole lines, so that who masks secrets later meets no half of one."""

MOST = 300


def last_words(said: bytes) -> str:
    """The last whole lines of at most 300 bytes; of a longer last line only that it was there."""
    text = said.strip()
    if len(text) > MOST:
        _, cut, text = text[-MOST - 1 :].partition(b"\n")
        if not cut:
            return f"a line of more than {MOST} bytes"
    return text.decode(errors="replace").strip()
