#define REAL doublereal
#define NAME "DGETRF2"
#define GETRF2 dgetrf2_
#define AMAX idamax_
#define SOLVE dtrsm_
#define MULTIPLY dgemm_
#define LAMCH dlamch_
#include "getrf2.inc"
