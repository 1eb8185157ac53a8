class Meta(type):
    def __call__(cls, *a):
        return super().__call__(*a) if a else None
class V(metaclass=Meta):
    __slots__ = ("v",)
    def __init__(self, v): self.v = v
    def __add__(self, o): return V(self.v + o.v)
    def __radd__(self, o): return self
    def __getattr__(self, n): return n.upper()
    def __lt__(self, o): return self.v < o.v
    def __matmul__(self, o): return self.v * o.v
    def __index__(self): return self.v
    def __contains__(self, x): return x == self.v
    def __iter__(self): return iter(range(self.v))
class W(V):
    @property
    def twice(self): return 2 * self.v
    @classmethod
    def make(cls, v): return cls(v)
    @staticmethod
    def s(): return "s"
def control(x):
    match x:
        case {"k": [a, *rest]} if a > 1: return ["dict", a, rest]
        case (1 | 2, b): return ["pair", b]
        case W(twice=t): return ["object", t]
        case str() as s: return ["text", s]
        case _: return ["other"]
async def co():
    return 7
c = co()
try:
    c.send(None)
except StopIteration as e:
    value = e.value
return [sum([V(1), V(2), V(3)]).v, W.make(4).twice, W.s(), V(3).missing, sorted([V(3), V(1)])[0].v, V(3) @ V(4), [1, 2, 3][V(1)], 3 in V(3), list(V(3)), V(),
        control({"k": [2, 3, 4]}), control((1, "b")), control(W(5)), control("t"), control(9), value, W.__mro__[1].__name__, (lambda *a, k=1, **kw: [a, k, kw])(1, 2, k=3, z=4)]
