"""Views share their memory and copies do not, and what comes back as itself in PyTorch does so here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll

torch = pytest.importorskip("torch")

VIEWS = """
x.diagonal()|x.diagonal(1)|x.diagonal(9)|x.unfold(0,2,1)|x.unfold(1,2,2)|lib.diagonal(x,-1)|lib.einsum("ii->i",x[:,:4])
x.expand(4,6)|x.expand(1,4,6)|x.expand_as(x)|x.expand(-1,-1)|x.broadcast_to((4,6))|lib.broadcast_to(x,(2,4,6))
lib.broadcast_tensors(x,x)[0]|lib.broadcast_tensors(x[0],x)[0]|x[...]|x[:]|x[()]|x[None]|x[0]|x[0,0]|x[0:4]|x[::2]
x.t()|x.t().t()|x.T|x.mT|x.transpose(0,1)|x.transpose(0,0)|x.swapaxes(0,1)|x.swapdims(0,1)|x.movedim(0,1)
x.moveaxis(0,1)|x.permute(1,0)|x.permute(0,1)|x.reshape(24)|x.reshape(4,6)|x.reshape(-1)|x.view(24)|x.view(4,6)
x.view_as(x)|x.reshape_as(x)|x.flatten()|x.flatten(1)|x.flatten(0,0)|x.flatten(-1)|x[0].flatten()|x.ravel()|x[0].ravel()
x.unflatten(1,(2,3))|x.squeeze()|x.squeeze(0)|x.unsqueeze(0)|x.narrow(0,0,4)|x.select(0,1)|x.split(2)[0]|x.split([1,3])[1]
x.chunk(1)[0]|x.chunk(2)[1]|x.tensor_split(2)[0]|x.hsplit(2)[0]|x.vsplit(2)[0]|x.unbind()[0]|lib.unbind(x)[1]|x.detach()
x.data|lib.atleast_1d(x)|lib.atleast_3d(x)|lib.swapaxes(x,0,1)|x.contiguous()|x.float()|x.to(lib.float32)|x.to("cpu")|x.to(x)
x.type(lib.float32)|x.type_as(x)|x.cpu()|+x|x.positive()|lib.as_tensor(x)|lib.asarray(x)|x.view(lib.int32)
x.requires_grad_()|nn.Identity()(x)|nn.Flatten(0)(x)|nn.Flatten()(x)|nn.Unflatten(1,(2,3))(x)|nn.Dropout().eval()(x)
nn.Sequential()(x)|nn.Sequential(nn.Identity(),nn.Flatten())(x)|F.dropout(x,0.5,False)|F.dropout(x,0.,True)|lib.cartesian_prod(x[0])
"""
COPIES = """
x.roll(0,0)|x[:1].roll(1,0)|x.roll(4,0)|x.roll(1,0)|x.flip(0)|x[:1].flip(0)|x.flip(())|x.repeat(1,1)|x.tile(1)|lib.cat([x])
lib.cat([x,x[:0]])|lib.stack([x])|x.repeat_interleave(1,0)|x.index_select(0,lib.arange(4))|x[[0,1,2,3]]|x[x==x]|x.clamp(-99,99)
x*1|x+0|-(-x)|x.to(lib.float32,copy=True)|x.t().contiguous()|x.t().reshape(24)|x.t().ravel()|x.t()[0].ravel()|x.clone()|lib.diag(x)|lib.diag(x[0])
lib.triu(x,-9)|lib.nan_to_num(x)|lib.where(x==x,x,x)|x.masked_fill(x!=x,0.)|x.masked_select(x==x)|x[:1].cumsum(0)|x[:1].sum(0)
x.sum(())|x[:1].mean(0)|x[:1].amax(0)|x[:1].max(0).values|x[:1].prod(0)|x[:1].median(0).values|x.topk(6,1).values|x.round()
x**1|F.pad(x,(0,0))|F.pad(x[None,None],(0,0,0,0),mode="reflect")|F.pad(x,(-1,0))|F.relu(x)
F.interpolate(x[None,None],scale_factor=1)|F.interpolate(x[None,None],size=(4,6),mode="bilinear")|F.pixel_shuffle(x[None,None],1)
F.pixel_shuffle(x.reshape(1,24,1,1),2)|F.pixel_unshuffle(x[None,None],1)|F.channel_shuffle(x[None,None],1)|F.channel_shuffle(x[None],4)
F.avg_pool2d(x[None,None],1)|F.max_pool2d(x[None,None],1)|F.adaptive_avg_pool2d(x[None,None],(4,6))|F.unfold(x[None,None],1)
F.fold(x.reshape(1,1,24),(4,6),1)|F.hardtanh(x,-99,99)|F.leaky_relu(x,1.)|F.prelu(x,lib.ones(1))
F.embedding(lib.arange(4),x)|F.linear(x,lib.eye(6))|nn.ZeroPad2d(0)(x[None,None])|nn.AvgPool2d(1)(x[None,None])
lib.rot90(x,0)|lib.rot90(x,2)|lib.fliplr(x)|lib.hstack([x])|lib.column_stack([x])|lib.block_diag(x)
lib.minimum(x,x)|lib.mul(x,1)|lib.div(x,1)|x.index_fill(0,lib.tensor([],dtype=lib.int64),0)|x.trunc()|x.diff()
lib.slice_scatter(x,x)|x.masked_scatter(x!=x,x)|x.index_put((lib.tensor([],dtype=lib.int64),),x[:0])
"""


def _expressions(text: str) -> list[str]:
    return [part for line in text.split() for part in line.split("|")]


def _shared(lib: Any, expression: str) -> tuple[bool, bool, bool]:
    """Whether the result is x itself, sees what is written into x, and writes into x."""
    x = lib.tensor(np.random.default_rng(0).standard_normal((4, 6), np.float32))
    names = {"x": x, "lib": lib, "nn": lib.nn, "F": lib.nn.functional}
    y = eval(expression, names)  # noqa: S307 (one of the expressions above)
    before = y.detach().numpy().copy()
    x.detach().mul_(3.7).add_(1)
    sees = not np.array_equal(before, y.detach().numpy())
    before = x.detach().numpy().copy()
    if not any(step == 0 and size > 1 for step, size in zip(y.stride(), y.shape, strict=True)):
        y.detach().fill_(5)
    return y is x, sees, not np.array_equal(before, x.detach().numpy())


@pytest.mark.parametrize("expression", _expressions(VIEWS))
def test_a_view_shares_its_memory(expression: str) -> None:
    assert _shared(knoll, expression) == _shared(torch, expression)


@pytest.mark.parametrize("expression", _expressions(COPIES))
def test_a_copy_shares_nothing(expression: str) -> None:
    assert _shared(torch, expression) == (False, False, False)
    assert _shared(knoll, expression) == (False, False, False)
