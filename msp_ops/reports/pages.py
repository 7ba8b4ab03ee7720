"""Values -> one self-contained page: no script, nothing loaded, everything that a host said escaped."""

from base64 import b64encode
from hashlib import sha256

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from msp_ops.reports.content import MonthSummary, RunSummary
from msp_ops.reports.statement import StatementPage
from msp_ops.reports.words import printable


def _shown(value: object) -> object:
    """The last gate: whatever a template prints has no control or bidi characters left."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_LOADER = PackageLoader("msp_ops.reports")
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    loader=_LOADER,
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_run_summary(summary: RunSummary) -> str:
    """The completion summary of one maintenance as an HTML document."""
    return _render("run.html.j2", summary)


def render_month_summary(summary: MonthSummary) -> str:
    """The summary of one month as an HTML document."""
    return _render("month.html.j2", summary)


def render_statement(statement: StatementPage) -> str:
    """The statement of one month as an HTML document."""
    return _render("statement.html.j2", statement)


def _render(template: str, summary: RunSummary | MonthSummary | StatementPage) -> str:
    style = _LOADER.get_source(_ENVIRONMENT, "summary.css")[0]
    page = _ENVIRONMENT.get_template(template)
    return page.render(summary=summary, style=Markup(style), style_digest=_digest(style))  # noqa: S704  # our own file


def _digest(style: str) -> str:
    """As a content security policy names the one style sheet it allows."""
    return f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"
