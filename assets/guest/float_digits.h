/* float_digits.h: repr, round and float() for floats of common size. The patches of CPython ask here
 * first. For other floats CPython computes with integers of any length, which takes several times
 * as long. */
#pragma once
#include <stdint.h>

enum { MAX_DIGITS = 20, MAX_EXPONENT = 250 };

/* Writes the digits of the shortest number that reads as x, which is positive and finite, and a
 * zero byte at digits, which has room for MAX_DIGITS + 1 bytes. Of several such numbers it is the
 * one nearest to x. The digits do not end in 0. Sets *point to the position of the decimal point,
 * and returns the number of digits. From json_text.c, as yyjson's functions are. */
int tabcell_float_digits(double x, char *digits, int *point);

/* Sets x to the double nearest to digits * 10^exponent, where digits is positive. Returns 0 if the
 * exponent is not between -MAX_EXPONENT and MAX_EXPONENT, or if the number is too close to the
 * middle of two doubles. From json_text.c. */
int tabcell_read_decimal(uint64_t digits, int exponent, double *x);

/* Rounds x, half to even, to a number of decimals. Reports whether x is of a size, and the number
 * of decimals one, that it supports. */
int tabcell_round(double x, int decimals, double *rounded);
