from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Permanent
from argosy.rules.kustomization import SetImage, commit_message
from argosy.rules.kustomization_edit import set_images

APP = SetImage("app", new_tag="v2")


def edited(text: str, *images: SetImage) -> str:
    return set_images(text.encode(), images or [APP])[0].decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# head\nimages:\n  # the app\n  - name: app # keep\n    newTag: v1 # tag\n# tail\n",
            "# head\nimages:\n  # the app\n  - name: app # keep\n    newTag: v2 # tag\n# tail\n",
            id="a value changes and its comments stay",
        ),
        pytest.param(
            "images:\n- name: app # keep\n- name: db\n",
            "images:\n- name: app # keep\n  newTag: v2\n- name: db\n",
            id="a field comes below the name",
        ),
        pytest.param(
            "images:\n- name: app\n  digest: sha256:ab # pinned\n  newName: other\n- name: db\n",
            "images:\n- name: app\n  newTag: v2\n- name: db\n",
            id="fields that are not set go, with their comments",
        ),
        pytest.param(
            "images:\n- newName: other\n  digest: sha256:ab\n  name: app\n",
            "images:\n- name: app\n  newTag: v2\n",
            id="a field beside the dash goes",
        ),
        pytest.param(
            "images:\n- name: app\n  newTag: v1\n  tagSuffix: -alpine\n",
            "images:\n- name: app\n  newTag: v2\n",
            id="a suffix of the old tag goes",
        ),
        pytest.param(
            "images:\n  - name: db\n\n# next\nresources: []\n",
            "images:\n  - name: db\n  - name: app\n    newTag: v2\n\n# next\nresources: []\n",
            id="an entry comes below the last",
        ),
        pytest.param("images:\n- name: db", "images:\n- name: db\n- name: app\n  newTag: v2", id="no line end"),
        pytest.param(
            "images: [] # none\nx: 1\n", "images: # none\n- name: app\n  newTag: v2\nx: 1\n", id="an empty list"
        ),
        pytest.param("images:\nx: 1\n", "images:\n- name: app\n  newTag: v2\nx: 1\n", id="a key without value"),
        pytest.param(
            "resources:\n  - a.yaml\n  # more\n",
            "resources:\n  - a.yaml\n  # more\nimages:\n  - name: app\n    newTag: v2\n",
            id="no key, lists are indented",
        ),
        pytest.param("x: 1", "x: 1\nimages:\n- name: app\n  newTag: v2\n", id="no key and no line end"),
        pytest.param("x: 1\n---\ny: 1\n", "x: 1\nimages:\n- name: app\n  newTag: v2\n---\ny: 1\n", id="two documents"),
        pytest.param(
            "images: [{name: app, newTag: v1}, {name: db}]\n",
            "images: [{name: app, newTag: v2}, {name: db}]\n",
            id="a flow list, a value changes",
        ),
        pytest.param(
            "images: [{name: db}] # x\n", "images: [{name: db}, {name: app, newTag: v2}] # x\n", id="a flow list grows"
        ),
        pytest.param(
            "images:\n- {name: app, digest: 'sha256:ab'} # x\n- name: db\n",
            "images:\n- {name: app, newTag: v2} # x\n- name: db\n",
            id="a flow entry loses one field and gets another",
        ),
        pytest.param(
            '{"resources": ["x"]}\n',
            '{"resources": ["x"], "images": [{"name": "app", "newTag": "v2"}]}\n',
            id="JSON",
        ),
        pytest.param("{}\n", '{"images": [{"name": "app", "newTag": "v2"}]}\n', id="empty JSON"),
        pytest.param(
            "images:\r\n- name: app\r\nx: 1\r\n", "images:\r\n- name: app\r\n  newTag: v2\r\nx: 1\r\n", id="CRLF"
        ),
        pytest.param("\ufeffimages:\n- name: app\n", "\ufeffimages:\n- name: app\n  newTag: v2\n", id="a mark"),
        pytest.param(
            "images:\n- name: app\n  newTag: v1\n- name: db\n- name: app\n  newTag: v0\nx: 1 # x\n",
            "images:\n- name: app\n  newTag: v2\n- name: db\nx: 1 # x\n",
            id="a second entry of the name goes",
        ),
        pytest.param(
            "images:\n- name: app\n  newName: >-\n    other\n- name: db\n",
            "images:\n- name: app\n  newTag: v2\n- name: db\n",
            id="a block scalar goes",
        ),
    ],
)
def test_an_image_is_set(before: str, after: str) -> None:
    assert edited(before) == after
    assert edited(after) == after


@pytest.mark.parametrize(
    ("last", "after"),
    [
        pytest.param("  newTag: v1 # x\n", "  newTag: v2 # x\n", id="a value changes"),
        pytest.param("  digest: sha256:ab # x\n", "", id="a field goes"),
        pytest.param("", "  newTag: v2\n", id="a field comes"),
    ],
)
def test_an_entry_comes_below_one_that_changes(last: str, after: str) -> None:
    before = f"images:\n- name: app # ours\n{last}# tail\n"
    images = (SetImage("app", new_tag="v2" if after else "*"), SetImage("db", new_tag="v9"))
    assert edited(before, *images) == f"images:\n- name: app # ours\n{after}- name: db\n  newTag: v9\n# tail\n"


def test_a_text_stays_a_text() -> None:
    assert edited("images:\n- name: app\n  newTag: 1.10\n", SetImage("app", new_tag="1.10")).endswith(
        'newTag: "1.10"\n'
    )
    assert edited("x: 1\n", SetImage("app", new_tag="1e3")).endswith('newTag: "1e3"\n')


@pytest.mark.parametrize(
    ("image", "after"),
    [
        pytest.param(SetImage("app", new_tag="v2"), {"newTag": "v2"}, id="what was said is dropped"),
        pytest.param(SetImage("app", "*", "v2"), {"newName": "other", "newTag": "v2"}, id="a name is kept"),
        pytest.param(SetImage("app", "new", "*"), {"newName": "new", "newTag": "v1"}, id="a tag is kept"),
        pytest.param(SetImage("app", digest="*"), {"digest": "sha256:ab"}, id="a digest is kept"),
        pytest.param(
            SetImage("app", new_tag="v2", digest="sha256:cd"), {"newTag": "v2", "digest": "sha256:cd"}, id="both"
        ),
    ],
)
def test_a_star_keeps_what_is_there(image: SetImage, after: dict[str, str]) -> None:
    text = edited("images:\n- name: app\n  newName: other\n  newTag: v1\n  digest: sha256:ab\n", image)
    assert yaml.safe_load(text) == {"images": [{"name": "app", **after}]}


def test_a_star_without_anything_to_keep_says_nothing() -> None:
    content, images = set_images(b"x: 1\n", [SetImage("app", "*", "v2", "*")])
    assert yaml.safe_load(content)["images"] == [{"name": "app", "newTag": "v2"}]
    assert commit_message("base", images.set.values()) == "Updated base to use new image\n\n- app:v2"


def test_a_message_lists_what_was_set_by_name() -> None:
    images = [SetImage("b", "c", "v1", "sha256:ab"), SetImage("a", new_tag="v2")]
    assert commit_message("./base", images) == "Updated ./base to use new images\n\n- a:v2\n- c:v1@sha256:ab"
    assert commit_message("./base", []) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "holds no mapping", id="nothing"),
        pytest.param("- a\n", "holds no mapping", id="a list"),
        pytest.param("images: {a: b}\n", "the value of images cannot be read", id="a mapping of images"),
        pytest.param("images: 3\n", "the value of images cannot be read", id="a number"),
        pytest.param("images:\n- app\n", r"images\[0\] cannot be read", id="texts"),
        pytest.param("images:\n- newTag: v1\n", r"images\[0\] cannot be read", id="no name"),
        pytest.param("images:\n- name: [a]\n", "line 2 cannot be read", id="a name that is a list"),
        pytest.param("a: &x {name: app}\nimages:\n- *x\n", r"images\[0\] cannot be read", id="an alias"),
        pytest.param("a: &x [{name: app}]\nimages: *x\n", "the value of images cannot be read", id="an alias of all"),
        pytest.param(
            "images:\n- name: app\n  newName: &n other\nx: *n\n", "without touching what surrounds", id="an anchor goes"
        ),
        pytest.param("images: [\n", "the file is no YAML", id="no YAML"),
        pytest.param("x: " + "[" * 300, "nested deeper", id="deep"),
    ],
)
def test_what_cannot_be_set_is_refused(text: str, says: str) -> None:
    with pytest.raises(Permanent, match=says):
        edited(text)


NAMES = st.sampled_from(["app", "db", "registry:5000/a/b", "yes", "1.0"])
VALUES = st.sampled_from(["", "v1", "1.10", "sha256:ab", "no", "*", "~", "a: b", "0x1f"])
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES}, optional={key: VALUES.filter(bool) for key in ("newName", "newTag", "digest")}
    ),
    unique_by=lambda entry: entry["name"],
)


@given(
    ENTRIES,
    st.lists(st.builds(SetImage, NAMES, VALUES, VALUES, VALUES), max_size=3),
    st.sampled_from([None, True, False]),
)
def test_every_list_becomes_what_is_meant(
    entries: list[dict[str, str]], images: list[SetImage], flow: bool | None
) -> None:
    document = {"kind": "Kustomization", "images": entries, "resources": ["a.yaml"]}
    text = "# head\n" + yaml.safe_dump(document, sort_keys=False, default_flow_style=flow) + "# tail\n"
    after = edited(text, *images) if images else text
    wanted = {image.name: image for image in images}
    kept = {entry["name"]: entry for entry in entries}
    meant = {
        name: wanted[name].over(kept.get(name, {})).entry if name in wanted else kept[name] for name in kept | wanted
    }
    read = yaml.safe_load(after)
    assert {entry["name"]: entry for entry in read["images"] or []} == meant
    assert {**read, "images": 0} == {**document, "images": 0}
    assert after.startswith("# head\n")
    assert after.endswith("# tail\n")
