import importlib
import pkgutil
from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from pydantic import Field
from ruamel.yaml import YAML

import viscode.settings
from viscode.core.errors import UserError
from viscode.settings import profiles
from viscode.settings.base import SECTIONS, Settings, load, read_params

ROOT = Path(__file__).parents[2]


class Sample(Settings):
    PATH: ClassVar[str] = "train"
    lr: Annotated[float, Field(gt=0)]
    epochs: int
    name: str = "x"


def params(tmp_path, text: str) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    return path


def test_numbers_as_dvc_writes_them_are_numbers(tmp_path):
    loaded = load(Sample, params(tmp_path, "train: {lr: 5e-06, epochs: 3}"))
    assert (loaded.lr, loaded.epochs) == (5e-6, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("train: {lr: fast, epochs: 3}", ["train.lr", "'fast'"]),
        ("train: {lr: 0.1, epochs: 1.5}", ["train.epochs", "1.5"]),
        ("train: {lr: -1.0, epochs: 1}", ["train.lr", "greater than 0"]),
        ("train: {lr: .nan, epochs: 1}", ["train.lr", "finite"]),
        ("train: {lr: 0.1, epochs: 1, lrr: 2}", ["unknown parameter train.lrr"]),
        ("train: {lr: 0.1}", ["missing parameter train.epochs"]),
        ("bench: {}", ["missing section train"]),
        ("train: 3", ["train"]),
        ("trian: {}", ["unknown section 'trian'"]),
        ("- 1", ["not a mapping"]),
        ("train: {lr: [", ["not readable as YAML"]),
    ],
)
def test_a_bad_file_is_one_line_that_names_the_key(tmp_path, text, words):
    with pytest.raises(UserError) as caught:
        load(Sample, params(tmp_path, text))
    assert all(word in str(caught.value) for word in [*words, "params.yaml"])
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_where_to_go(tmp_path):
    with pytest.raises(UserError, match="project root"):
        read_params(tmp_path / "params.yaml")


def sections() -> list[type[Settings]]:
    for module in pkgutil.iter_modules(viscode.settings.__path__):
        importlib.import_module(f"viscode.settings.{module.name}")

    def below(kind):
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    return [s for s in below(Settings) if s.PATH and s.__module__.startswith("viscode.")]


def test_every_section_of_the_committed_file_has_its_class_and_loads():
    file = ROOT / "params.yaml"
    for section in sections():
        if section.PATH == "models":
            places = [f"models.{name}" for name in read_params(file)["models"]]
        else:
            places = [section.PATH]
        assert all(isinstance(load(section, file, at=place), section) for place in places)
    top = {section.PATH.split(".")[0] for section in sections()}
    assert top == SECTIONS == set(read_params(file))


def test_every_parameter_is_documented():
    fields = [
        (f"{section.__name__}.{name}", field.description)
        for section in sections()
        for name, field in section.model_fields.items()
    ]
    assert len(fields) > 40
    assert [name for name, text in fields if not text] == []


@pytest.mark.parametrize(
    "profile", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_key_of_a_profile_exists_in_params(profile):
    def missing(overlay, target, prefix=""):
        for key, value in overlay.items():
            if key not in target:
                yield prefix + key
            elif isinstance(value, dict):
                yield from missing(value, target[key], f"{prefix}{key}.")

    overlay = YAML(typ="safe", pure=True).load(profile)
    assert list(missing(overlay, read_params(ROOT / "params.yaml"))) == []
    assert profile.read_text().startswith("# @package _global_\n")


MALFORMED = {
    "lists, 500 deep": "train: " + "[" * 500 + "]" * 500,
    "mappings, 500 deep": "train: " + "{a: " * 500 + "1" + "}" * 500,
    "indented, 500 deep": "train:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 500)),
    "dashes, 500 deep": "train:\n " + "- " * 500 + "1",
    "itself": "train: &a\n  x: *a",
    "a date": "train: 2020-01-01",
    "a date that is none": "train: 2020-13-45",
    "dates as sections": "2020-01-01: 1",
    "a list as a section": "[1]: 2",
    "nothing": "",
    "two of a name": "train: {}\ntrain: {}",
    "an object of Python": "train: !!python/object/apply:os.system ['true']",
    "5,000 digits": "train: " + "9" * 5000,
    "no float": "train: !!float x",
    "no int": "train: !!int x",
    "no bool": "train: !!bool x",
    "no binary": "train: !!binary zzz",
    "a character beyond all": 'train: "\\UFFFFFFFF"',
    "nul": "train: \0",
    "several documents": "train: {}\n---\ntrain: {}",
    "an alias of nothing": "train: *x",
    "tabs": "train:\n\t- 1",
    "another YAML": "%YAML 9.9\n---\ntrain: 1",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_file_is_one_short_line(tmp_path, kind):
    path = params(tmp_path, MALFORMED[kind])
    (tmp_path / "some.yaml").write_text("train: {lr: 0.2}")
    for use in (lambda: load(Sample, path), lambda: profiles.use("some", path, tmp_path)):
        try:
            use()
        except UserError as error:
            assert "params.yaml" in str(error) or "train" in str(error)
            assert len(str(error)) < 600


@pytest.mark.parametrize("kind", MALFORMED)
def test_no_stage_takes_a_malformed_file(tmp_path, kind):
    with pytest.raises(UserError):
        load(Sample, params(tmp_path, MALFORMED[kind]))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"train: \xe9"])
def test_bytes_that_are_no_text_are_one_line(tmp_path, content):
    (tmp_path / "params.yaml").write_bytes(content)
    with pytest.raises(UserError, match="not readable as YAML"):
        read_params(tmp_path / "params.yaml")


def test_a_folder_in_its_place_is_one_line(tmp_path):
    (tmp_path / "params.yaml").mkdir()
    with pytest.raises(UserError, match="not readable: Is a directory"):
        read_params(tmp_path / "params.yaml")


def test_aliases_that_repeat_little_are_read(tmp_path):
    text = "bench: &b {lr: 0.5, epochs: 2}\ntrain: *b"
    assert load(Sample, params(tmp_path, text)).epochs == 2
