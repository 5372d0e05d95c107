"""Builds the page: one HTML file that needs no script and no other file."""

from __future__ import annotations

from html import escape

from ..evaluation import BINARY, CANDIDATE, CHAMPION, EvaluationResult
from ..subgroups import LEAST_ROWS
from ..values import JsonObject
from . import curves, tables

_STYLE = """
:root{color-scheme:light dark;--back:#fbfbfc;--card:#fff;--text:#1c2026;--soft:#5b6472;--line:#e0e3e8;
--candidate:#1f6feb;--champion:#c4620a;--baseline:#79808c;--other:#a3aab5}
@media (prefers-color-scheme:dark){:root{--back:#15181d;--card:#1d2127;--text:#e6e8eb;--soft:#9aa3af;--line:#343a43;
--candidate:#6aa6ff;--champion:#f0a04b;--baseline:#9aa3af;--other:#6b7480}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:2rem 1.25rem 4rem;background:var(--back);color:var(--text);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:0 0 .5rem}small{font-weight:400}small,figcaption,.soft{color:var(--soft);font-size:.82rem}
.facts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0 1.5rem;padding:0}
.facts div{display:flex;flex-direction:column}.facts dt{color:var(--soft);font-size:.8rem}
.facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;margin:0 0 1.25rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.7rem .9rem .4rem;color:var(--soft);font-size:.85rem}
th,td{padding:.45rem .9rem;text-align:right;vertical-align:top;border-top:1px solid var(--line);white-space:nowrap}
th{font-weight:600}th:first-child{text-align:left}td small{display:block}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(330px,1fr));gap:1.25rem}
figure{margin:0;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:8px}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:11px}svg text.label{font-size:12px}
svg path{fill:none;stroke-width:2;stroke-linejoin:round}svg .grid{stroke:var(--line);stroke-width:1}
svg .diagonal{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 4}
svg path.candidate{stroke:var(--candidate)}svg path.champion{stroke:var(--champion)}
svg path.baseline{stroke:var(--baseline);stroke-dasharray:6 3}svg path.other{stroke:var(--other)}
svg circle.candidate{fill:var(--candidate)}svg circle.champion{fill:var(--champion)}
svg path.area{stroke-width:1.5}svg path.candidate.area{fill:var(--candidate);fill-opacity:.25}
svg path.other.area{fill:var(--other);fill-opacity:.35}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:.5rem 0;padding:0;font-size:.85rem}
.legend li::before{content:"";display:inline-block;width:1.4em;border-top:3px solid;margin-right:.5em;
vertical-align:middle}
.legend .candidate::before{border-color:var(--candidate)}.legend .champion::before{border-color:var(--champion)}
.legend .baseline::before{border-color:var(--baseline);border-top-style:dashed}
.legend .other::before{border-color:var(--other)}
.note{border-left:4px solid var(--champion);padding:.5rem 1rem;background:var(--card)}
details{margin-top:.5rem}summary{cursor:pointer;color:var(--soft)}
@media print{body{background:#fff}.scroll,figure{break-inside:avoid}}
"""
_BINARY_NOTES = f"""
<dt>AUROC</dt><dd>How often a player with label 1 scores above one with label 0. Intervals by DeLong, the difference
on paired rows.</dd>
<dt>Alert budget</dt><dd>At most this share of the players raises an alert, those with the highest scores; players with
equal scores at the limit count in proportion.</dd>
<dt>Base rate, age only</dt><dd>Scores without a model: the rate of label 1 in the validation data, for all or by age
band.</dd>
<dt>Groups of risk</dt><dd>A score puts a player into one. It means what it says when the rate of label 1 that was
observed in the group lies within its bounds; outside is a group whose whole interval does not (Wilson's, the rows of a
player as one).</dd>
<dt>Groups</dt><dd>Shown from {LEAST_ROWS} rows with both labels. Recall is at the one threshold of all players; the
gap is the largest difference of it between known groups.</dd>
"""
_REGRESSION_NOTES = f"""
<dt>Intervals</dt><dd>By a seeded bootstrap over the same resampled players for all scorers.</dd>
<dt>Lift of the top 10 %</dt><dd>The share of the whole amount that the tenth of the players with the highest scores
brings, divided by 10 %.</dd>
<dt>Mean, median</dt><dd>Scores without a model, from the validation data.</dd>
<dt>Groups</dt><dd>Shown from {LEAST_ROWS} rows. The gap is the largest difference of the mean error between known
groups.</dd>
"""


def page(evaluated: EvaluationResult) -> str:
    """Returns the HTML text."""
    result = evaluated.result
    is_binary = result["task"] == BINARY
    title = f"Evaluation of {escape(result['model'])}"
    champion = result[CHAMPION]
    parts = [
        f"<h1>{title}</h1>",
        _facts(result, champion),
        _champion_note(champion),
        tables.headline(result, tables.BINARY if is_binary else tables.REGRESSION),
        _out_of_time(result),
        f'<h2>Charts</h2><div class="charts">{(curves.binary if is_binary else curves.regression)(evaluated)}</div>',
        _risk_groups(result[CANDIDATE], champion),
        _groups(result[CANDIDATE], champion),
        _records(result["records"]),
        f"<h2>How to read this</h2><dl>{_BINARY_NOTES if is_binary else _REGRESSION_NOTES}</dl>",
    ]
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _facts(result: JsonObject, champion: JsonObject | None) -> str:
    data = result["data"]
    facts = {
        "Candidate": escape(result[CANDIDATE]["version"]),
        "Champion": escape(str(champion["version"])) if champion else "none",
        "Test rows": _used(data["rows"], data["rowsAvailable"]),
    }
    if result["task"] == BINARY:
        if result["horizonDays"] is not None:
            facts["Horizon"] = f"{result['horizonDays']} days"
        facts["Label 1"] = f"{tables.count(data['positives'])} ({tables.share(data['meanLabel'])})"
        facts["Alert budget"] = tables.share(result[CANDIDATE]["metrics"]["alert"]["budget"])
    else:
        facts["Mean amount"] = tables.amount(data["meanLabel"])
    facts["Validation rows"] = _used(data["validationRows"], data["validationRowsAvailable"])
    facts["Features"] = tables.count(data["features"])
    return f'<dl class="facts">{"".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in facts.items())}</dl>'


def _out_of_time(result: JsonObject) -> str:
    """Tells what the latest records say, beside what held-out players' say."""
    latest = result["outOfTime"]
    heading = "<h2>Out of time</h2>"
    if "unmeasured" in latest:
        return f'{heading}<p class="note">The latest records cannot be tested with: {escape(latest["unmeasured"])}.</p>'
    is_binary, data = result["task"] == BINARY, latest["data"]
    told = f"{_used(data['rows'], data['rowsAvailable'])} rows of {tables.count(data['players'])} players"
    mean = f"label 1: {tables.share(data['meanLabel'])}" if is_binary else f"mean: {tables.amount(data['meanLabel'])}"
    return (
        f"{heading}<p>The latest records, from {latest['from']} on, of all players: {told}, {mean}. They were neither "
        "trained on nor validated with; earlier records of the same players were.</p>"
        + tables.headline(latest, tables.BINARY if is_binary else tables.REGRESSION)
        + _groups(latest[CANDIDATE], latest[CHAMPION], "h3")
    )


def _used(rows: int, available: int) -> str:
    return tables.count(rows) if rows == available else f"{tables.count(rows)} of {tables.count(available)}"


def _champion_note(champion: JsonObject | None) -> str:
    if champion is None:
        return '<p class="note">There is no champion to compare with.</p>'
    if "incomparable" in champion:
        return f'<p class="note">The champion cannot score these rows: {escape(champion["incomparable"])}</p>'
    return ""


def _records(records: JsonObject | None) -> str:
    if records is None:
        return ""
    reasons = "".join(
        f"<li>{tables.count(each['lines'])} \u00d7 {escape(each['reason'])} "
        f'<span class="soft">first in {escape(each["key"])}, line {each["line"]}</span></li>'
        for each in records["reasons"]
    )
    shown = f"<ul>{reasons}</ul>" if reasons else ""
    return f"<h2>Records</h2><p>{escape(records['inWords'])}</p>{shown}{tables.operators(records.get('operators', []))}"


def _risk_groups(candidate: JsonObject, champion: JsonObject | None) -> str:
    if "riskGroups" not in candidate["metrics"]:
        return ""
    outside = candidate["metrics"]["riskGroups"]["inWords"]
    note = f'<p class="note">Scores do not mean what they say: {escape(outside)}.</p>' if outside else ""
    shown = tables.risk_groups(candidate, "candidate")
    if champion and "metrics" in champion:
        shown += f"<details><summary>Champion</summary>{tables.risk_groups(champion, 'champion')}</details>"
    return f"<h2>Groups of risk</h2>{note}{shown}"


def _groups(candidate: JsonObject, champion: JsonObject | None, heading: str = "h2") -> str:
    shown = tables.subgroups(candidate, "candidate")
    if not shown:
        return ""
    if champion and "subgroups" in champion:
        shown += f"<details><summary>Champion</summary>{tables.subgroups(champion, 'champion')}</details>"
    return f"<{heading}>Groups of players</{heading}>{shown}"
