"""The DeepSpeed configuration of a run, for transformers' Trainer.

No optimizer block: DeepSpeed then wraps the Trainer's own AdamW, so that ZeRO trains as the plain
Trainer does and nothing has to be compiled. "auto" values are filled in by the Trainer.
"""


def deepspeed_config(stage: int) -> dict[str, object]:
    """Configuration for ZeRO `stage` 1 (optimizer states shared out), 2 (gradients too) or 3
    (weights too)."""
    zero: dict[str, object] = {"stage": stage, "overlap_comm": True, "contiguous_gradients": True}
    if stage == 3:
        # save_model then writes plain weights instead of each process's share
        zero["stage3_gather_16bit_weights_on_model_save"] = True
    return {
        "zero_optimization": zero,
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
    }
