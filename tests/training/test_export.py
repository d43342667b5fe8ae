from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from stance.training.export import _BlockQuantised, _RowScaled  # noqa: E402


def test_a_row_scaled_layer_is_the_same_layer():
    linear = torch.nn.Linear(6, 4)
    rows = torch.randn(5, 6) * torch.tensor([[1.0], [1000.0], [0.01], [1.0], [0.0]])

    torch.testing.assert_close(_RowScaled(linear)(rows), linear(rows), rtol=1e-4, atol=1e-5)


def test_what_a_row_scaled_layer_multiplies_lies_between_one_and_minus_one():
    seen = []
    layer = _RowScaled(torch.nn.Linear(3, 2))
    layer.linear.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))

    layer(torch.tensor([[5.0, -10.0, 0.0], [0.2, 0.1, 0.4]]))

    torch.testing.assert_close(seen[0], torch.tensor([[0.5, -1.0, 0.0], [0.5, 0.25, 1.0]]))


def test_four_bits_keep_sevenths_of_each_block():
    table = torch.nn.Embedding(2, 128)
    sevenths = torch.arange(128) % 15 - 7
    table.weight.data = torch.stack(
        (sevenths * 0.25, torch.cat((sevenths[:64], sevenths[64:] * 64)))
    )

    read = _BlockQuantised(table)(torch.tensor([[0, 1]]))

    torch.testing.assert_close(read[0], table.weight.data.float())
