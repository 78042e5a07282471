"""The workloads in numpy, with the derivatives written by hand: `numpy_worker.py worker|coldStart THREADS`."""

import sys

import numpy as np


def cold_start():
    x = np.array([1.0, 2.0, 3.0], dtype='float32')
    assert (2 * x).tolist() == [2, 4, 6]


def make(problem):
    return MAKERS[problem['family']](problem['settings'], problem['arrays'])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def perceptron(settings, arrays):
    layers = len(settings['sizes']) - 1
    weights = [arrays[f'weight{i + 1}'] for i in range(layers)]
    biases = [arrays[f'bias{i + 1}'] for i in range(layers)]
    x, y = arrays['X'], arrays['Y']
    m = len(x)
    rate = np.float32(settings['learningRate'])
    activation, loss_of = settings['activation'], LOSSES[settings['loss']]
    moments = [[np.zeros_like(p), np.zeros_like(p)] for p in weights + biases]
    state = {'loss': 0.0, 'steps': 0}

    def step():
        inputs, a = [], x
        for i in range(layers):
            inputs.append(a)
            z = a @ weights[i].T
            z += biases[i]
            if i == layers - 1:
                a = z
            elif activation == 'relu':
                a = np.maximum(z, 0)
            else:
                a = np.tanh(z) if activation == 'tanh' else sigmoid(z)
        state['loss'], dz = loss_of(a, y, m)
        gradients = [None] * (2 * layers)
        for i in range(layers - 1, -1, -1):
            gradients[i] = dz.T @ inputs[i]
            gradients[layers + i] = dz.sum(0)
            if i > 0:
                a = inputs[i]
                dz = dz @ weights[i]
                dz *= (a > 0) if activation == 'relu' else (1 - a * a) if activation == 'tanh' else a * (1 - a)
        state['steps'] += 1
        for p, g, moment in zip(weights + biases, gradients, moments):
            if settings['optimizer'] == 'sgd':
                p -= rate * g
                continue
            moment[0] = np.float32(0.9) * moment[0] + np.float32(0.1) * g
            moment[1] = np.float32(0.999) * moment[1] + np.float32(0.001) * g * g
            shares = [np.float32(1 - beta ** state['steps']) for beta in (0.9, 0.999)]
            p -= rate * (moment[0] / shares[0]) / (np.sqrt(moment[1] / shares[1]) + np.float32(1e-8))

    return step, lambda: [state['loss']]


def binary_cross_entropy(z, y, m):
    a = sigmoid(z)
    loss = -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()
    return loss, (a - y) / np.float32(m)


def mean_squared_error(z, y, m):
    error = z - y
    return (error * error).mean(), error * np.float32(2 / z.size)


def cross_entropy(z, y, m):
    rows = np.arange(m)
    shifted = z - z.max(1, keepdims=True)
    e = np.exp(shifted)
    sums = e.sum(1, keepdims=True)
    loss = (np.log(sums[:, 0]) - shifted[rows, y]).mean()
    dz = e / sums
    dz[rows, y] -= 1
    dz /= np.float32(m)
    return loss, dz


LOSSES = {
    'binaryCrossEntropy': binary_cross_entropy,
    'meanSquaredError': mean_squared_error,
    'crossEntropy': cross_entropy,
}


def lstm(settings, arrays):
    batch, time, hidden = settings['batch'], settings['time'], settings['hidden']
    wx, wh = arrays['weight_ih_l0'], arrays['weight_hh_l0']
    bias = arrays['bias_ih_l0'] + arrays['bias_hh_l0']
    # Time first, so that a step is one block of memory.
    x = np.ascontiguousarray(arrays['X'].transpose(1, 0, 2))
    flat = x.reshape(time * batch, -1)
    zero = np.zeros((batch, hidden), dtype='float32')
    count = batch * time * hidden
    state = {}

    def step():
        projected = (flat @ wx.T + bias).reshape(time, batch, 4 * hidden)
        h, c = zero, zero
        hs, kept = [zero], []
        loss = 0.0
        for t in range(time):
            z = h @ wh.T
            z += projected[t]
            gates = sigmoid(z)
            i, f, o = gates[:, :hidden], gates[:, hidden : 2 * hidden], gates[:, 3 * hidden :]
            g = np.tanh(z[:, 2 * hidden : 3 * hidden])
            before = c
            c = f * c + i * g
            tc = np.tanh(c)
            h = o * tc
            hs.append(h)
            kept.append((i, f, g, o, before, tc))
        outputs = np.stack(hs[1:])
        state['loss'] = float((outputs * outputs).mean())
        dzs = np.empty((time, batch, 4 * hidden), dtype='float32')
        dh, dc = zero, zero
        for t in range(time - 1, -1, -1):
            i, f, g, o, before, tc = kept[t]
            dh = dh + outputs[t] * np.float32(2 / count)
            dc = dc + dh * o * (1 - tc * tc)
            dz = dzs[t]
            dz[:, :hidden] = dc * g * i * (1 - i)
            dz[:, hidden : 2 * hidden] = dc * before * f * (1 - f)
            dz[:, 2 * hidden : 3 * hidden] = dc * i * (1 - g * g)
            dz[:, 3 * hidden :] = dh * tc * o * (1 - o)
            dc = dc * f
            dh = dz @ wh
        rows = dzs.reshape(time * batch, -1)
        db = rows.sum(0)
        state['gradients'] = [rows.T @ flat, rows.T @ np.concatenate(hs[:-1]), db, db]

    return step, lambda: [state['loss']] + [np.linalg.norm(g) for g in state['gradients']]


def one_value(compute):
    state = {}

    def step():
        state['value'] = compute()

    return step, lambda: [np.linalg.norm(state['value'])]


def matmul(settings, arrays):
    a, b = arrays['A'], arrays['B']
    if settings['form'] == 'left':
        a = a.T
    if settings['form'] == 'right':
        b = b.T
    return one_value(lambda: a @ b)


def tanh_sigmoid(settings, arrays):
    x, w, b = arrays['X'], arrays['w'], arrays['b']
    state = {}

    def step():
        t, s = np.tanh(x * w + b), sigmoid(x)
        state['results'] = [(t * s).sum()]
        if settings['withGradient']:
            dz = (1 - t * t) * s
            dx = dz * w + t * s * (1 - s)
            state['results'] += [dx, (dz * x).sum(), dz.sum()]

    return step, lambda: [np.linalg.norm(r) if r.ndim else r for r in state['results']]


def softmax(settings, arrays):
    x, c = arrays['X'], arrays['c']
    state = {}

    def step():
        e = np.exp(x - x.max(1, keepdims=True))
        y = e / e.sum(1, keepdims=True)
        weighted = (c * y).sum(1, keepdims=True)
        state['value'] = weighted.sum()
        state['dx'] = y * (c - weighted)

    return step, lambda: [state['value'], np.linalg.norm(state['dx'])]


MAKERS = {
    'perceptron': perceptron,
    'lstm': lstm,
    'matmul': matmul,
    'tanhSigmoid': tanh_sigmoid,
    'softmax': softmax,
    'sum': lambda settings, arrays: one_value(lambda: arrays['X'].sum(settings['axis'])),
}

if __name__ == '__main__':
    if sys.argv[1] == 'coldStart':
        cold_start()
    else:
        from worker import serve

        serve(make, lambda: f'numpy {np.__version__}')
