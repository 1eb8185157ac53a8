"""The similarity of sequences and sets of texts."""
from rapidfuzz.distance import Indel


def _cost(s1, s2):
    """Returns what it costs to replace one text by another: 0 for equal ones, 2 for different ones."""
    return 2 * Indel.normalized_distance(s1, s2)


def _ratio(total, cost):
    return 1.0 if total == 0 else (total - cost) / total


def seqratio(strlist1, strlist2):
    """Returns the similarity of two sequences of texts, in their order."""
    row = list(range(len(strlist2) + 1))
    for i, s1 in enumerate(strlist1):
        previous, row = row, [i + 1]
        for j, s2 in enumerate(strlist2):
            row.append(min(previous[j] + _cost(s1, s2), previous[j + 1] + 1, row[j] + 1))
    return _ratio(len(strlist1) + len(strlist2), row[-1])


def setratio(strlist1, strlist2):
    """Returns the similarity of two sets of texts, in the best order."""
    few, many = sorted((list(strlist1), list(strlist2)), key=len)
    if not few:
        return 1.0 if not many else 0.0
    costs = [[_cost(s1, s2) for s2 in many] for s1 in few]
    pairs = sum(costs[i][j] for i, j in enumerate(_assign(costs)))
    return _ratio(len(few) + len(many), pairs + len(many) - len(few))


def _assign(costs):
    """Returns the column of each row for which the sum is least (the Hungarian method)."""
    rows, columns = len(costs), len(costs[0])
    row_price, column_price, owner = [0.0] * (rows + 1), [0.0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        before = _shortest_path(costs, row_price, column_price, owner)
        column = before.pop()
        while column:
            owner[column] = owner[before[column]]
            column = before[column]
    columns_of = {row: column for column, row in enumerate(owner) if column and row}
    return [columns_of[row] - 1 for row in range(1, rows + 1)]


def _shortest_path(costs, row_price, column_price, owner):
    """Adjusts the prices until a free column is found. Returns the column before each on the path,
    followed by the free column."""
    slack, before, used, column = [float("inf")] * len(owner), [0] * len(owner), [False] * len(owner), 0
    while owner[column]:
        used[column], row, least, following = True, owner[column], float("inf"), 0
        for j in range(1, len(owner)):
            if not used[j]:
                reduced = costs[row - 1][j - 1] - row_price[row] - column_price[j]
                if reduced < slack[j]:
                    slack[j], before[j] = reduced, column
                if slack[j] < least:
                    least, following = slack[j], j
        for j in range(len(owner)):
            if used[j]:
                row_price[owner[j]] += least
                column_price[j] -= least
            else:
                slack[j] -= least
        column = following
    return [*before, column]
