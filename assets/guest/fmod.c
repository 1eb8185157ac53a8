/* fmod.c: fmod by a division, if the quotient has at most 52 bits. The C library's, which subtracts
 * the divisor bit by bit, takes twice as long for small quotients. The remainders of floats in
 * Python, numpy and pandas call fmod for each number.
 *
 * The remainder of two doubles is a double. If q, the quotient rounded to a double and then to an
 * integer, is right, then the remainder is a - q b. The product is split into two doubles by
 * Dekker's method, so that nothing is lost. The rounding can make q too large by one; then a - q b
 * is negative, also a double, and b is added. */
#include <math.h>

/* Two doubles whose sum is a number of 53 bits. */
typedef struct {
    double high, low;
} halves;

/* Splits x, which is below 2^996, into halves of at most 26 bits. */
static inline halves split(double x) {
    double t = x * 0x1.0000002p27 /* 2^27 + 1 */, high = t - (t - x);
    return (halves){high, x - high};
}

/* Returns the remainder of a and b, with b from 2^-900 to 2^900 and b <= a < 2^52 b. */
static inline double remainder_of(double a, double b) {
    double q = __builtin_trunc(a / b), product = q * b;
    halves x = split(q), y = split(b);
    double error = ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low;
    double r = (a - product) - error;
    return r < 0 ? r + b : r;
}

double __real_fmod(double x, double y); /* the C library's */

double __wrap_fmod(double x, double y) {
    double a = __builtin_fabs(x), b = __builtin_fabs(y);
    if (!(b > 0x1p-900 && b < 0x1p900 && a < b * 0x1p52)) return __real_fmod(x, y); /* also NaN */
    return __builtin_copysign(a < b ? a : remainder_of(a, b), x);
}
