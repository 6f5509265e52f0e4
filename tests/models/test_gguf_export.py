"""A GGUF file, read back, is the model it was made from; other models are refused early."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from viscode.core.errors import UserError
from viscode.models import tiny
from viscode.models.base_check import load_tokenizer
from viscode.models.gguf_export import check_architecture, write
from viscode.models.loading import load_model
from viscode.settings.train import Gguf

QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEXT = "<|im_start|>user\nplt.plot([1, 2023, 3.14])  # don't, été\n<|im_end|>\n"
TOLERANCE = {"f16": 0.002, "q8_0": 0.06}  # error of the logits over their deviation, RMS
SPARE_ROWS = 16  # embeddings without a token, as Qwen has them


@pytest.fixture(scope="module")
def small_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of which a GGUF file is read in a moment: its tokenizer is built like that of
    SmolLM2, but knows 400 tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator([TEXT, Path(__file__).read_text()], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
        chat_template="{% for m in messages %}{{ m['content'] }}{% endfor %}",
    )
    folder = tmp_path_factory.mktemp("small") / "base_model"
    tiny.build("tiny:2x64", tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def exported(small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model's folder and its GGUF file."""
    place = tmp_path_factory.mktemp("exported")
    folder = build("qwen2", small_base, place / "model", tied=True)
    write(folder, "q8_0", place / "model.gguf")
    return folder, place / "model.gguf"


def build(kind: str, tiny_base: Path, folder: Path, *, tied: bool) -> Path:
    """A random model with grouped heads, and biases where the architecture has them."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    shutil.copytree(tiny_base, folder)
    old = json.loads((folder / "config.json").read_text())
    config = AutoConfig.for_model(
        kind,
        vocab_size=old["vocab_size"] + SPARE_ROWS,
        hidden_size=64,
        intermediate_size=144,  # no multiple of 32
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        rope_parameters={"rope_type": "default", "rope_theta": 50_000.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=tied,
        **{name: old[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")},
    )
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    model.save_pretrained(folder)
    if kind == "qwen2":
        split_as_qwen(folder)
    return folder


def split_as_qwen(folder: Path) -> None:
    path = folder / "tokenizer.json"
    stored = json.loads(path.read_text())
    byte_level = {**stored["pre_tokenizer"], "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": QWEN_SPLIT}, "behavior": "Isolated"}
    stored["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [{**split, "invert": False}, byte_level],
    }
    path.write_text(json.dumps(stored))


def check_reading(folder: Path, file: Path, kind: Gguf, tied: bool) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    again, reader = load_model(file, torch.float32), load_tokenizer(file)
    ids = tokenizer(TEXT, return_tensors="pt").input_ids
    assert reader(TEXT).input_ids == ids[0].tolist()
    assert reader.chat_template == tokenizer.chat_template
    assert (reader.eos_token, reader.pad_token) == (tokenizer.eos_token, tokenizer.pad_token)
    with torch.no_grad():
        expected, found = model(ids).logits, again(ids).logits
    error = ((expected - found).std() / expected.std()).item()
    assert 0 < error < TOLERANCE[kind]  # 0: it would not have gone through the smaller format
    shared = again.get_output_embeddings().weight is again.get_input_embeddings().weight
    assert shared is tied


def test_it_reads_back_as_the_same_model(exported: tuple[Path, Path]) -> None:
    check_reading(*exported, "q8_0", tied=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "kind", "tied"),
    [
        ("llama", "f16", True),
        ("llama", "q8_0", False),
        ("qwen2", "f16", False),
        ("qwen2", "q8_0", True),
    ],
)
def test_it_reads_back_with_the_tokenizer_of_smollm2(
    architecture: str, kind: Gguf, tied: bool, tiny_base: Path, tmp_path: Path
) -> None:
    folder = build(architecture, tiny_base, tmp_path / "model", tied=tied)
    write(folder, kind, tmp_path / "model.gguf")
    check_reading(folder, tmp_path / "model.gguf", kind, tied)


def test_the_metadata_are_what_llama_cpp_reads(exported: tuple[Path, Path]) -> None:
    from gguf import GGUFReader

    folder, file = exported
    merges = json.loads((folder / "tokenizer.json").read_text())["model"]["merges"]
    reader = GGUFReader(file)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "qwen2"
    assert fields["general.file_type"] == 7
    assert fields["qwen2.attention.head_count_kv"] == 2
    assert fields["qwen2.rope.freq_base"] == 50_000.0
    assert fields["tokenizer.ggml.model"] == "gpt2"
    assert fields["tokenizer.ggml.pre"] == "qwen2"
    tokens, types = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    assert len(tokens) == len(types) == fields["qwen2.vocab_size"]
    assert types[tokens.index("<|im_end|>")] == 3
    assert types[-SPARE_ROWS:] == [5] * SPARE_ROWS and types[100] == 1
    assert fields["tokenizer.ggml.merges"] == [" ".join(pair) for pair in merges]
    stored = {tensor.name: tensor.tensor_type.name for tensor in reader.tensors}
    assert stored["blk.0.attn_q.weight"] == stored["token_embd.weight"] == "Q8_0"
    assert stored["blk.1.ffn_down.weight"] == "F16"  # 144 does not divide into blocks of 32
    assert stored["blk.0.attn_q.bias"] == stored["output_norm.weight"] == "F32"
    assert "output.weight" not in stored


def test_the_same_model_gives_the_same_bytes(exported: tuple[Path, Path], tmp_path: Path) -> None:
    folder, file = exported
    write(folder, "q8_0", tmp_path / "again.gguf")
    assert file.read_bytes() == (tmp_path / "again.gguf").read_bytes()


def changed(base: Path, folder: Path, name: str, **values: Any) -> Path:
    shutil.copytree(base, folder)
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**content, **values}))
    return folder


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("config.json", {"model_type": "gemma3_text"}, "type gemma3_text"),
        ("config.json", {"rope_parameters": {"rope_type": "yarn"}}, "scaled by 'yarn'"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}, "no byte-level BPE"),
        ("tokenizer.json", {"model": {"type": "Unigram"}}, "no byte-level BPE"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    name: str, values: dict[str, Any], message: str, small_base: Path, tmp_path: Path
) -> None:
    folder = changed(small_base, tmp_path / "model", name, **values)
    check_architecture(folder, "none")  # nobody asked for a GGUF file
    with pytest.raises(UserError, match=message) as caught:
        check_architecture(folder, "f16")
    assert "\n" not in str(caught.value) and "train.gguf" in str(caught.value)


def test_a_weight_too_large_for_f16_is_one_line(small_base: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(small_base, folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][0, 0] = torch.tensor(1e5)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="too large for f16"):
        write(folder, "f16", tmp_path / "model.gguf")
