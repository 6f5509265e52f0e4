"""Copies of the project for the end-to-end tests: see copies.py."""

import pytest
from copies import Project, copy_project


@pytest.fixture(scope="session")
def fresh_project(tmp_path_factory):
    """A function that makes a new copy in which nothing has run."""

    def make() -> Project:
        return copy_project(tmp_path_factory.mktemp("project"))

    return make


@pytest.fixture(scope="session")
def project(fresh_project) -> Project:
    """A copy in which the whole pipeline has run and is committed."""
    made = fresh_project()
    made.run("dvc", "repro")
    made.commit("results")
    return made
