"""The side of a subject in Python: the protocol of src/worker.ts, and the numbers of a problem as arrays of numpy."""

import json
import math
import resource
import sys
import time

import numpy

MARK = '@bench '

# A sample takes at least so long, in seconds.
SAMPLE = 0.002


def read_problem(path):
    """The description of a problem with its arrays; fresh ones at every call."""
    with open(path) as file:
        problem = json.load(file)
    with open(path[: -len('.json')] + '.bin', 'rb') as file:
        data = file.read()
    problem['arrays'] = {
        name: numpy.frombuffer(data, dtype=place['dtype'], count=place['count'], offset=place['offset'])
        .reshape(place['shape'])
        .copy()
        for name, place in problem['arrays'].items()
    }
    return problem


def norm(values):
    """The Euclidean length of all numbers together."""
    return float(math.sqrt((numpy.asarray(values, dtype='float64') ** 2).sum()))


def serve(make, about):
    """Answers requests until the input ends. `make(problem)` returns two functions: step() and read()."""
    path, step = None, None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request['do'] == 'prepare':
                path = request['problem']
                step, _ = make(read_problem(path))
                answer = prepare(step, request['warmUpSeconds'])
                answer['about'] = about()
            elif request['do'] == 'results':
                answer = {'results': results(*make(read_problem(path)), request['steps'])}
            elif request['do'] == 'measure':
                answer = {'samples': measure(step, request['seconds'])}
            else:
                answer = run(step, request['steps'], request['seconds'])
        except Exception as error:
            answer = {'unavailable': f'{type(error).__name__}: {error}'}
        print(MARK + json.dumps(answer), flush=True)


def prepare(step, seconds):
    start = time.perf_counter()
    step()
    first = time.perf_counter() - start
    while time.perf_counter() - start < seconds:
        step()
    return {'firstMs': 1e3 * first}


def results(step, read, steps):
    found = []
    for _ in range(steps):
        step()
        found.append([float(number) for number in read()])
    return found


def measure(step, seconds):
    samples = []
    start = now = time.perf_counter()
    batch = 1
    while not samples or now - start < seconds:
        for _ in range(batch):
            step()
        each = (time.perf_counter() - now) / batch
        # The first samples only find out how many steps make a sample.
        if each * batch >= SAMPLE / 2:
            samples.append(1e3 * each)
        batch = max(1, math.ceil(SAMPLE / max(each, 1e-9)))
        now = time.perf_counter()
    return samples


def run(step, steps, seconds):
    start = time.perf_counter()
    done = 0
    while done < steps and time.perf_counter() - start < seconds:
        step()
        done += 1
    return {'steps': done, 'memory': {**resident(), 'heap': 0, 'arrays': 0}}


def resident():
    """Megabytes in memory now, and the most so far."""
    try:
        with open('/proc/self/status') as file:
            status = dict(line.split(':', 1) for line in file)
        return {
            'resident': int(status['VmRSS'].split()[0]) / 1e3,
            'peak': int(status['VmHWM'].split()[0]) / 1e3,
        }
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        return {'resident': peak, 'peak': peak}
