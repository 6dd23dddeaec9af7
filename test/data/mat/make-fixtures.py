# Writes fixtures.json: .mat files of SciPy, base64, with the arrays in them. python3 make-fixtures.py, SciPy 1.17.
import base64, io, json
import numpy as np
import scipy.io, scipy.sparse

rng = np.random.default_rng(1)
tensor = rng.standard_normal((4, 3, 2))
files = {
    'one': ({'x': tensor}, False),
    'one, compressed': ({'x': tensor}, True),
    'smooth, compressed': ({'smooth': np.tile(np.arange(60.0), (5, 1))}, True),
    'integers': ({f'a_{t}': (np.arange(12) - (6 if t[0] == 'i' else 0)).reshape(3, 2, 2).astype(t)
                  for t in ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64']}, True),
    'single, vector, scalar': ({'single': tensor.astype('float32'), 'vector': np.arange(5.0), 'scalar': 7.5}, False),
    'others beside': ({'text': 'words', 'cell': np.array([1, 'a'], dtype=object), 'z': np.array([1 + 2j]),
                       'sparse': scipy.sparse.csc_matrix(np.eye(3)), 'struct': {'a': 1.0}, 'x': tensor}, True),
    'none': ({'text': 'words'}, False),
}
out = {}
for name, (arrays, compress) in files.items():
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, arrays, do_compression=compress)
    full = {k: np.atleast_2d(v) for k, v in arrays.items()
            if isinstance(v, (np.ndarray, float)) and np.asarray(v).dtype.kind in 'fiu'}
    out[name] = {'mat': base64.b64encode(buffer.getvalue()).decode(),
                 'arrays': {k: {'shape': list(v.shape), 'values': v.ravel().tolist()} for k, v in full.items()}}
json.dump(out, open('fixtures.json', 'w'), indent=1)
