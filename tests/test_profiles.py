import pytest

from viscode import profiles
from viscode.errors import UserError


@pytest.fixture
def project(tmp_path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "params.yaml").write_text("# head\ntrain:\n  lr: 1.0e-4 # rate\n  epochs: 1\n")
    return tmp_path


def use(project, text: str) -> list[str]:
    (project / "profiles" / "p.yaml").write_text("# @package _global_\n" + text)
    return profiles.use("p", project / "params.yaml", project / "profiles")


def test_a_profile_changes_what_differs_and_keeps_comments(project):
    assert use(project, "train: {lr: 5.0e-6, epochs: 1}\n") == ["train.lr"]
    text = (project / "params.yaml").read_text()
    assert text.startswith("# head\n") and "# rate" in text and "epochs: 1" in text
    assert "5.0e-6" in text


def test_an_unknown_key_changes_nothing(project):
    before = (project / "params.yaml").read_text()
    with pytest.raises(UserError, match=r"train\.rate"):
        use(project, "train: {lr: 3.0, rate: 1}\n")
    assert (project / "params.yaml").read_text() == before


def test_an_unknown_profile_lists_the_known_ones(project):
    use(project, "{}")
    with pytest.raises(UserError, match="profiles: p"):
        profiles.use("q", project / "params.yaml", project / "profiles")
