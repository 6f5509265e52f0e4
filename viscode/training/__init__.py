"""Chat rows -> a fine-tuned model: masked, packed, trained, exported.

May import: core, models, settings.
In: lines of viscode.jsonl. Out: a model folder and metrics/train/.
"""
