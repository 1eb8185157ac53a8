import array, bisect, collections, contextlib, copy, dataclasses, enum, functools, heapq, itertools, operator, pickle, struct, weakref
@dataclasses.dataclass(order=True)
class P:
    x: int
    y: float = 2.5
class C(enum.Flag):
    A = 1
    B = 2
@functools.lru_cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def gen():
    got = yield 1
    while got:
        got = yield got * 2
g = gen()
next(g)
h = [5, 3, 8, 1]
heapq.heapify(h)
with contextlib.ExitStack() as s:
    s.callback(lambda: None)
return [dataclasses.asdict(max(P(1), P(2), P(2, 3.5))), str(C.A | C.B), fib(90), g.send(21), heapq.nsmallest(3, h), list(itertools.accumulate([1, 2, 3], operator.mul)),
        list(collections.deque([1, 2, 3], maxlen=2)), struct.pack("<hId", 1, 2, 3.5).hex(), array.array("d", [1.5, 2]).tolist(), pickle.loads(pickle.dumps({"a": [1, (2, 3)]})),
        functools.reduce(operator.xor, range(100)), list(itertools.permutations("abc", 2))[:3], copy.deepcopy([[1], {"b": 3}])]
