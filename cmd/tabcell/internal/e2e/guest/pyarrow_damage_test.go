package guest

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// damagedArrays are arguments of pyarrow.lib._restore_array: type, length, number of nulls, offset,
// buffers, children and dictionary. Each has one error.
var damagedArrays = []struct{ array, want string }{
	{"(t('string'), 2, 0, 0, [None, text(b'123'), text(b'ab')], [], None)", "buffer 1 has 3 bytes, and needs 12"},
	{"(t('string'), 2, 0, 0, [None, offsets(0, 2, 1), text(b'ab')], [], None)", "its positions do not rise from 0 to at most 2"},
	{"(t('string'), 2, 0, 0, [None, offsets(0, 1, 3), text(b'ab')], [], None)", "its positions do not rise from 0 to at most 2"},
	{"(t('string'), 2, 0, 0, [None, offsets(-1, 1, 2), text(b'ab')], [], None)", "its positions do not rise from 0 to at most 2"},
	{"(t('string'), 2, 0, 0, [None, offsets(0, 1), text(b'ab')], [], None)", "buffer 1 has 8 bytes, and needs 12"},
	{"(t('string'), 1, 0, 0, [None, offsets(0, 1), text(b'\\xff')], [], None)", "a value is not UTF-8"},
	{"(t('string'), 1, 0, 0, [None, offsets(0, 1)], [], None)", "it has 2 buffers, and needs 3"},
	{"(t('int64'), 2, 0, 0, [None, text(bytes(8))], [], None)", "buffer 1 has 8 bytes, and needs 16"},
	{"(t('int64'), 1, 0, 1 << 40, [None, text(bytes(8))], [], None)", "its offset 1099511627776"},
	{"(t('int64'), 1, 0, 1 << 28, [None, text(bytes(8))], [], None)", "buffer 1 has 8 bytes, and needs 2147483656"},
	{"(t('int64'), -1, 0, 0, [None, text(bytes(8))], [], None)", "its length is -1"},
	{"(t('int64'), 9, 0, 0, [text(b'1'), text(bytes(80))], [], None)", "buffer 0 has 1 bytes, and needs 2"},
	{"(t('int64'), 1, 0, 0, [None, bytes(8)], [], None)", "its buffers are not a list of buffers"},
	{"(t('int64'), 1, 0, 0, [None, text(bytes(8))], [])", "does not have seven fields"},
	{"('int64', 1, 0, 0, [None, text(bytes(8))], [], None)", "a str stands where an array in a pyarrow pickle has its type"},
	{"(p.list_(t('int8')), 1, 0, 0, [None, offsets(0, 3)], [(t('int8'), 2, 0, 0, [None, text(b'12')], [], None)], None)", "at most 2"},
	{"(p.list_(t('int8')), 1, 0, 0, [None, offsets(0, 3)], [], None)", "it has 0 children, and needs 1"},
	{"(p.list_(t('int8'), 3), 1, 0, 0, [None], [(t('int8'), 2, 0, 0, [None, text(b'12')], [], None)], None)", "child 0 has 2 values, and needs 3"},
	{"(p.dictionary(t('int8'), t('int8')), 1, 0, 0, [None, text(b'\\x01')], [], (t('int8'), 1, 0, 0, [None, text(b'1')], [], None))",
		"an index is beyond the 1 values of its dictionary"},
	{"(p.dictionary(t('int8'), t('int8')), 1, 0, 0, [None, text(b'\\x01')], [], None)", "does not have seven fields"},
	{"(t('string_view'), 1, 0, 0, [None, text(b'\\x20' + bytes(15))], [], None)", "it has 2 buffers, and needs 3"},
	{"(t('string_view'), 1, 0, 0, [None, text(b'\\xff' * 16)], [], None)", "a view has a negative length or position"},
	{"(t('date32[day]'), 1, 0, 0, [None, text(b'\\xff\\xff\\xff\\x7f')], [], None)", "a date is not in the years 1 to 9999"},
	{"(t('time32[s]'), 1, 0, 0, [None, text(b'\\xff\\xff\\xff\\x7f')], [], None)", "a time is not within a day"},
	{"(t('month_day_nano_interval'), 1, 0, 0, [None, text(bytes(16))], [], None)", "a cell has no pyarrow"},
	{"(p.decimal128(99, 2), 1, 0, 0, [None, text(bytes(16))], [], None)", "decimal128(99, 2) is not a type"},
}

// TestDamagedPyarrowPickles checks that every length and position in a pickle is verified.
func TestDamagedPyarrowPickles(t *testing.T) {
	const setup = `import sys
p = sys.modules["pyarrow.lib"]
t = p.type_for_alias
text = p.py_buffer
offsets = lambda *values: text(b"".join(v.to_bytes(4, "little", signed=True) for v in values))
`
	for _, c := range damagedArrays {
		if got := run(t, "pandas", setup+"return p._restore_array("+c.array+").to_pylist()", "{}"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.array, got, c.want)
		}
	}
}

// TestDamagedArchives checks that an archive with pyarrow objects that cannot be loaded is refused
// with the reason.
func TestDamagedArchives(t *testing.T) {
	for archive, want := range map[string]string{
		"cpyarrow.lib\nuuid\n(tR.":                         "pyarrow's uuid cannot be loaded: a cell has no pyarrow",
		"cpyarrow.lib\nNativeFile\n(tR.":                   "pyarrow's NativeFile cannot be loaded: a cell has no pyarrow",
		"cpyarrow.lib\ntype_for_alias\n(S'int65'\ntR.":     "pyarrow's type 'int65' cannot be loaded: a cell has no pyarrow",
		"cpyarrow.lib\n_restore_array\n((tI1\ntR.":         "_restore_array() takes 1 positional argument",
		"cpyarrow.lib\n_restore_array\n((ttR.":             "an array in a pyarrow pickle does not have seven fields",
		"cpyarrow\nTable\n.":                               "No module named 'pyarrow'",
		"cpandas.arrays\nArrowStringArray\n)\x81}b.":       "an ArrowExtensionArray has data of type NoneType",
		"cpandas.arrays\nArrowExtensionArray\n(I1\nt\x81.": "pyarrow is required",
	} {
		if _, err := harness.Core(t).LoadModel(t.Context(), modelOfArchive("damaged", []byte(archive))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", archive, err, want)
		}
	}
}
