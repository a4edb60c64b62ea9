"""Our pipeline beside others on the same messages: `python -m benchmarks.nlu.compare`.

Each pipeline learns from all training examples and reads the development messages, in a process
of its own, so that its memory is its own. What was measured is kept in `results/compare`;
name pipelines to measure only these anew. With all there, the table is written to
`docs/nlu-comparison.md`, and the confusions of ours are drawn.

The pipelines with DIET go through Rasa; the others are measured without Rasa around them. Times
are processor time on one thread, which depends little on what else the machine does.

DIET takes minutes for each epoch. `--diet-epochs` trains it for fewer than the hundred that Rasa
writes into a new project; the table then names their number.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backstride.paths import ROOT
from benchmarks.confusions import draw_confusions
from benchmarks.nlu.data import development, examples

RESULTS = ROOT / "results" / "compare"
TABLE = ROOT / "docs" / "nlu-comparison.md"
PICTURE = ROOT / "docs" / "pictures" / "confusions.png"
SUGGESTED = 3
TIMED = 200
DIET_EPOCHS = 100  # what Rasa writes into a new project
# More threads wait for each other, and waiting counts as processor time.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
}

Reader = Callable[[str], tuple[list[str], float]]
"""From a message to the intents, the likeliest first, and the confidence of the first."""


def char_ngrams(texts: list[str], intents: list[str]) -> tuple[Reader, int]:
    """Character n-grams with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), min_df=2, max_features=20000, sublinear_tf=True
    )
    return _regression(
        vectorizer.fit_transform(texts), intents, lambda t: vectorizer.transform([t])
    )


def static_vectors(texts: list[str], intents: list[str]) -> tuple[Reader, int]:
    """The mean of static word vectors (spaCy) with logistic regression.

    The vectors are MiniLM's own input embeddings of whole words: no package of word vectors can
    be had from the package index.
    """
    import spacy

    from backstride.embeddings.export import _tensors, published_model

    weights = _tensors(published_model())["embeddings.word_embeddings.weight"]
    pieces = json.loads((published_model() / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    nlp = spacy.blank("en")
    for word, row in pieces.items():
        if word.isalpha():
            nlp.vocab.set_vector(word, weights[row])

    def features(text: str) -> NDArray[np.float32]:
        return np.asarray(nlp(text.lower()).vector, dtype=np.float32).reshape(1, -1)

    return _regression(np.vstack([features(t) for t in texts]), intents, features)


def sentences_regression(texts: list[str], intents: list[str]) -> tuple[Reader, int]:
    """Sentence vectors with logistic regression."""
    embed, vectors = _sentences(texts)
    return _regression(vectors, intents, lambda text: embed(text).reshape(1, -1))


def sentences_neighbours(texts: list[str], intents: list[str]) -> tuple[Reader, int]:
    """Sentence vectors with the votes of the twenty nearest examples."""
    embed, vectors = _sentences(texts)
    names, labels = np.unique(intents, return_inverse=True)

    def read(text: str) -> tuple[list[str], float]:
        cosines = vectors @ embed(text)
        nearest = np.argpartition(-cosines, 20)[:20]
        weights = np.exp((cosines[nearest] - cosines.max()) / 0.08)
        votes = np.zeros(len(names))
        np.add.at(votes, labels[nearest], weights / weights.sum())
        return _ranked(names, votes)

    return read, vectors.nbytes


def ours(texts: list[str], intents: list[str]) -> tuple[Reader, int]:
    """Kernel ridge regression over meaning and spelling, with distance."""
    import yaml

    from backstride.intents import Calibration, Settings, fit_intents
    from backstride.spelling import Speller
    from backstride.spelling_features import common_words

    embed, vectors = _embedded(texts)
    model = fit_intents(texts, intents, vectors, Settings())
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    (component,) = (c for c in pipeline if "strange_below" in c)
    calibration = Calibration(component["sharpness"], component["strange_below"])

    speller = Speller(common_words(texts))

    def read(text: str) -> tuple[list[str], float]:
        text = speller.mend_text(text)
        ranking = model.rank(text, embed(text), calibration)
        return [name for name, _ in ranking], ranking[0][1]

    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        return read, sum(path.stat().st_size for path in Path(folder).iterdir())


def diet_default(texts: list[str], intents: list[str], epochs: int) -> tuple[Reader, int]:
    """What `rasa init` writes: word and character counts, DIET."""
    return _diet(
        [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {
                "name": "CountVectorsFeaturizer",
                "analyzer": "char_wb",
                "min_ngram": 1,
                "max_ngram": 4,
            },
        ],
        texts,
        intents,
        epochs,
    )


def diet_sentences(texts: list[str], intents: list[str], epochs: int) -> tuple[Reader, int]:
    """Sentence vectors with DIET, which also wants features of each word: their counts."""
    return _diet(
        [
            {"name": "WhitespaceTokenizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "benchmarks.nlu.dense_features.MiniLMDenseFeaturizer"},
        ],
        texts,
        intents,
        epochs,
    )


PIPELINES: dict[str, Callable[..., tuple[Reader, int]]] = {
    "Rasa's default (DIET)": diet_default,
    "character n-grams, logistic regression": char_ngrams,
    "static word vectors (spaCy), logistic regression": static_vectors,
    "sentence vectors, logistic regression": sentences_regression,
    "sentence vectors, nearest neighbours": sentences_neighbours,
    "sentence vectors and words, DIET": diet_sentences,
    "ours: meaning and spelling, kernel ridge": ours,
}


def _sentences(texts: list[str]) -> tuple[Callable[[str], NDArray[np.float32]], Any]:
    from backstride.embeddings.graph import DIMENSIONS

    embed, vectors = _embedded(texts)
    return lambda text: embed(text)[:DIMENSIONS], vectors[:, :DIMENSIONS]


def _embedded(texts: list[str]) -> tuple[Callable[[str], NDArray[np.float32]], Any]:
    from backstride.embeddings.embedder import SentenceEmbedder
    from backstride.embeddings.export import ensure_exported
    from benchmarks.nlu.data import vectors

    return SentenceEmbedder(ensure_exported()).embed, vectors(texts, training=True)


def _regression(
    features: Any, intents: list[str], featurize: Callable[[str], Any]
) -> tuple[Reader, int]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, max_iter=300, tol=1e-3, random_state=0)
    model.fit(features, intents)

    def read(text: str) -> tuple[list[str], float]:
        return _ranked(model.classes_, model.predict_proba(featurize(text))[0])

    return read, model.coef_.nbytes


def _ranked(names: Any, confidences: NDArray[Any]) -> tuple[list[str], float]:
    return [str(names[i]) for i in np.argsort(-confidences)], float(confidences.max())


def _diet(
    features: list[dict[str, Any]], texts: list[str], intents: list[str], epochs: int
) -> tuple[Reader, int]:
    import yaml
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    folder = Path(tempfile.mkdtemp())
    diet = {"name": "DIETClassifier", "epochs": epochs, "random_seed": 1}
    diet |= {"entity_recognition": False, "constrain_similarities": True}
    config = {"recipe": "default.v1", "language": "en", "pipeline": [*features, diet]}
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    grouped: dict[str, list[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        grouped.setdefault(intent, []).append(text)
    nlu = [
        {"intent": name, "examples": "".join(f"- {text}\n" for text in found)}
        for name, found in grouped.items()
    ]
    (folder / "nlu.yml").write_text(
        yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8"
    )
    archive = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
    agent = Agent.load(archive)
    loop = asyncio.new_event_loop()

    def read(text: str) -> tuple[list[str], float]:
        parsed = loop.run_until_complete(agent.parse_message(text))
        return [i["name"] for i in parsed["intent_ranking"]], parsed["intent"]["confidence"]

    return read, Path(archive).stat().st_size


def measure(name: str, epochs: int) -> dict[str, Any]:
    """What one pipeline makes of the development messages; `epochs` is for those with DIET."""
    from benchmarks.nlu.speed import megabytes

    texts, intents = examples()
    before = megabytes()
    started, started_by_clock = time.process_time(), time.perf_counter()
    trains = PIPELINES[name]
    in_epochs = {"epochs": epochs} if trains in (diet_default, diet_sentences) else {}
    read, size = trains(texts, intents, **in_epochs)
    trained = time.process_time() - started
    trained_by_clock = time.perf_counter() - started_by_clock
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})  # one core from here on
    messages = development()
    found = [read(m.text) for m in messages]
    times = []
    for message in messages[:TIMED]:
        begun = time.process_time()
        read(message.text)
        times.append((time.process_time() - begun) * 1000)
    rows = [
        {
            "kind": m.kind,
            "right": ranking[0] in m.accepted,
            "offered": bool(m.accepted & set(ranking[:SUGGESTED])),
            "declined": ranking[0] == "out_of_scope",
            "first": ranking[0],
            "label": m.label,
            "confidence": confidence,
        }
        for m, (ranking, confidence) in zip(messages, found, strict=True)
    ]
    return {
        **in_epochs,
        "seconds": trained,
        "seconds_by_clock": trained_by_clock,
        "examples": len(texts),
        "bytes": size,
        "megabytes": megabytes() - before,
        "milliseconds": median(times),
        "rows": rows,
    }


def summary(name: str, result: dict[str, Any]) -> str:
    """One line of the table."""

    def share(kind: str, key: str) -> str:
        rows = [r for r in result["rows"] if r["kind"] == kind]
        hits = sum(r[key] or (key == "declined" and kind == "oos" and r["right"]) for r in rows)
        return f"{100 * hits / len(rows):.1f} %"

    good = [r for r in result["rows"] if r["kind"] == "topic"]
    lost = sum(r["declined"] and not r["right"] for r in good) / len(good)
    epochs = result.get("epochs", DIET_EPOCHS)
    cells = [
        name if epochs == DIET_EPOCHS else f"{name}, {epochs} epochs of {DIET_EPOCHS}",
        share("topic", "right"),
        share("topic", "offered"),
        share("oos", "declined"),
        f"{100 * lost:.1f} %",
        f"{result['milliseconds']:.1f}",
        f"{result['megabytes']:.0f}",
        f"{result['seconds']:.0f}",
        f"{result['bytes'] / 1e6:.1f}",
        f"{result['examples']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def table(results: dict[str, dict[str, Any]]) -> str:
    """The whole table, in Markdown."""
    head = [
        "pipeline",
        "topic right",
        "among first three",
        "out of scope declined",
        "good questions declined",
        "ms a message",
        "memory, MB",
        "training, s",
        "size, MB",
        "learnt from",
    ]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join(lines + [summary(name, results[name]) for name in results]) + "\n"


def _pairs(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        yield row["label"], row["label"] if row["right"] else row["first"]


def _file(name: str) -> Path:
    return RESULTS / f"{[*PIPELINES].index(name)}.json"


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for or missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="PIPELINE")
    parser.add_argument("--diet-epochs", type=int, default=DIET_EPOCHS, metavar="N")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        logging.disable(logging.WARNING)
        result = measure(options.one, options.diet_epochs)
        RESULTS.mkdir(parents=True, exist_ok=True)
        _file(options.one).write_text(json.dumps(result), encoding="utf-8")
        return 0
    command = [sys.executable, "-m", "benchmarks.nlu.compare"]
    for name in PIPELINES:
        if name in options.names or (not options.names and not _file(name).exists()):
            print(f"==> {name}", flush=True)
            subprocess.run(
                [*command, "--diet-epochs", str(options.diet_epochs), "--one", name],
                check=True,
                cwd=ROOT,
                env={**os.environ, **_ONE_THREAD},
            )
    results = {
        name: json.loads(_file(name).read_text(encoding="utf-8"))
        for name in PIPELINES
        if _file(name).exists()
    }
    text = table(results)
    print(text)
    TABLE.write_text(text, encoding="utf-8")
    own = results.get([*PIPELINES][-1])
    if own:
        draw_confusions(_pairs(own["rows"]), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
