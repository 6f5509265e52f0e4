"""The trained model as a folder that transformers and vLLM load, with its model card.

What comes out does not depend on how it was trained: one process or several, DeepSpeed or not, it
is one full set of weights in the layout of the base model, adapters merged. No optimizer states and
no pickles (`training_args.bin`) go in, nor checkpoints, which lie in the work area.
"""

from typing import Any

from viscode.core.replacing import partial_of, replace, write_text
from viscode.models import gguf_export
from viscode.models.model_folder import save_state
from viscode.settings.train import TrainSettings
from viscode.training.data import TrainData, TrainPaths
from viscode.training.distributed import is_first
from viscode.training.lora import merged
from viscode.training.model_card import model_card
from viscode.training.plan import StepPlan

GGUF_NAME = "model.gguf"


def export(
    trainer: Any, settings: TrainSettings, plan: StepPlan, paths: TrainPaths, data: TrainData
) -> None:
    """Write the trained model to `paths.model`, whole or not at all. Every process must call it
    (with ZeRO-3 each holds a part); the first writes."""
    state = weights(trainer, settings)
    if not is_first():
        return
    if settings.method == "lora":
        state = merged(state, settings.dtype)
    partial = partial_of(paths.model)
    save_state(state, paths.base, settings.dtype, data.tokenizer, partial)
    if settings.gguf != "none":
        gguf_export.write(partial, settings.gguf, partial / GGUF_NAME)
    card = model_card(settings, plan, paths, data.rows, trainer.state.log_history)
    write_text(partial / "README.md", card)
    replace(partial, paths.model)


def weights(trainer: Any, settings: TrainSettings) -> dict[str, Any]:
    """All weights by the model's names; empty where this process need not know them."""
    if settings.zero_stage == 3:  # collected from all processes, which must all ask
        return dict(trainer.accelerator.get_state_dict(trainer.model_wrapped) or {})
    return dict(trainer.accelerator.unwrap_model(trainer.model).state_dict()) if is_first() else {}
