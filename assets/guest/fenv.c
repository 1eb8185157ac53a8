/* fenv.c: floating-point flags in software, instead of libc's functions, which do nothing.
 *
 * WebAssembly's arithmetic raises no flags, so an overflow causes no RuntimeWarning. But where
 * LAPACK reports a singular matrix, numpy raises "invalid" itself and tests it afterwards; if the
 * flag were not stored, LinAlgError would never be raised. */
#include <fenv.h>

static unsigned long raised;

int feclearexcept(int mask)
{
    raised &= ~(unsigned long)mask;
    return 0;
}

int feraiseexcept(int mask)
{
    raised |= (unsigned long)(mask & FE_ALL_EXCEPT);
    return 0;
}

int fetestexcept(int mask)
{
    return (int)(raised & (unsigned long)mask);
}

int fegetround(void)
{
    return FE_TONEAREST;
}

int __fesetround(int mode)
{
    return mode != FE_TONEAREST;
}

int fegetenv(fenv_t *env)
{
    env->__cw = raised;
    return 0;
}

int fesetenv(const fenv_t *env)
{
    raised = env == FE_DFL_ENV ? 0 : env->__cw;
    return 0;
}
