"""Principal components."""

import numpy
import pandas
from sklearn.decomposition import PCA as Components
from sklearn.preprocessing import StandardScaler


def PCA(component, _arg1, _arg2, *_argN):
    """
    Principal component analysis: one component's value for each row.

    component counts from 1 and is at most the number of columns. Each further argument is a column: numbers, or texts, which count as one column
    for each different text, in alphabetical order, with 1 where it occurs. All columns are scaled to mean 0 and variance 1 first. Returns a list
    with one number for each row.
    """
    table = numpy.column_stack([part for column in (_arg1, _arg2, *_argN) for part in numbers(column)])
    if not 0 < component <= table.shape[1]:
        raise ValueError(f"component must be from 1 to {table.shape[1]}, the number of columns")
    scaled = StandardScaler().fit_transform(table)
    return Components().fit_transform(scaled)[:, component - 1].tolist()


def numbers(column):
    """A column as columns of numbers."""
    if isinstance(column[0], (bool, int, float)):
        return [numpy.array(column, dtype=float)]
    return list(pandas.get_dummies(pandas.Series(column), dtype=float).to_numpy().T)
