"""docs/remote.md, line by line, against an S3 server (moto) on loopback."""

import re

import boto3
import pytest
from copies import Project
from documented import section
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.e2e

PAGE = "docs/remote.md"
BUCKET = "viscode-test"


@pytest.fixture(scope="module")
def endpoint():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        yield "http://{}:{}".format(*server.get_host_and_port())
        server.stop()


@pytest.fixture(scope="module")
def bucket(endpoint):
    made = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1").Bucket(BUCKET)
    made.create()
    return made


@pytest.fixture(scope="module")
def pushed(project, bucket, endpoint, tmp_path_factory):
    """The finished project with its data in the bucket, and where it was pushed to."""
    origin = tmp_path_factory.mktemp("origin") / "project.git"
    project.run("git", "init", "-q", "--bare", "-b", "main", str(origin))
    project.run("git", "remote", "add", "origin", str(origin))
    project.run("git", "push", "-q", "-u", "origin", "main")
    for line in section(PAGE, "Set it up, once")[1:]:  # the first activates .venv
        line = line.replace("https://S3.EXAMPLE.ORG", endpoint).replace("BUCKET", BUCKET)
        project.type(line, loopback=True)
    return Project(origin)


def stages_run(output):
    return set(re.findall(r"Running stage '([^']+)'", output))


def test_a_clone_that_pulls_runs_nothing(pushed, bucket, tmp_path):
    assert sum(1 for _ in bucket.objects.all()) > 50
    clone = pushed.clone(tmp_path / "clone")
    assert not (clone.path / "data/viscode").exists()
    pull, nothing_to_do, *_ = section(PAGE, "In another clone")
    clone.type(pull, loopback=True)
    assert (clone.path / "report/site/samples/index.js").is_file()
    output = clone.type(nothing_to_do, loopback=True)
    assert stages_run(output) == set() and "up to date" in output
    assert clone.run("git", "status", "--porcelain").stdout == ""
    clone.set({"report.samples": 7})
    assert stages_run(clone.type(nothing_to_do)) == {"report"}
    index = (clone.path / "report/site/samples/index.js").read_text()
    assert len(re.findall(r"\[\"[0-9a-f]{32}\"", index)) == 7


def test_a_clone_without_data_runs_nothing_and_fetches_what_a_change_needs(pushed, tmp_path):
    clone = pushed.clone(tmp_path / "clone")
    _, _, allow_missing, change, again = section(PAGE, "In another clone")
    output = clone.type(allow_missing, loopback=True)
    assert stages_run(output) == set()
    assert not (clone.path / "data/model/model.safetensors").exists()
    clone.type(change)
    output = clone.type(again, loopback=True)
    assert stages_run(output) == {"balance_libraries"}
    assert (clone.path / "data/extracted").is_dir()
    assert not (clone.path / "data/raw/files").exists()


def test_what_is_gone_from_the_bucket_is_said(pushed, bucket, tmp_path):
    clone = pushed.clone(tmp_path / "clone")
    bucket.objects.all().delete()
    done = clone.run("dvc", "pull", check=False, loopback=True)
    assert done.returncode != 0 and "data/model" in done.stdout + done.stderr
