/* float_round.c: round(x, decimals) without a text. */
#include "float_digits.h"
#include <math.h>
#include <string.h>

enum { SIGNIFICAND_BITS = 52, EXPONENT_BIAS = 1075, MAX_DECIMALS = 15, PRODUCT_BITS = 103 };

/* Powers of ten, which a double holds exactly. */
static const double POWERS[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* Computes x * 10^decimals for x > 0, rounded to the nearest integer, half to even. Reports whether
 * the arguments are supported and the result is below 2^53, so that a double can hold it. */
static int scale(double x, int decimals, uint64_t *result) {
    uint64_t bits, one = 1;
    memcpy(&bits, &x, sizeof bits);
    int shift = EXPONENT_BIAS - (int)(bits >> SIGNIFICAND_BITS); /* x = significand / 2^shift */
    if (decimals < 0 || decimals > MAX_DECIMALS || shift <= 0 || shift > PRODUCT_BITS) return 0;
    uint64_t significand = (bits & ((one << SIGNIFICAND_BITS) - 1)) | one << SIGNIFICAND_BITS;
    unsigned __int128 product = (unsigned __int128)significand * (uint64_t)POWERS[decimals], unit = (unsigned __int128)1 << shift;
    unsigned __int128 quotient = product >> shift, rest = product & (unit - 1), half = unit >> 1;
    if (quotient >> (SIGNIFICAND_BITS + 1)) return 0;
    *result = (uint64_t)quotient;
    *result += rest > half || (rest == half && (*result & 1));
    return 1;
}

/* The quotient of two integers that doubles hold exactly is the double nearest to the decimal. */
int tabcell_round(double x, int decimals, double *rounded) {
    uint64_t scaled;
    double size = fabs(x);
    if (size == 0) *rounded = x;
    else if (scale(size, decimals, &scaled)) *rounded = copysign((double)scaled / POWERS[decimals], x);
    else return 0;
    return 1;
}
