"""What an installation starts from: lock files that any package index can serve."""

import json
import re
import tomllib
from importlib.metadata import distributions
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1]
PROJECT_FILE = tomllib.loads((PROJECT / "pyproject.toml").read_text())
LOCKS = ["requirements.lock", "requirements-all.lock", "requirements-dev.lock"]
NPM_PROJECT = json.loads((PROJECT / "package.json").read_text())
NPM_LOCK = json.loads((PROJECT / "package-lock.json").read_text())["packages"]


def locked(name):
    """Return the versions that a lock file names."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (PROJECT / name).read_text(), re.M))


def package(requirement):
    """Return the name in a requirement, as lock files write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name):
    text = (PROJECT / name).read_text()

    assert not re.search(r"http|file:|@ |^\s*-[^-]|^--|--(index|extra|find|trusted)", text, re.M)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_everything(name):
    entries = re.split(r"\n(?! )", (PROJECT / name).read_text().strip())

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_we_depend_on_is_locked():
    wanted = {package(requirement) for requirement in PROJECT_FILE["project"]["dependencies"]}

    assert wanted - locked("requirements.lock").keys() == set()


def test_what_we_develop_with_is_locked():
    wanted = {package(requirement) for requirement in PROJECT_FILE["dependency-groups"]["dev"]}

    assert wanted - locked("requirements-dev.lock").keys() == set()


def test_what_can_be_added_is_locked():
    extras = PROJECT_FILE["project"]["optional-dependencies"].values()
    wanted = {package(requirement) for extra in extras for requirement in extra}

    assert wanted - locked("requirements-all.lock").keys() == set()


@pytest.mark.parametrize(("smaller", "larger"), list(pairwise(LOCKS)))
def test_larger_sets_hold_the_smaller_at_the_same_versions(smaller, larger):
    assert locked(smaller).items() <= locked(larger).items()


def test_a_lock_leaves_nothing_to_be_resolved():
    installed = {dist.name.lower().replace("_", "-"): dist for dist in distributions()}
    asked = [Requirement(text) for dist in distributions() for text in dist.requires or ()]
    missing = {
        str(requirement)
        for requirement in asked
        if (not requirement.marker or requirement.marker.evaluate({"extra": ""}))
        and requirement.name.lower().replace("_", "-") not in installed
    }

    assert missing == set()


@pytest.mark.parametrize("name", ["package.json", "package-lock.json", ".npmrc"])
def test_what_npm_reads_names_no_place(name):
    text = (PROJECT / name).read_text()

    assert not re.search(r"://|\"resolved\"|file:|github:", text)


def test_the_npm_lock_has_a_hash_for_everything():
    installed = {path: entry for path, entry in NPM_LOCK.items() if path}

    assert installed
    assert [
        path
        for path, entry in installed.items()
        if not re.fullmatch(r"sha512-[\w+/]{86}==", entry.get("integrity", ""))
    ] == []


def test_npm_installs_exactly_the_versions_that_are_named():
    wanted = NPM_PROJECT["devDependencies"]

    assert NPM_LOCK[""]["devDependencies"] == wanted
    assert {name: NPM_LOCK[f"node_modules/{name}"]["version"] for name in wanted} == wanted
