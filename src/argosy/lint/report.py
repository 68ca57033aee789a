"""Findings as JSON, and as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format)."""

from __future__ import annotations

from collections.abc import Sequence

from argosy import __version__
from argosy.lint.base import RULES, Finding, Severity
from argosy.resources.meta import Json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(findings: Sequence[Finding]) -> Json:
    """One object: `findings`, and how many there are of each severity."""
    return {
        "findings": [
            {
                "severity": each.severity.value,
                "rule": each.rule,
                "file": each.file,
                "line": each.line,
                "field": each.field,
                "message": each.message,
                "advice": each.advice,
                "excerpt": each.excerpt,
            }
            for each in findings
        ],
        "errors": count(findings, Severity.ERROR),
        "warnings": count(findings, Severity.WARNING),
    }


def as_sarif(findings: Sequence[Finding]) -> Json:
    """A log with one run, as code hosts take it."""
    used = sorted({each.rule for each in findings})
    driver = {
        "name": "argosy lint",
        "version": __version__,
        "rules": [{"id": rule, "shortDescription": {"text": RULES[rule]}} for rule in used],
    }
    results = [_result(each, used.index(each.rule)) for each in findings]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def count(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(each.severity is severity for each in findings)


def _result(finding: Finding, index: int) -> Json:
    told = f"{finding.field}: {finding.message}" if finding.field else finding.message
    place: dict[str, Json] = {"artifactLocation": {"uri": finding.file}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": f"{told}. {finding.advice}" if finding.advice else f"{told}."},
        "locations": [{"physicalLocation": place}],
    }
