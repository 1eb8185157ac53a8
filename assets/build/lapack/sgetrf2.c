#define REAL real
#define NAME "SGETRF2"
#define GETRF2 sgetrf2_
#define AMAX isamax_
#define SOLVE strsm_
#define MULTIPLY sgemm_
#define LAMCH slamch_
#include "getrf2.inc"
