"""No path leaves the tree, by `..`, an absolute path, a link or `.git`."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.clients.files import Tree
from argosy.errors import Permanent
from argosy.testing.deep import make_deep


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root = tmp_path / "work"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.txt").write_text("a")
    (tmp_path / "outside.txt").write_text("secret")
    return Tree(root)


@pytest.mark.parametrize(
    "path", ["src/a.txt", "/src/a.txt", "../src/a.txt", "src/../../../src/./a.txt", "//src//a.txt"]
)
def test_paths_are_clamped_to_the_tree(tree: Tree, path: str) -> None:
    assert tree.read(path) == b"a"


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.txt", "../../../../etc/passwd"])
def test_a_link_that_points_out_means_the_same_path_inside(tree: Tree, target: str) -> None:
    (tree.root / "link").symlink_to(target)
    with pytest.raises(Permanent, match="no file link"):
        tree.read("link")
    tree.write("link", b"mine")
    assert (tree.root.parent / "outside.txt").read_text() == "secret"
    assert tree.resolve("link").read_bytes() == b"mine"
    assert tree.resolve("link").is_relative_to(tree.root)


def test_writing_through_a_linked_folder_stays_inside(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tree.root / "out").symlink_to(tmp_path / "elsewhere")
    tree.write("out/file", b"x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_inside_the_tree_is_followed(tree: Tree) -> None:
    (tree.root / "alias").symlink_to("src")
    assert tree.read("alias/a.txt") == b"a"


def test_a_loop_of_links_is_refused(tree: Tree) -> None:
    (tree.root / "one").symlink_to("two")
    (tree.root / "two").symlink_to("one")
    with pytest.raises(Permanent, match="too many symbolic links"):
        tree.read("one/x")


@pytest.mark.parametrize("path", [".git", ".git/config", "src/.GIT/hooks/post-commit", "src/../.git/x"])
def test_the_files_of_git_are_refused(tree: Tree, path: str) -> None:
    for act in (tree.read, tree.delete, lambda name: tree.write(name, b"x"), lambda name: tree.copy("src", name)):
        with pytest.raises(Permanent, match="Git's own files"):
            act(path)


@pytest.mark.parametrize("path", ["n" * 300, f"src/{'n' * 300}/x", "n/" * 3000], ids=["name", "folder", "path"])
def test_what_is_too_long_is_told_without_where_the_tree_is(tree: Tree, path: str) -> None:
    for act in (tree.read, tree.delete, lambda name: tree.write(name, b"x"), lambda name: tree.copy("src", name)):
        with pytest.raises(Permanent, match="too long") as told:
            act(path)
        assert str(tree.root) not in str(told.value)


def test_a_link_into_git_is_refused(tree: Tree) -> None:
    (tree.root / ".git").mkdir()
    (tree.root / "sly").symlink_to(".git")
    with pytest.raises(Permanent):
        tree.write("sly/config", b"[core]")


def test_deleting_a_link_deletes_the_link_and_not_what_it_names(tree: Tree) -> None:
    (tree.root / "alias").symlink_to("src")
    tree.delete("alias")
    assert not (tree.root / "alias").is_symlink()
    assert (tree.root / "src" / "a.txt").exists()


@pytest.mark.parametrize("path", [".", "/", "..", "src/..", ""])
def test_the_tree_itself_cannot_be_deleted(tree: Tree, path: str) -> None:
    with pytest.raises(Permanent, match="itself"):
        tree.delete(path)
    assert tree.read("src/a.txt") == b"a"


def test_deleting_what_is_missing_is_fine_unless_strict(tree: Tree) -> None:
    tree.delete("nothing")
    with pytest.raises(Permanent, match="no file nothing"):
        tree.delete("nothing", strict=True)


def test_copying_a_folder_leaves_out_git_and_links_that_lead_out(tree: Tree) -> None:
    (tree.root / "src" / ".git").mkdir()
    (tree.root / "src" / ".git" / "config").write_text("x")
    (tree.root / "src" / "out").symlink_to("../../outside.txt")
    (tree.root / "src" / "in").symlink_to("a.txt")
    tree.copy("src", "dst")
    assert sorted(os.listdir(tree.root / "dst")) == ["a.txt", "in"]
    assert (tree.root / "dst" / "in").is_symlink()


def test_copying_a_folder_into_itself_is_refused(tree: Tree) -> None:
    with pytest.raises(Permanent, match="into itself"):
        tree.copy("src", "src/inner")


def test_special_files_are_not_read(tree: Tree) -> None:
    os.mkfifo(tree.root / "pipe")
    with pytest.raises(Permanent, match="not a regular file"):
        tree.read("pipe")


def test_writing_keeps_the_mode_of_a_file(tree: Tree) -> None:
    (tree.root / "run.sh").write_text("old")
    (tree.root / "run.sh").chmod(0o755)
    tree.write("run.sh", b"new")
    assert (tree.root / "run.sh").stat().st_mode & 0o777 == 0o755


def test_a_missing_file_is_told_with_what_is_there(tree: Tree) -> None:
    with pytest.raises(Permanent, match=r"src holds a\.txt"):
        tree.read("src/b.txt")


@given(st.lists(st.sampled_from(["..", ".", "", "src", "a.txt", "link", "up", "abs", "new"]), max_size=8))
def test_no_path_resolves_outside(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    root = tmp_path_factory.getbasetemp() / "resolve"
    root.mkdir(exist_ok=True)
    for name, target in {"link": "src", "up": "../..", "abs": "/etc"}.items():
        if not (root / name).is_symlink():
            (root / name).symlink_to(target)
    try:
        found = Tree(root).resolve("/".join(parts))
    except Permanent:
        return
    assert found.is_relative_to(root)
    assert Path(os.path.realpath(found)).is_relative_to(os.path.realpath(root))


def test_what_a_link_with_the_name_of_our_draft_names_stays(tree: Tree, tmp_path: Path) -> None:
    (tree.root / "src" / ".a.txt.argosy-draft").symlink_to(tmp_path / "outside.txt")
    tree.write("src/a.txt", b"new")
    assert (tmp_path / "outside.txt").read_text() == "secret"
    assert tree.read("src/a.txt") == b"new"
    assert os.listdir(tree.root / "src") == ["a.txt"]


def test_copying_goes_through_no_link_out_of_the_tree(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    tree.write("src/in/b.txt", b"b")
    tree.write("dst/keep", b"")
    (tree.root / "dst" / "in").symlink_to(tmp_path / "elsewhere")
    (tree.root / "dst" / "a.txt").symlink_to(tmp_path / "outside.txt")
    tree.copy("src/a.txt", "dst")
    tree.copy("src", "dst")
    assert (tmp_path / "outside.txt").read_text() == "secret"
    assert os.listdir(tmp_path / "elsewhere") == []
    assert tree.read("dst/in/b.txt") == b"b"


def test_a_file_is_not_copied_into_a_folder_of_its_name(tree: Tree, tmp_path: Path) -> None:
    tree.write("dst/a.txt/keep", b"")
    (tree.root / "dst" / "a.txt" / "a.txt").symlink_to(tmp_path / "outside.txt")
    for source in ("src", "src/a.txt"):
        with pytest.raises(Permanent, match="directory"):
            tree.copy(source, "dst")
    assert (tmp_path / "outside.txt").read_text() == "secret"


def test_a_link_that_would_lead_out_from_where_it_is_copied_to_is_left_out(tree: Tree) -> None:
    tree.write("deep/er/x.txt", b"x")
    (tree.root / "deep" / "er" / "link").symlink_to("../../src/a.txt")
    tree.copy("deep/er", "flat")
    assert sorted(os.listdir(tree.root / "flat")) == ["x.txt"]


def test_a_tree_deeper_than_the_stack_is_deleted_and_not_copied(tree: Tree) -> None:
    (tree.root / "deep").mkdir()
    make_deep(tree.root / "deep")
    with pytest.raises(Permanent, match="nested too deeply"):
        tree.copy("deep", "dst")
    tree.delete("dst")
    tree.delete("deep")
    assert os.listdir(tree.root) == ["src"]
