"""The rule of refused credentials, without a store."""

from msp_ops.domain.barred import Barred


class MemoryBreaker:
    """Bars a credential after so many refusals or open claims."""

    def __init__(self, at_most: int = 2) -> None:
        self.refusals: list[tuple[str, str]] = []
        self._at_most = at_most

    def refused_before(self, credential_key: str) -> Barred | None:
        refused = [who for key, who in self.refusals if key == credential_key]
        if len(refused) < self._at_most:
            return None
        return Barred(why=f"{' and '.join(refused)} refused it", soon=False)

    def claim(self, credential_key: str, who: str) -> Barred | None:
        barred = self.refused_before(credential_key)
        if barred is None:
            self.note_refusal(credential_key, who)
        return barred

    def release(self, credential_key: str, who: str) -> None:
        self.refusals.remove((credential_key, who))

    def note_refusal(self, credential_key: str, who: str) -> None:
        self.refusals.append((credential_key, who))
