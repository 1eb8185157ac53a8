import cmath, fractions, math, statistics
x = [math.sin(i) * i for i in range(1, 400)]
return [sum(x), math.fsum(x), statistics.stdev(x), statistics.quantiles(x), 3**400 % (10**30), -7 // 2, -7 % 3, round(2.5), 1e308 * 10, 0.1 + 0.2,
        str(fractions.Fraction(3, 7) ** 5), abs(cmath.exp(1j)), math.comb(60, 30), math.gamma(5.5), math.nextafter(1.0, 2.0), (2**70).bit_length(),
        int("ff", 16), float("1e-320"), divmod(10**40, 12345), hash(2.5), math.isqrt(10**41), [format(v, ".3e") for v in x[:5]]]
