/** Why an op has no adapter. */

/** Ops that Adjoint does not have, by what they would need. */
const REASONS: readonly (readonly [reason: string, ops: readonly string[]])[] = [
  [
    'convolution and pooling: not part of @adjoint/nn yet',
    [
      ...['conv1d', 'conv2d', 'conv3d', 'conv_transpose1d', 'conv_transpose2d', 'conv_transpose3d'],
      ...['max_pool1d', 'max_pool2d', 'max_pool3d', 'avg_pool1d', 'avg_pool2d', 'avg_pool3d'],
      ...['adaptive_avg_pool1d', 'adaptive_avg_pool2d', 'adaptive_avg_pool3d'],
      ...['adaptive_max_pool1d', 'adaptive_max_pool2d', 'adaptive_max_pool3d'],
      ...['lp_pool1d', 'lp_pool2d', 'interpolate'],
    ],
  ],
  [
    'normalization layers: not part of @adjoint/nn yet',
    [
      'batch_norm',
      'layer_norm',
      'group_norm',
      'instance_norm',
      'instance_norm_running',
      'rms_norm',
      'local_response_norm',
    ],
  ],
  [
    'recurrent layers and attention: not part of @adjoint/nn yet',
    [
      ...['rnn', 'lstm', 'gru', 'lstm_cell', 'gru_cell', 'rnn_tanh_cell', 'rnn_relu_cell'],
      ...['scaled_dot_product_attention', 'multi_head_attention'],
    ],
  ],
  [
    'this loss: not part of @adjoint/nn yet',
    [
      ...[
        'nll_loss',
        'kl_div',
        'poisson_nll_loss',
        'gaussian_nll_loss',
        'hinge_embedding_loss',
        'soft_margin_loss',
      ],
      ...['margin_ranking_loss', 'triplet_margin_loss', 'cosine_embedding_loss', 'multi_margin_loss'],
      ...['multilabel_margin_loss', 'multilabel_soft_margin_loss', 'ctc_loss_from_logits'],
    ],
  ],
  ['complex numbers do not exist in Adjoint', ['eig', 'eigvals']],
]

const REASON_OF: ReadonlyMap<string, string> = new Map(
  REASONS.flatMap(([reason, ops]) => ops.map(op => [op, reason] as const)),
)

/** The reason for an op without an adapter. */
export function reasonFor(op: string): string {
  return REASON_OF.get(op) ?? `no adapter for ${op}`
}
