"""Faults of configurations are told in words that name the setting as it is written."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from argosy.steps.catalogue import all_steps
from argosy.steps.config_fault import config_faults

# step, configuration, what is told
CASES = [
    ("git-commit", {"message": "m"}, ["path is missing"]),
    (
        "git-commit",
        {"path": "a", "mesage": "m"},
        ["message is missing", "mesage is not a setting (did you mean 'message'?)"],
    ),
    ("git-commit", {"path": 1, "message": "m"}, ["path: must be a text"]),
    ("git-commit", {"path": "", "message": "m"}, ["path: must not be empty"]),
    (
        "git-commit",
        {"path": "a", "message": "m", "author": {"name": "A", "email": "e@x", "emial": "x"}},
        ["author.emial is not a setting (did you mean 'email'?)"],
    ),
    (
        "git-commit",
        {"path": "a", "message": "m", "author": {"name": "A", "email": "e"}},
        [r"author.email: must match ^[^@\s<>]+@[^@\s<>]+$"],
    ),
    ("git-clone", {"repoURL": "https://x/y", "checkout": {}}, ["checkout: must be a list"]),
    ("git-clone", {"repoURL": "https://x/y", "checkout": []}, ["checkout: must not be empty"]),
    (
        "git-clone",
        {"repoURL": "https://x/y", "checkout": [{"path": "a", "foo": 1}]},
        ["checkout[0].foo is not a setting"],
    ),
    (
        "kustomize-build",
        {"path": "a", "outPath": "b", "outputFormat": "c"},
        ["outputFormat: must be one of 'kargo' or 'kustomize'"],
    ),
    (
        "kustomize-set-image",
        {"path": "a", "images": [{"image": "x", "tag": "1", "digest": "2"}]},
        ["images[0]: give either tag or digest"],
    ),
]


@pytest.mark.parametrize(("step", "config", "told"), CASES)
def test_a_fault_names_the_setting_and_what_is_wrong(step: str, config: dict[str, Any], told: list[str]) -> None:
    model = all_steps()[step].config
    with pytest.raises(ValidationError) as caught:
        model.model_validate(config)
    assert list(config_faults(caught.value, model).values()) == told
