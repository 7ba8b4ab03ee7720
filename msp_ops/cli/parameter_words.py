"""What a parameter takes, as a person reads it."""

from msp_ops.domain.binding import expected
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.parameters import GivenFile, Parameter, Secret, takes_many


def is_required(parameter: Parameter) -> bool:
    return default_words(parameter) is None


def default_words(parameter: Parameter) -> str | None:
    """The default as it would be typed; None where a value must be given."""
    match None if isinstance(parameter, Secret | GivenFile) else parameter.default:
        case None:
            return None
        case bool() as flag:
            return "yes" if flag else "no"
        case str() | int() as plain:
            return ", ".join(str(plain).splitlines()) or "nothing"
        case span:
            return spell_duration(span)


def parameter_words(parameter: Parameter) -> str:
    """Its kind, what fits, and what it is when nobody says it."""
    default, fits = default_words(parameter), expected(parameter)
    kind = "" if fits.startswith(parameter.kind) else f"{parameter.kind}: "
    many = "; may be given several times" if takes_many(parameter) else ""
    return f"{kind}{fits}{many}; {'required' if default is None else f'default: {default}'}"
