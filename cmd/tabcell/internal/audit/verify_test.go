package audit

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"tabcell/httpapi"
)

// TestVerify changes a trail of six lines in the ways in which a person might.
func TestVerify(t *testing.T) {
	for name, c := range map[string]struct {
		change func(lines []string) []string
		want   string
	}{
		"unchanged": {func(l []string) []string { return l }, ""},
		"first line removed": {func(l []string) []string { return l[1:] },
			"audit.jsonl:1: line 1 is missing"},
		"line removed": {func(l []string) []string { return append(l[:2], l[3:]...) },
			"audit.jsonl:3: line 3 is missing before this one"},
		"lines removed": {func(l []string) []string { return append(l[:1], l[4:]...) },
			"audit.jsonl:2: lines 2 to 4 are missing before this one"},
		"last line removed": {func(l []string) []string { return l[:5] },
			"audit.jsonl.head: line 6 is missing at the end of the trail"},
		"all lines removed": {func(l []string) []string { return nil },
			"audit.jsonl: there is no line of an audit trail\naudit.jsonl.head: lines 1 to 6 are missing at the end of the trail"},
		"line changed": {func(l []string) []string { l[2] = strings.Replace(l[2], "ann", "eve", 1); return l },
			"audit.jsonl:3: the line was changed: its content does not match its hash"},
		"last line changed": {func(l []string) []string { l[5] = strings.Replace(l[5], "ann", "eve", 1); return l },
			"audit.jsonl:6: the line was changed: its content does not match its hash"},
		"line replaced": {func(l []string) []string { l[2] = forge(t, l[2]); return l },
			"audit.jsonl:4: the line does not follow the one before it, which was replaced"},
		"last line replaced": {func(l []string) []string { l[5] = forge(t, l[5]); return l },
			"audit.jsonl.head: line 6 is not the one that was written last"},
		"lines exchanged": {func(l []string) []string { l[1], l[2] = l[2], l[1]; return l },
			"audit.jsonl:2: line 2 is missing before this one\naudit.jsonl:3: line 2 is out of order or appears twice; line 4 is expected here"},
		"line repeated": {func(l []string) []string { return append(l[:3:3], l[2:]...) },
			"audit.jsonl:4: line 3 is out of order or appears twice; line 4 is expected here"},
		"line added": {func(l []string) []string { return append(l[:2:2], append([]string{"hello"}, l[2:]...)...) },
			"audit.jsonl:3: this is not a line of an audit trail"},
		"empty line added": {func(l []string) []string { return append(l[:2:2], append([]string{""}, l[2:]...)...) },
			"audit.jsonl:3: this is not a line of an audit trail"},
		"long line added": {func(l []string) []string {
			return append(l[:2:2], append([]string{strings.Repeat("x", 3*maxLine)}, l[2:]...)...)
		},
			"audit.jsonl:3: this is not a line of an audit trail"},
		"line cut": {func(l []string) []string { l[3] = l[3][:40]; return l },
			"audit.jsonl:4: this is not a line of an audit trail\naudit.jsonl:5: line 4 is missing before this one"},
		"space added": {func(l []string) []string { l[3] = strings.Replace(l[3], ":", ": ", 1); return l },
			"audit.jsonl:4: the line was changed: its content does not match its hash"},
		"chain begun again": {func(l []string) []string { return append(l, l...) },
			"audit.jsonl:7: a new chain begins here; the one before it was given up, or its end was removed"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFileTrail(t)
			f.deploys(6)
			f.stop()
			f.wantValid(6)
			lines := c.change(strings.Split(strings.TrimSuffix(f.read(), "\n"), "\n"))
			text := strings.Join(lines, "\n")
			if len(lines) > 0 {
				text += "\n"
			}
			f.write(text)
			if _, got := f.verify(Options{Complete: true}); got != c.want {
				t.Errorf("problems:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// forge returns a line with another account and a hash that matches it.
func forge(t *testing.T, line string) string {
	t.Helper()
	r, _, err := decode([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	r.Account = "eve"
	forged, _ := r.encode(position{r.Seq - 1, r.Prev})
	return strings.TrimSuffix(string(forged), "\n")
}

// TestVerifyEveryByte checks that no byte of a trail can be changed, except in the last line feed.
func TestVerifyEveryByte(t *testing.T) {
	f := newFileTrail(t)
	f.deploys(3)
	f.stop()
	text := f.read()
	for i := range len(text) - 1 {
		changed := []byte(text)
		changed[i] ^= 1
		v := &verifier{options: Options{Complete: true}}
		if err := v.read("trail", bytes.NewReader(changed)); err != nil {
			t.Fatal(err)
		}
		if v.report.Problems == nil {
			t.Errorf("byte %d, %q, was changed without a problem", i, text[i])
		}
	}
}

// TestVerifyStream collects two runs of a server from its standard output.
func TestVerifyStream(t *testing.T) {
	var out bytes.Buffer
	for range 2 {
		trail := newTrail(&streamSink{out: &out}, origin, newFileTrail(t).Trail.log, newClock().now)
		for range 3 {
			if err := trail.Record(httpapi.AuditEvent{Kind: httpapi.AuditDeploy, Outcome: httpapi.AuditOK}); err != nil {
				t.Fatal(err)
			}
		}
		if err := trail.Close(); err != nil {
			t.Fatal(err)
		}
	}
	prefixed := "Nov 29 12:00:00 host another program\n"
	for line := range strings.Lines(out.String()) {
		prefixed += "Nov 29 12:00:00 host tabcell[7]: " + line
	}
	verify := func(text string, o Options) Report {
		v := &verifier{options: o}
		if err := v.read("journal", strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		return v.report
	}
	if r := verify(prefixed, Options{Stream: true}); r.Problems != nil || r.Chains != 2 || r.Lines != 6 {
		t.Errorf("%d chains, %d lines, problems %v", r.Chains, r.Lines, r.Problems)
	}
	if r := verify(out.String(), Options{}); len(r.Problems) != 1 {
		t.Errorf("without the option: problems %v, want one about the second chain", r.Problems)
	}
	lines := strings.SplitAfter(prefixed, "\n")
	if r := verify(strings.Join(append(lines[:2:2], lines[3:]...), ""), Options{Stream: true}); len(r.Problems) != 1 {
		t.Errorf("with a line removed: problems %v, want one", r.Problems)
	}
}

func TestVerifyUnreadable(t *testing.T) {
	if _, err := VerifyFiles([]string{t.TempDir() + "/none"}, Options{}); err == nil {
		t.Error("a missing file was verified")
	}
}

// TestVerifyManyProblems checks that a report stays small.
func TestVerifyManyProblems(t *testing.T) {
	f := newFileTrail(t)
	f.deploys(1)
	f.stop()
	f.write(strings.Repeat(strings.TrimSuffix(f.read(), "\n")+"\n", 300))
	if report, _ := f.verify(Options{}); len(report.Problems) != maxProblems || report.More != 299-maxProblems {
		t.Errorf("%d problems and %d more", len(report.Problems), report.More)
	}
}

func FuzzVerify(f *testing.F) {
	line, at := record{Event: "start"}.encode(origin)
	second, _ := record{Event: recovered, TornBytes: 3, TornSHA256: newTear([]byte("abc")).digest()}.encode(at)
	f.Add(append(append(line, "abc\n"...), second...))
	f.Add([]byte("\n\n{}\n{\"seq\":1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, o := range []Options{{}, {Stream: true}, {Complete: true}} {
			v := &verifier{options: o}
			if err := v.read("fuzz", bytes.NewReader(text)); err != nil {
				t.Fatal(err)
			}
			if v.report.Lines > uint64(bytes.Count(text, []byte("\n"))+1) {
				t.Errorf("%d lines in %q", v.report.Lines, text)
			}
		}
		parseHead(text)
		e := endingOf(text, false)
		if len(e.torn) > len(text) {
			t.Errorf("%d torn bytes in %q", len(e.torn), text)
		}
	})
}

func FuzzLine(f *testing.F) {
	f.Add("ann", "m\nx", "why \xff", uint64(3))
	f.Fuzz(func(t *testing.T, account, endpoint, reason string, seq uint64) {
		if seq == 0 || seq+1 == 0 {
			return
		}
		e := httpapi.AuditEvent{Kind: httpapi.AuditDeploy, Account: account, Endpoint: endpoint, Reason: reason}
		want := newRecord(e, newClock().now())
		line, at := want.encode(position{seq - 1, origin.hash})
		want.Seq, want.Prev = seq, origin.hash
		if len(line) > maxLine || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("a line of %d bytes: %q", len(line), line)
		}
		if got, hash, err := decode(line); err != nil || got != want || hash != at.hash {
			t.Errorf("decode(%q) = %+v, %s, %v", line, got, hash, err)
		}
	})
}

func TestRotatedNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.jsonl", "a.jsonl.head", "a.jsonl.000000000012", "a.jsonl.1", "a.jsonl.000000000001", "b.jsonl.000000000001"} {
		if err := os.WriteFile(dir+"/"+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := Rotated(dir + "/a.jsonl")
	if len(got) != 2 || !strings.HasSuffix(got[0], "01") || !strings.HasSuffix(got[1], "12") {
		t.Errorf("Rotated returns %q", got)
	}
}
