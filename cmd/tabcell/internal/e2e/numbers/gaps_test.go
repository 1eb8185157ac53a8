package numbers

import "slices"

// numberGap is a group of cases of one file whose values in the guest are not the native ones, for one reason.
type numberGap struct {
	file   string
	reason string
	names  []string
	within tolerance // what the numbers still keep; zero when it is not a matter of size
}

const (
	positions = "positions are intp, which is 32 bits wide in the guest: products beyond 2**31 wrap"
	noFlags   = "WebAssembly has no floating-point flags, by which numpy learns of errors"
)

// numberGaps are listed with their reasons. A case that no longer differs fails, so that the list stays true.
var numberGaps = []numberGap{
	{file: "numpy_dtypes", reason: positions, names: []string{
		"argmax", "argmin of axis", "argsort", "argpartition", "nonzero", "where", "flatnonzero", "argwhere", "searchsorted", "searchsorted of one",
		"digitize", "unique with all", "lexsort", "count_nonzero", "unravel_index", "ravel_multi_index", "ix_", "intersect1d",
		"position times a large number", "argmax times a large number", "searchsorted times a large number", "argsort as a key",
		"inverse times a large number", "integer repr",
	}},
	{file: "numpy_dtypes", reason: "long and intp are 32 bits wide in the guest", names: []string{"names of the platform"}},
	{file: "numpy_dtypes", reason: "OverflowError as natively, raised where a Python int becomes C's long: another text", names: []string{"overflow of a Python int"}},
	{file: "numpy_math", reason: positions, names: []string{"masked"}},
	{file: "numpy_math", reason: noFlags + "; arithmetic warns of nothing and raises nothing", names: []string{"errors asked for"}},
	{file: "numpy_linalg", reason: "what is left of a matrix of the size of 1 is rounding", names: []string{"qr of itself"}, within: tolerance{atol: 1e-14}},
	{file: "pandas_frames", reason: positions, names: []string{
		"factorize", "factorize times an amount", "positions", "get_indexer", "group indices", "cut and qcut", "groups by positions",
	}},
	{file: "pandas_values", reason: "pointers are half as wide: columns of objects take less memory", names: []string{"info"}},
	{file: "scipy_methods", reason: positions, names: []string{"lu", "find_peaks", "argrelextrema", "tree"}},
	{file: "scipy_methods", reason: "eval_hermite has loops for C's long, which is 32 bits wide in the guest, and takes no int64", names: []string{"legendre"}},
	{file: "scipy_methods", reason: "QhullError as natively, found before Qhull is asked: another text", names: []string{"collinear hull"}},
	{file: "sklearn_models", reason: positions, names: []string{"PCA of a share", "kneighbors", "one-class", "encoders", "DBSCAN", "agglomerative"}},
	{file: "sklearn_models", reason: "the optimiser stops at another point", names: []string{"power transformer"}, within: tolerance{rtol: 1e-7}},
}

// gapOf is the gap that lists a case; nil for none.
func gapOf(file, name string) *numberGap {
	for i, g := range numberGaps {
		if g.file == file && slices.Contains(g.names, name) {
			return &numberGaps[i]
		}
	}
	return nil
}
