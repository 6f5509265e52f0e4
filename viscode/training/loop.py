"""transformers' Trainer with our micro-batches and a loss that is a mean over trained tokens.

A step's loss is the sum over the trained tokens of all its micro-batches on all devices, divided by
their number: transformers passes that number to the model (`num_items_in_batch`), which counts all
processes with `average_tokens_across_devices`. The evaluation loss is the same mean over the whole
validation split; transformers' own would weigh a short row like a long one.
"""

from collections.abc import Callable
from typing import Any

from torch.utils.data import DataLoader
from transformers import Trainer

from viscode.training.data import IGNORED, TokenSet
from viscode.training.micro_batches import MicroBatches, Share

Collator = Callable[[list[dict[str, list[int]]]], dict[str, Any]]


class EpochLoader(DataLoader):  # type: ignore[misc]  # torch is not followed
    """A loader whose batch sampler learns the number of the epoch from the Trainer."""

    def set_epoch(self, epoch: int) -> None:
        self.batch_sampler.set_epoch(epoch)


class TokenTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped
    """A Trainer over orders of micro-batches; `validation` is evaluated in the order given."""

    def __init__(
        self,
        *,
        order: MicroBatches,
        validation: TokenSet,
        validation_order: MicroBatches,
        collator: Collator,
        **arguments: Any,
    ) -> None:
        super().__init__(data_collator=collator, **arguments)
        self.order = order
        self.validation = validation
        self.validation_order = validation_order

    def _loader(self, rows: TokenSet, order: MicroBatches) -> EpochLoader:
        share = Share(order, self.args.process_index, self.args.world_size)
        pin = self.args.dataloader_pin_memory
        return EpochLoader(rows, batch_sampler=share, collate_fn=self.data_collator, pin_memory=pin)

    def get_train_dataloader(self) -> EpochLoader:
        return self._loader(self.train_dataset, self.order)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Mean loss over all trained tokens of the validation split."""
        metrics = {"eval_loss": self._mean_token_loss()}
        self.log(metrics)
        handler: Any = self.callback_handler
        self.control: Any = handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _mean_token_loss(self) -> float:
        import torch

        # DeepSpeed gathers weights around its own forward; elsewhere the plain model will do
        model = self.model_wrapped if self.is_deepspeed_enabled else self.model
        sums = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        model.eval()
        with torch.no_grad():
            for batch in self._loader(self.validation, self.validation_order):
                inputs = self._prepare_inputs(batch)
                loss = model(**inputs, num_items_in_batch=1).loss  # the sum over trained tokens
                tokens = (inputs["labels"][..., 1:] != IGNORED).sum()
                sums += torch.stack([loss.double(), tokens.double()])
        model.train()
        loss, tokens = self.accelerator.reduce(sums, reduction="sum").tolist()
        return float(loss / tokens)
