"""Analysis of variance of one factor."""

from scipy import stats


def anova(_arg1, _arg2, *_argN):
    """
    One-way analysis of variance: whether two or more groups have the same mean.

    Each argument is the values of one group, numbers. Returns the p-value of the F-test.
    """
    groups = [_arg1, _arg2, *_argN]
    for number, group in enumerate(groups, 1):
        if not group or not isinstance(group[0], (int, float)):
            raise ValueError(f"_arg{number} must be numbers")
    return float(stats.f_oneway(*groups).pvalue)
