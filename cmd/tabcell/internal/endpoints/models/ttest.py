"""Welch's and the one-sample t-test."""

from scipy import stats


def ttest(_arg1, _arg2):
    """
    Student's t-test: the probability of the values by chance alone.

    With one number in _arg2, whether the mean of _arg1 is that number. With two different values in _arg2, which then has one for each value of
    _arg1, whether the means of the two groups are equal. Otherwise whether the means of the two samples are equal. Equal variances are not
    assumed. Returns the p-value of the two-sided test.
    """
    if len(_arg2) == 1:
        return float(stats.ttest_1samp(_arg1, _arg2[0]).pvalue)
    groups = set(_arg2)
    if len(groups) == 2:
        if len(_arg1) != len(_arg2):
            raise ValueError(f"there are {len(_arg1)} values and {len(_arg2)} groups for them")
        one = groups.pop()
        first = [value for value, group in zip(_arg1, _arg2) if group == one]
        second = [value for value, group in zip(_arg1, _arg2) if group != one]
        return float(stats.ttest_ind(first, second, equal_var=False).pvalue)
    return float(stats.ttest_ind(_arg1, _arg2, equal_var=False).pvalue)
