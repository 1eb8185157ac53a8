package numbers

import "slices"

// gap is a group of cases of one file whose results differ between the guest and a native Python
// for the same reason.
type gap struct {
	file   string
	reason string
	names  []string
	within tolerance // limit of the difference; the zero value permits any difference
}

const noFlags = "WebAssembly has no floating-point flags, which numpy reads to detect errors"

// gaps lists the cases that differ. A listed case that does not differ fails, so that the list
// stays correct.
var gaps = []gap{
	{file: "numpy_dtypes", reason: "OverflowError as in a native Python, but raised by the conversion of a Python int to C's long, with a different text", names: []string{"overflow of a Python int"}},
	{file: "numpy_math", reason: noFlags + "; arithmetic neither warns nor raises", names: []string{"errors asked for"}},
	{file: "numpy_linalg", reason: "the result is the rounding error of a computation with values near 1", names: []string{"qr of itself"}, within: tolerance{atol: 1e-14}},
	{file: "pandas_values", reason: "pointers are half as wide, so columns of objects take less memory", names: []string{"info"}},
	{file: "scipy_methods", reason: "the neighbours in a radius are listed in the order of the tree, which depends on the C++ library's nth_element", names: []string{"tree"}},
	{file: "scipy_methods", reason: "QhullError as in a native Python, but raised before Qhull is called, with a different text", names: []string{"collinear hull"}},
	{file: "sklearn_models", reason: "the optimizer stops at a different point", names: []string{"power transformer"}, within: tolerance{rtol: 1e-7}},
}

// gapOf returns the gap that lists a case, or nil if there is none.
func gapOf(file, name string) *gap {
	for i, g := range gaps {
		if g.file == file && slices.Contains(g.names, name) {
			return &gaps[i]
		}
	}
	return nil
}
