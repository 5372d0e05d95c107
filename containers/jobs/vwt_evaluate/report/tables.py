"""Writes the tables of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from ..evaluation import CANDIDATE, CHAMPION
from ..values import JsonObject
from .curves import NAMES

_UNDEFINED = "\u2013"
_OPERATORS = 50


@dataclass(frozen=True)
class Measure:
    """A row of the headline table.

    Attributes:
        name: The row's name on the page.
        hint: The better direction, if there is one.
        path: Members from the metrics to the value.
        text: Formats the value.
        compared: Members from a difference to its value, if it has one.
    """

    name: str
    hint: str
    path: tuple[str, ...]
    text: Callable[[float], str]
    compared: tuple[str, ...] | None = None


def plain(value: float) -> str:
    """Formats a number with four decimals."""
    return f"{value:.4f}"


def share(value: float) -> str:
    """Formats a share as per cent."""
    return f"{value * 100:.1f} %"


def count(value: float) -> str:
    """Formats a whole number with thin spaces."""
    return f"{value:,.0f}".replace(",", "\u2009")


def amount(value: float) -> str:
    """Formats an amount with three decimals."""
    return f"{value:,.3f}".replace(",", "\u2009")


_HIGH, _LOW = "higher is better", "lower is better"

BINARY = (
    Measure("AUROC", _HIGH, ("auroc",), plain, ("auroc",)),
    Measure("Average precision", _HIGH, ("averagePrecision",), plain, ("averagePrecision",)),
    Measure("Recall at the alert budget", _HIGH, ("alert", "recall"), share, ("alert", "recall")),
    Measure("Precision at the alert budget", _HIGH, ("alert", "precision"), share, ("alert", "precision")),
    Measure("Alerts", "", ("alert", "alerts"), count),
    Measure("Threshold", "", ("alert", "threshold"), plain),
    Measure("Brier score", _LOW, ("brier",), plain, ("brier",)),
    Measure("Log loss", _LOW, ("logLoss",), plain, ("logLoss",)),
    Measure(
        "Expected calibration error",
        _LOW,
        ("calibration", "expectedCalibrationError"),
        plain,
        ("calibration", "expectedCalibrationError"),
    ),
    Measure("Calibration slope", "near 1 is better", ("calibration", "slope"), plain),
    Measure("Calibration intercept", "near 0 is better", ("calibration", "intercept"), plain),
    Measure("Mean score", "", ("meanScore",), plain),
)
REGRESSION = (
    Measure("Tweedie deviance", _LOW, ("tweedieDeviance",), amount, ("tweedieDeviance",)),
    Measure("Gini", _HIGH, ("gini",), plain, ("gini",)),
    Measure("Sum of scores over sum of amounts", "near 1 is better", ("ratioOfSums",), amount),
    Measure("Mean absolute error", _LOW, ("mae",), amount, ("mae",)),
    Measure("Root mean squared error", _LOW, ("rmse",), amount, ("rmse",)),
    Measure("Mean error", "near 0 is better", ("meanError",), amount),
    Measure("Lift of the top 10 %", _HIGH, ("topDecileLift",), amount, ("topDecileLift",)),
    Measure("Spearman correlation", _HIGH, ("spearman",), plain, ("spearman",)),
    Measure("Calibration error", _LOW, ("calibration", "expectedCalibrationError"), amount),
    Measure("Mean score", "", ("meanScore",), amount),
)
_GROUP_COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "rows": ("Rows", count),
    "positives": ("Label 1", count),
    "meanLabel": ("Observed", plain),
    "meanScore": ("Mean score", plain),
    "auroc": ("AUROC", plain),
    "recall": ("Recall", share),
    "alertShare": ("Alerted", share),
    "mae": ("Mean absolute error", amount),
    "meanError": ("Mean error", amount),
}
_ATTRIBUTES = {"ageBand": "Age band", "gender": "Gender", "country": "Country", "split": "Split of the player"}


def _at(tree: JsonObject, path: tuple[str, ...]) -> object:
    value: object = tree
    for member in path:
        value = value[member] if isinstance(value, dict) else None
    return value


def _cell(value: object, text: Callable[[float], str]) -> str:
    """Formats a value, or an estimate with its interval."""
    if isinstance(value, dict):
        low, high = value["low"], value["high"]
        bounds = f"<small>{_cell(low, text)} to {_cell(high, text)}</small>" if None not in (low, high) else ""
        return _cell(value["value"], text) + bounds
    return text(value).replace("-", "\u2212") if isinstance(value, (int, float)) else _UNDEFINED


def _signed(text: Callable[[float], str]) -> Callable[[float], str]:
    return lambda value: ("+" if value > 0 else "") + text(value)


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Writes a table whose cells are HTML and whose first column holds the rows' names."""
    columns = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{columns}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def headline(result: JsonObject, measures: Sequence[Measure]) -> str:
    """Writes candidate, champion and baselines side by side."""
    scorers = {
        name: result[name]["metrics"] for name in (CANDIDATE, CHAMPION) if result[name] and "metrics" in result[name]
    }
    versions = {name: f"<br><small>{escape(str(result[name]['version']))}</small>" for name in scorers}
    scorers |= {name: each["metrics"] for name, each in result["baselines"].items()}
    difference = result["differences"][CHAMPION]
    head = ["", *(NAMES.get(name, escape(name)) + versions.get(name, "") for name in scorers)]
    if difference:
        head.append("Candidate \u2212 champion")
    rows = []
    for measure in measures:
        hint = f"<br><small>{measure.hint}</small>" if measure.hint else ""
        row = [measure.name + hint, *(_cell(_at(each, measure.path), measure.text) for each in scorers.values())]
        if difference:
            signed = _signed(measure.text)
            row.append(_cell(_at(difference, measure.compared), signed) if measure.compared else "")
        rows.append(row)
    return _table("All scorers on the same rows; 95 % confidence intervals in small print", head, rows)


_PLACES = {"below": "below its bounds", "within": "within", "above": "above its bounds"}


def risk_groups(model: JsonObject, name: str) -> str:
    """Writes a model's groups of risk with the rates observed in them."""
    rows = [
        [
            escape(each["group"]),
            f"{plain(each['from'])} to {plain(each['to'])}",
            count(each["rows"]),
            share(each["share"]),
            _cell(each["meanScore"], plain),
            _cell(each["observed"], plain),
            _PLACES.get(each["place"], _UNDEFINED),
        ]
        for each in model["metrics"]["riskGroups"]["groups"]
    ]
    head = ["Group", "Scores", "Rows", "Share", "Mean score", "Observed", "Observed rate is"]
    return _table(f"Groups of risk, {name}", head, rows)


def operators(rows: Sequence[JsonObject]) -> str:
    """Writes the labels of each operator's records."""
    largest = sorted(rows, key=lambda each: -(each["labelled"] + each["unlabelled"]))[:_OPERATORS]
    body = [
        [
            escape(each["operator"]),
            count(each["labelled"]),
            _rate(each["positives"], each["labelled"]),
            count(each["observed"]),
            _rate(each["observedPositives"], each["observed"]),
            count(each["players"]),
            count(each["unlabelled"]),
        ]
        for each in largest
    ]
    more = len(rows) - len(largest)
    caption = "Labels by operator; observed are those that nobody judged" + (f"; {more} operators more" if more else "")
    head = ["Operator", "Labelled", "Above 0", "Observed", "Above 0", "Of players", "Without label"]
    return _table(caption, head, body) if body else ""


def _rate(part: int, whole: int) -> str:
    return share(part / whole) if whole else _UNDEFINED


def subgroups(model: JsonObject, name: str) -> str:
    """Writes a model's metrics by group, one table for each attribute."""
    tables = []
    for attribute, found in model["subgroups"].items():
        if not found["groups"]:
            continue
        members = [member for member in _GROUP_COLUMNS if member in found["groups"][0]]
        texts = {member: _GROUP_COLUMNS[member][1] for member in members}
        rows = [
            [escape(each["group"]), *(_cell(each[member], text) for member, text in texts.items())]
            for each in found["groups"]
        ]
        gap_of, gap_text = _GROUP_COLUMNS[found["gapOf"]]
        gap = f"gap of {gap_of.lower()} {_cell(found['gap'], gap_text)}"
        omitted = found["omitted"]
        note = (
            f"; {omitted['groups']} groups too small to show, {count(omitted['rows'])} rows" if omitted["rows"] else ""
        )
        caption = f"{_ATTRIBUTES.get(attribute, escape(attribute))}, {name}: {gap}{note}"
        tables.append(_table(caption, ["Group", *(_GROUP_COLUMNS[member][0] for member in members)], rows))
    return "".join(tables)
