"""The workloads in PyTorch: `torch_worker.py worker|coldStart THREADS`."""

import sys

import torch
from torch import nn

THREADS = int(sys.argv[2])
torch.set_num_threads(THREADS)


def cold_start():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4, 6]


def arrays_of(problem):
    return {name: torch.from_numpy(values) for name, values in problem['arrays'].items()}


def make(problem):
    with_labels = arrays_of(problem)
    if 'Y' in with_labels and with_labels['Y'].dtype == torch.int32:
        with_labels['Y'] = with_labels['Y'].long()
    return MAKERS[problem['family']](problem['settings'], with_labels)


ACTIVATIONS = {'sigmoid': nn.Sigmoid, 'tanh': nn.Tanh, 'relu': nn.ReLU}
LOSSES = {
    'binaryCrossEntropy': nn.BCEWithLogitsLoss,
    'meanSquaredError': nn.MSELoss,
    'crossEntropy': nn.CrossEntropyLoss,
}


def training_step(model, loss_of, optimizer, arrays):
    x, y = arrays['X'], arrays['Y']
    state = {}

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        state['loss'] = loss

    return step, lambda: [state['loss'].item()]


def perceptron(settings, arrays):
    sizes = settings['sizes']
    layers = []
    for i in range(1, len(sizes)):
        if i > 1:
            layers.append(ACTIVATIONS[settings['activation']]())
        layer = nn.Linear(sizes[i - 1], sizes[i])
        layer.weight.data = arrays[f'weight{i}']
        layer.bias.data = arrays[f'bias{i}']
        layers.append(layer)
    model = nn.Sequential(*layers)
    kind = torch.optim.SGD if settings['optimizer'] == 'sgd' else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=settings['learningRate'])
    return training_step(model, LOSSES[settings['loss']](), optimizer, arrays)


def state_of(arrays):
    return {name: values for name, values in arrays.items() if name not in ('X', 'Y')}


def convolution(settings, arrays):
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(800, 10),
    )
    model.load_state_dict(state_of(arrays))
    optimizer = torch.optim.SGD(model.parameters(), lr=settings['learningRate'])
    return training_step(model, nn.CrossEntropyLoss(), optimizer, arrays)


def forward_and_backward(layer, forward, arrays):
    layer.load_state_dict(state_of(arrays))
    x = arrays['X']
    parameters = dict(layer.named_parameters())
    weights = [parameters[name] for name in state_of(arrays)]
    state = {}

    def step():
        for weight in weights:
            weight.grad = None
        loss = forward(x).square().mean()
        loss.backward()
        state['loss'] = loss

    return step, lambda: [state['loss'].item()] + [weight.grad.norm().item() for weight in weights]


def recurrent(kind):
    def maker(settings, arrays):
        layer = kind(settings['inputs'], settings['hidden'], batch_first=True)
        return forward_and_backward(layer, lambda x: layer(x)[0], arrays)

    return maker


def transformer(settings, arrays):
    layer = nn.TransformerEncoderLayer(
        settings['features'],
        settings['heads'],
        settings['hidden'],
        dropout=0.0,
        activation='gelu',
        layer_norm_eps=settings['epsilon'],
        batch_first=True,
        norm_first=True,
    )
    return forward_and_backward(layer, layer, arrays)


def values_only(compute):
    """A step without gradients; what it gives is read as norms."""
    state = {}

    def step():
        with torch.no_grad():
            state['value'] = compute()

    def read():
        value = state['value']
        return [value.item() if value.numel() == 1 else value.double().norm().item()]

    return step, read


def matmul(settings, arrays):
    a, b = arrays['A'], arrays['B']
    if settings['form'] == 'left':
        a = a.t()
    if settings['form'] == 'right':
        b = b.t()
    return values_only(lambda: a @ b)


def with_gradients(value_of, leaves):
    state = {}
    for leaf in leaves:
        leaf.requires_grad_(True)

    def step():
        for leaf in leaves:
            leaf.grad = None
        value = value_of()
        value.backward()
        state['value'] = value

    def show(x):
        return x.item() if x.numel() == 1 else x.double().norm().item()

    return step, lambda: [state['value'].item()] + [show(leaf.grad) for leaf in leaves]


def tanh_sigmoid(settings, arrays):
    x, w, b = arrays['X'], arrays['w'], arrays['b']
    value_of = lambda: (torch.tanh(x * w + b) * torch.sigmoid(x)).sum()
    return with_gradients(value_of, [x, w, b]) if settings['withGradient'] else values_only(value_of)


def softmax(settings, arrays):
    x, c = arrays['X'], arrays['c']
    return with_gradients(lambda: (c * torch.softmax(x, -1)).sum(), [x])


def add(settings, arrays):
    x, y = arrays['X'], arrays['Y']
    x.requires_grad_(True)
    state = {}

    def forward():
        state['value'] = x + y

    def both():
        x.grad = None
        state['value'] = x + y
        state['value'].backward(y)

    show = lambda t: t.item() if t.numel() == 1 else t.detach().norm().item()
    if settings['withBackward']:
        return both, lambda: [show(state['value']), show(x.grad)]
    return forward, lambda: [show(state['value'])]


def hessian_vector_product(settings, arrays):
    layers = len(settings['sizes']) - 1
    names = [f'{kind}{i + 1}' for i in range(layers) for kind in ('weight', 'bias')]
    weights = [arrays[name].requires_grad_(True) for name in names]
    vector = [arrays[f'vector.{name}'] for name in names]
    x, y = arrays['X'], arrays['Y']
    state = {}

    def step():
        a = x
        for i in range(layers):
            a = nn.functional.linear(a, weights[2 * i], weights[2 * i + 1])
            if i < layers - 1:
                a = torch.tanh(a)
        loss = nn.functional.mse_loss(a, y)
        gradients = torch.autograd.grad(loss, weights, create_graph=True)
        state['products'] = torch.autograd.grad(gradients, weights, vector, allow_unused=True)

    def read():
        return [
            0.0 if product is None else product.item() if product.numel() == 1 else product.norm().item()
            for product in state['products']
        ]

    return step, read


MAKERS = {
    'perceptron': perceptron,
    'convolution': convolution,
    'lstm': recurrent(nn.LSTM),
    'gru': recurrent(nn.GRU),
    'transformer': transformer,
    'matmul': matmul,
    'tanhSigmoid': tanh_sigmoid,
    'softmax': softmax,
    'tanh': lambda settings, arrays: values_only(lambda: torch.tanh(arrays['X'])),
    'sum': lambda settings, arrays: values_only(lambda: arrays['X'].sum(settings['axis'])),
    'add': add,
    'hessianVectorProduct': hessian_vector_product,
}

if __name__ == '__main__':
    if sys.argv[1] == 'coldStart':
        cold_start()
    else:
        from worker import serve

        serve(make, lambda: f'torch {torch.__version__}, {torch.get_num_threads()} threads')
