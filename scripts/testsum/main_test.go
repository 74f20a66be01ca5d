package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	const pass = `{"Action":"run","Package":"a","Test":"T"}
{"Action":"output","Package":"a","Test":"T","Output":"noise\n"}
{"Action":"pass","Package":"a","Test":"T"}
{"Action":"pass","Package":"a","Elapsed":1.25}
`
	tests := map[string]struct {
		in   string
		code int
		want []string
		not  string
	}{
		"all passed": {pass, 0, []string{"ok       a (1.2s)\n", "\n1 passed, 0 failed, 0 skipped\n"}, "noise"},
		"one failed": {
			pass + `{"Action":"output","Package":"b","Test":"U/x","Output":"    u_test.go:3: wrong\n"}
{"Action":"fail","Package":"b","Test":"U/x"}
{"Action":"fail","Package":"b"}
`, 1,
			[]string{"--- b U/x\n    u_test.go:3: wrong\n", "FAIL     b", "\n1 passed, 1 failed, 0 skipped\n"},
			"",
		},
		"skipped with a reason": {
			pass + `{"Action":"output","Package":"b","Test":"U","Output":"=== RUN   U\n"}
{"Action":"output","Package":"b","Test":"U","Output":"    u_test.go:3: no browser\n"}
{"Action":"output","Package":"b","Test":"U","Output":"--- SKIP: U (0.00s)\n"}
{"Action":"skip","Package":"b","Test":"U"}
{"Action":"pass","Package":"b"}
{"Action":"skip","Package":"c"}
`, 0,
			[]string{"skipped b U: u_test.go:3: no browser\n1 passed, 0 failed, 1 skipped\n", "no tests c"},
			"=== RUN",
		},
		"does not compile": {
			pass + `{"ImportPath":"b [b.test]","Action":"build-output","Output":"b.go:1:1: expected 'package'\n"}
{"ImportPath":"b [b.test]","Action":"build-fail"}
{"Action":"fail","Package":"b","FailedBuild":"b [b.test]"}
`, 1,
			[]string{"expected 'package'", "1 passed, 1 failed, 0 skipped"},
			"",
		},
		"the process dies amid a test": {
			`{"Action":"output","Package":"b","Test":"U","Output":"panic: oh\n"}
{"Action":"fail","Package":"b"}
`, 1,
			[]string{"--- b U\npanic: oh\n", "0 passed, 1 failed, 0 skipped"},
			"",
		},
		"no test at all":  {"", 1, []string{"0 passed, 0 failed, 0 skipped"}, ""},
		"what is no JSON": {pass + "go: a warning\n", 0, []string{"go: a warning\n1 passed"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			assert.Equal(t, tt.code, summarize(strings.NewReader(tt.in), &out))
			for _, want := range tt.want {
				assert.Contains(t, out.String(), want)
			}
			if tt.not != "" {
				assert.NotContains(t, out.String(), tt.not)
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			assert.Regexp(t, `^\d+ passed, \d+ failed, \d+ skipped$`, lines[len(lines)-1])
		})
	}
}

func TestOutputThatBreaksOffIsAFailure(t *testing.T) {
	t.Parallel()
	in := io.MultiReader(strings.NewReader(`{"Action":"pass","Package":"a","Test":"T"}`+"\n"), iotest.ErrReader(errors.New("cut")))
	var out strings.Builder
	assert.Equal(t, 1, summarize(in, &out))
	assert.Contains(t, out.String(), "1 passed, 1 failed, 0 skipped\n")
}
