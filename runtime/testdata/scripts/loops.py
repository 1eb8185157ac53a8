def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps
def queens(n, row=0, cols=0, a=0, b=0):
    if row == n:
        return 1
    count, free = 0, ~(cols | a | b) & ((1 << n) - 1)
    while free:
        bit = free & -free
        free ^= bit
        count += queens(n, row + 1, cols | bit, (a | bit) << 1, (b | bit) >> 1)
    return count
sieve = bytearray([1]) * 20000
for i in range(2, 142):
    if sieve[i]:
        sieve[i * i::i] = bytes(len(range(i * i, 20000, i)))
words = {}
for i in range(5000):
    words.setdefault(str(i * 7919 % 1000), []).append(i)
return [max(map(collatz, range(1, 3000))), queens(7), sum(sieve) - 2, len(words), sum(len(v) for v in words.values()), sorted(words)[:3], ''.join(sorted(set('hello world')))]
