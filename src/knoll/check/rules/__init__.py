"""The rules, one file for each family. A rule tells only what is sure: none guesses.

A rule is a function of the evidence. Each is on the way of `check`, in the order in which they stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knoll.check.evidence import Evidence
from knoll.check.finding import Finding
from knoll.check.rules.activations import missing_activation, repeated_activation
from knoll.check.rules.batches import linear_on_images, reshape_not_permute, samples_lost, samples_mixed
from knoll.check.rules.dropouts import dropout_in_evaluation, dropout_of_everything, dropout_on_output
from knoll.check.rules.gradients import foreign_parameters, gradient_cut, made_in_forward
from knoll.check.rules.losses import activation_before_loss, loss_input, output_size, relu_on_scores
from knoll.check.rules.mixing import attention_over_samples, samples_crossed
from knoll.check.rules.normalisation import (
    batch_norm_shared,
    batch_norm_twice,
    batch_statistics_in_evaluation,
    bias_before_batch_norm,
    dropout_before_batch_norm,
)
from knoll.check.rules.parameters import frozen, result_unused, unregistered, unused, weights_of_no_use
from knoll.check.rules.results import no_result
from knoll.check.rules.sharing import shared_layer
from knoll.check.rules.softmaxes import softmax_axis
from knoll.check.rules.windows import (
    border_dropped,
    image_too_small,
    padding_only,
    stride_beyond_kernel,
    transposed_gaps,
    unpool_size,
)

Rule = Callable[[Evidence], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    no_result,
    reshape_not_permute,
    samples_mixed,
    samples_lost,
    samples_crossed,
    attention_over_samples,
    linear_on_images,
    output_size,
    activation_before_loss,
    relu_on_scores,
    loss_input,
    softmax_axis,
    missing_activation,
    repeated_activation,
    unregistered,
    made_in_forward,
    foreign_parameters,
    gradient_cut,
    unused,
    result_unused,
    shared_layer,
    weights_of_no_use,
    frozen,
    dropout_in_evaluation,
    dropout_of_everything,
    dropout_on_output,
    batch_norm_shared,
    batch_norm_twice,
    batch_statistics_in_evaluation,
    dropout_before_batch_norm,
    bias_before_batch_norm,
    border_dropped,
    stride_beyond_kernel,
    transposed_gaps,
    padding_only,
    image_too_small,
    unpool_size,
)
