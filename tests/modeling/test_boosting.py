import numpy as np
import pytest

from pipelines.modeling import boosting

PARAMETERS = {"objective": "l2", "learning_rate": 0.1, "num_leaves": 7, "bagging_fraction": 0.5, "bagging_freq": 1}


def _rows():
    random = np.random.default_rng(5)
    features = random.normal(size=(800, 4))
    return features, features[:, 0] * 3 + random.normal(size=800)


def _model(seed=0, **more):
    return boosting.train(*_rows(), PARAMETERS, rounds=20, seed=seed, **more)


@pytest.mark.parametrize("threads", [None, 1])
def test_training_twice_gives_the_same_bytes_and_another_seed_others(threads):
    first, again = boosting.to_text(_model(threads=threads)), boosting.to_text(_model(threads=threads))
    assert first == again
    assert boosting.to_text(_model(seed=1, threads=threads))[1] != first[1]


def test_a_model_read_back_predicts_the_same_and_a_changed_text_is_refused():
    model = _model()
    text, digest = boosting.to_text(model)
    features, _ = _rows()
    assert np.array_equal(boosting.from_text(text, digest).predict(features), model.predict(features))
    with pytest.raises(ValueError, match="train it anew"):
        boosting.from_text(text.replace("leaf_value=", "leaf_value= ", 1), digest)


def test_what_the_features_add_sums_up_to_the_prediction_and_the_true_cause_adds_most():
    model = _model(names=["cause", "noise_a", "noise_b", "noise_c"])
    features, _ = _rows()
    parts = boosting.contributions(model, features)
    assert parts.shape == (800, 5)
    np.testing.assert_allclose(parts.sum(axis=1), model.predict(features), atol=1e-9)
    assert np.abs(parts[:, :4]).mean(axis=0).argmax() == 0


def test_boosters_that_share_their_bins_are_those_that_are_trained_one_by_one() -> None:
    features, target = _rows()
    tasks = [
        (target, {**PARAMETERS, "objective": "l2"}),
        (target * 2 - 1, {**PARAMETERS, "objective": "quantile", "alpha": 0.9}),
        (-target, {**PARAMETERS, "objective": "quantile", "alpha": 0.1}),
    ]
    shared = boosting.train_each(features, tasks, rounds=20, seed=3, threads=1)
    alone = [boosting.train(features, *task, rounds=20, seed=3, threads=1) for task in tasks]
    assert [boosting.to_text(model) for model in shared] == [boosting.to_text(model) for model in alone]
